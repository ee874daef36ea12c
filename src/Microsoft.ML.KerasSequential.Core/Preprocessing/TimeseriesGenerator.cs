using Microsoft.ML.KerasSequential.Initializers;

namespace Microsoft.ML.KerasSequential.Preprocessing;

/// <summary>
/// Batches of windows over a series, each with the target that follows it (Keras <c>keras.preprocessing.sequence.TimeseriesGenerator</c>).
/// </summary>
public sealed partial class TimeseriesGenerator : BatchSequence
{
    readonly int _first;
    readonly RandomSource _random = new(Graphs.GlobalRandom.NextSeed());
    readonly Lock _gate = new();

    /// <summary>Makes the batches' sequence.</summary>
    /// <param name="data">The series, a row for each time.</param>
    /// <param name="targets">The targets, as many rows.</param>
    /// <param name="length">How far a window reaches back.</param>
    /// <param name="samplingRate">How far the rows of a window lie apart.</param>
    /// <param name="stride">How far the windows lie apart.</param>
    /// <param name="startIndex">The first row that windows use.</param>
    /// <param name="endIndex">The last row that windows use; the last one of all by default.</param>
    /// <param name="shuffle">Whether the windows of a batch are drawn at random.</param>
    /// <param name="reverse">Whether the rows of a window come in reverse order.</param>
    /// <param name="batchSize">The windows of a batch; the last batch may have fewer.</param>
    /// <exception cref="ArgumentException">The numbers of rows differ, a number is out of range, or there is no window.</exception>
    public TimeseriesGenerator(NDArray data, NDArray targets, int length, int samplingRate = 1, int stride = 1, int startIndex = 0, int? endIndex = null, bool shuffle = false, bool reverse = false, int batchSize = 128)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(targets);
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(samplingRate, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(stride, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(startIndex);
        if (data.Rank == 0 || targets.Rank == 0 || data.Rows != targets.Rows)
            throw new ArgumentException($"Data and targets have to be of same length. Data: {Shape.Format(data.Shape)}, targets: {Shape.Format(targets.Shape)}.", nameof(targets));
        int last = endIndex ?? data.Rows - 1;
        if (last >= data.Rows) throw new ArgumentOutOfRangeException(nameof(endIndex), $"The end index must be below {data.Rows}; given {endIndex}.");
        if ((long)startIndex + length > last)
            throw new ArgumentException($"`start_index+length={(long)startIndex + length} > end_index={last}` is disallowed, as no part of the sequence would be left to be used as current step.", nameof(length));
        (Data, Targets, Length, SamplingRate, Stride) = (data, targets, length, samplingRate, stride);
        (StartIndex, EndIndex, Shuffle, Reverse, BatchSize) = (startIndex, last, shuffle, reverse, batchSize);
        _first = startIndex + length;
        // Windows that are drawn may come again, so a batch has as many as it was asked for.
        if (shuffle) _ = Graphs.Counts.Values([batchSize, Steps, .. data.Shape[1..]], nameof(batchSize));
    }

    /// <summary>The series.</summary>
    public NDArray Data { get; }

    /// <summary>The targets.</summary>
    public NDArray Targets { get; }

    /// <summary>How far a window reaches back.</summary>
    public int Length { get; }

    /// <summary>How far the rows of a window lie apart.</summary>
    public int SamplingRate { get; }

    /// <summary>How far the windows lie apart.</summary>
    public int Stride { get; }

    /// <summary>The first row that windows use, as it was given. Keras' attribute is the first target's row: more by the length.</summary>
    public int StartIndex { get; }

    /// <summary>The last row that windows use.</summary>
    public int EndIndex { get; }

    /// <summary>Whether the windows of a batch are drawn at random.</summary>
    public bool Shuffle { get; }

    /// <summary>Whether the rows of a window come in reverse order.</summary>
    public bool Reverse { get; }

    /// <summary>The windows of a batch; the last batch may have fewer.</summary>
    public int BatchSize { get; }

    /// <inheritdoc/>
    public override int Count => (int)((EndIndex - _first + (long)BatchSize * Stride) / ((long)BatchSize * Stride));

    /// <inheritdoc/>
    public override Batch this[int index]
    {
        get
        {
            if (index < 0 || index >= Count) throw new ArgumentOutOfRangeException(nameof(index), $"There are {Count} batches; given {index}.");
            int[] rows = Rows(index);
            int steps = Steps, size = Data.RowSize, targetSize = Targets.RowSize;
            var x = new NDArray([rows.Length, steps, .. Data.Shape[1..]]);
            var y = new NDArray([rows.Length, .. Targets.Shape[1..]]);
            for (int i = 0; i < rows.Length; i++)
            {
                for (int k = 0; k < steps; k++)
                {
                    int from = rows[i] - Length + k * SamplingRate, to = Reverse ? steps - 1 - k : k;
                    Data.Span.Slice(from * size, size).CopyTo(x.Span[((i * steps + to) * size)..]);
                }
                Targets.Span.Slice(rows[i] * targetSize, targetSize).CopyTo(y.Span[(i * targetSize)..]);
            }
            return (x, y);
        }
    }

    /// <summary>The rows of a window.</summary>
    int Steps => Graphs.Counts.Batches(Length, SamplingRate);

    /// <summary>The rows of a batch's targets.</summary>
    int[] Rows(int index)
    {
        if (Shuffle)
        {
            lock (_gate) return [.. Enumerable.Range(0, BatchSize).Select(_ => _first + _random.Below(EndIndex - _first + 1))];
        }
        long start = _first + (long)BatchSize * Stride * index, end = Math.Min(start + (long)BatchSize * Stride, EndIndex + 1);
        var rows = new List<int>();
        for (long row = start; row < end; row += Stride) rows.Add((int)row);
        return [.. rows];
    }
}
