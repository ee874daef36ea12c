using System.Collections;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Initializers;

namespace Microsoft.ML.KerasSequential.Reading;

/// <summary>
/// The rows of a source in batches, read again in each pass, block by block: while the batches of one block are used,
/// the next is read. Rows are shuffled within a block.
/// </summary>
internal sealed class StreamedBatches : IReadOnlyCollection<Batch>
{
    readonly RowSource _source;
    readonly int[] _sample;
    readonly long _from, _rows;
    readonly int _batchSize, _blockRows;
    readonly Shuffle _shuffle;
    readonly ulong _seed;
    readonly CancellationToken _token;
    readonly int _alive;
    int _passes;

    /// <param name="source">The rows.</param>
    /// <param name="sample">The shape of a sample.</param>
    /// <param name="from">The first row.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="batchSize">The batch size.</param>
    /// <param name="maxBytes">The maximum memory of two blocks in bytes.</param>
    /// <param name="shuffle">How rows are shuffled.</param>
    /// <param name="seed">The seed for the order of the rows.</param>
    /// <param name="queue">The number of batches to prefetch. Later batches reuse the memory of earlier ones: it is
    /// large, and would otherwise survive until a full garbage collection.</param>
    /// <param name="token">Cancels reading.</param>
    public StreamedBatches(RowSource source, int[] sample, long from, long rows, int batchSize, long maxBytes,
        Shuffle shuffle, long seed, int queue, CancellationToken token)
    {
        // A batch cannot be larger than the data.
        batchSize = (int)Math.Max(1, Math.Min(batchSize, rows));
        _ = Counts.Values([batchSize, Math.Max(source.FeatureSize, source.Target.Size)], nameof(batchSize));
        (_source, _sample, _from, _rows, _batchSize, _shuffle, _seed, _token) = (source, sample, from, rows, batchSize,
            shuffle, (ulong)seed, token);
        // Those in the queue, the one being used, and the one being made.
        _alive = (int)Math.Min(queue, Counts.Batches(rows, batchSize)) + 2;
        long limit = Math.Min(maxBytes / 2 / source.RowBytes,
            Array.MaxLength / Math.Max(1, Math.Max(source.FeatureSize, source.Target.Size)));
        _blockRows = batchSize * (int)Math.Max(1, Math.Min(limit, rows) / batchSize);
    }

    public int Count => Counts.Fits(Counts.Batches(_rows, _batchSize), $"The batches of {_batchSize} of {_rows} rows");

    public IEnumerator<Batch> GetEnumerator()
    {
        var random = new RandomSource(_seed + (ulong)Interlocked.Increment(ref _passes));
        using RowSource.RowReader reader = _source.Open();
        Block current = new(_source, _blockRows), next = new(_source, _blockRows);
        var ring = new Batch?[_alive];
        int made = 0;
        for (long skipped = 0; skipped < _from; skipped++)
        {
            if (!reader.Next(current.Row(0), current.Target(0), out _)) yield break;
            if (skipped % 1024 == 0) _token.ThrowIfCancellationRequested();
        }
        long left = _rows;
        bool stopped = false;
        Fill(current);
        while (current.Count > 0)
        {
            Task reading = Task.Run(() => Fill(next));
            bool isUsedUp = false;
            try
            {
                int[] order = Order(current.Count, random);
                for (int start = 0; start < order.Length; start += _batchSize)
                    yield return Gather(order.AsSpan(start, Math.Min(_batchSize, order.Length - start)));
                isUsedUp = true;
            }
            finally
            {
                // The reader must be idle before it is closed, even if no more batches are requested.
                if (!isUsedUp) Volatile.Write(ref stopped, true);
                ((IAsyncResult)reading).AsyncWaitHandle.WaitOne();
            }
            reading.GetAwaiter().GetResult();
            (current, next) = (next, current);
        }

        Batch Gather(ReadOnlySpan<int> rows)
        {
            ref Batch? place = ref ring[made++ % _alive];
            if (place is null || place.X.Shape[0] != rows.Length) place = _source.NewBatch(rows.Length, _sample);
            current.Gather(rows, place);
            return place;
        }

        void Fill(Block block)
        {
            block.Count = 0;
            while (block.Count < _blockRows && left > 0)
            {
                if (block.Count % 1024 == 0) _token.ThrowIfCancellationRequested();
                if (Volatile.Read(ref stopped)) return;
                if (!reader.Next(block.Row(block.Count), block.Target(block.Count), out block.Weights[block.Count]))
                    left = 1;
                else block.Count++;
                left--;
            }
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    int[] Order(int count, RandomSource random)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        _shuffle.Reorder(order, _batchSize, () => random);
        return order;
    }

    /// <summary>Rows in memory.</summary>
    sealed class Block(RowSource source, int rows)
    {
        readonly float[] _x = GC.AllocateUninitializedArray<float>(rows * source.FeatureSize),
            _y = GC.AllocateUninitializedArray<float>(rows * source.Target.Size);

        public float[] Weights { get; } = new float[rows];

        public int Count { get; set; }

        public Span<float> Row(int row) => _x.AsSpan(row * source.FeatureSize, source.FeatureSize);

        public Span<float> Target(int row) => _y.AsSpan(row * source.Target.Size, source.Target.Size);

        public void Gather(ReadOnlySpan<int> order, Batch batch)
        {
            Span<float> x = batch.X.Span, y = batch.Y!.Span;
            for (int i = 0; i < order.Length; i++)
            {
                Row(order[i]).CopyTo(x[(i * source.FeatureSize)..]);
                Target(order[i]).CopyTo(y[(i * source.Target.Size)..]);
                if (batch.SampleWeight is { } weights) weights.Span[i] = Weights[order[i]];
            }
        }
    }
}
