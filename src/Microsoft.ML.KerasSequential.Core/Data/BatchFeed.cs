using Microsoft.ML.KerasSequential.Initializers;

namespace Microsoft.ML.KerasSequential.Data;

/// <summary>Batches one after the other, from a sequence or an enumeration, made on the caller's thread or ahead on others.</summary>
internal abstract class BatchFeed(int maxQueueSize, int workers) : IDisposable
{
    BatchQueue? _queue;
    long _taken;

    /// <summary>The batches of one pass, or null if that is not known.</summary>
    public abstract int? Count { get; }

    /// <summary>The next batch.</summary>
    /// <exception cref="ArgumentException">There are no more.</exception>
    public Batch Next(CancellationToken token)
    {
        EndPass();
        // Only now, so that nothing is made for an epoch that does not come.
        _queue?.Allow(Limit);
        Batch? batch;
        if (workers == 0)
        {
            batch = Make(_taken);
        }
        else
        {
            _queue ??= new BatchQueue(Make, MustBeInOrder, workers, maxQueueSize, Limit);
            batch = _queue.Take(token);
        }
        _taken++;
        return batch ?? throw new ArgumentException(
            $"The data ran out after {_taken - 1} batches. Make sure that they can give as many as steps_per_epoch times epochs (or steps) ask for.");
    }

    /// <summary>What was taken is used: if it was a whole pass, its end is told.</summary>
    public void EndPass()
    {
        if (Count is not int count || _taken == 0 || _taken % count != 0 || _ended == _taken) return;
        _ended = _taken;
        Renew();
    }

    public void Dispose()
    {
        _queue?.Dispose();
        Close();
    }

    long _ended;

    long Limit => Count is int count ? _ended + count : long.MaxValue;

    protected abstract bool MustBeInOrder { get; }

    protected abstract Batch? Make(long number);

    protected virtual void Renew()
    {
    }

    protected virtual void Close()
    {
    }
}

/// <summary>The batches of a sequence, perhaps shuffled anew for each pass.</summary>
internal sealed class SequenceFeed : BatchFeed
{
    readonly BatchSequence _sequence;
    readonly Func<RandomSource>? _shuffle;
    readonly int[] _order;

    public SequenceFeed(BatchSequence sequence, Func<RandomSource>? shuffle, int maxQueueSize, int workers) : base(maxQueueSize, workers)
    {
        if (sequence.Count < 1) throw new ArgumentException($"The sequence has {sequence.Count} batches; at least one is needed.");
        (_sequence, _shuffle) = (sequence, shuffle);
        _order = [.. Enumerable.Range(0, sequence.Count)];
        _shuffle?.Invoke().Shuffle(_order);
    }

    public override int? Count => _order.Length;

    protected override bool MustBeInOrder => false;

    protected override Batch? Make(long number)
    {
        int index = _order[number % _order.Length];
        return _sequence[index] ?? throw new ArgumentException($"The sequence gave null as batch {index}.");
    }

    protected override void Renew()
    {
        _sequence.OnEpochEnd();
        _shuffle?.Invoke().Shuffle(_order);
    }
}

/// <summary>The batches of an enumeration. A collection begins again at its end; anything else ends there.</summary>
internal sealed class EnumerableFeed(IEnumerable<Batch> batches, int maxQueueSize, int workers) : BatchFeed(maxQueueSize, workers)
{
    IEnumerator<Batch>? _enumerator;

    public override int? Count => batches.TryGetNonEnumeratedCount(out int count) && count > 0 ? count : null;

    protected override bool MustBeInOrder => true;

    protected override Batch? Make(long number)
    {
        _enumerator ??= batches.GetEnumerator();
        if (!_enumerator.MoveNext())
        {
            if (Count is null) return null;
            _enumerator.Dispose();
            _enumerator = batches.GetEnumerator();
            if (!_enumerator.MoveNext()) return null;
        }
        return _enumerator.Current ?? throw new ArgumentException($"The data gave null as batch {number}.");
    }

    protected override void Close() => _enumerator?.Dispose();
}
