using Microsoft.ML.KerasSequential.Initializers;

namespace Microsoft.ML.KerasSequential.Preprocessing;

/// <summary>
/// Batches of windows over a series, each with the target that follows it (Keras
/// <c>keras.preprocessing.sequence.TimeseriesGenerator</c>).
/// </summary>
public sealed partial class TimeseriesGenerator : BatchSequence
{
    readonly int _first;
    readonly RandomSource _random = new(Graphs.GlobalRandom.NextSeed());
    readonly Lock _gate = new();

    /// <summary>Creates the generator.</summary>
    /// <param name="data">The series, one row per time step.</param>
    /// <param name="targets">The targets, with the same number of rows.</param>
    /// <param name="length">The length of a window in rows of the series.</param>
    /// <param name="samplingRate">The distance between the rows of a window.</param>
    /// <param name="stride">The distance between windows.</param>
    /// <param name="startIndex">The first row that windows use.</param>
    /// <param name="endIndex">The last row that windows use; by default, the last row of the series.</param>
    /// <param name="shuffle">Whether the windows of a batch are chosen at random.</param>
    /// <param name="reverse">Whether the rows of a window are in reverse order.</param>
    /// <param name="batchSize">The batch size; the last batch may be smaller.</param>
    /// <exception cref="ArgumentException">The numbers of rows differ, a number is out of range, or there is no
    /// window.</exception>
    public TimeseriesGenerator(NDArray data, NDArray targets, int length, int samplingRate = 1, int stride = 1,
        int startIndex = 0, int? endIndex = null, bool shuffle = false, bool reverse = false, int batchSize = 128)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(targets);
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(samplingRate, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(stride, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(startIndex);
        if (data.Rank == 0 || targets.Rank == 0 || data.Rows != targets.Rows)
            throw new ArgumentException(
                $"Data and targets have to be of same length. Data: {Shape.Format(data.Shape)}, targets: "
                + $"{Shape.Format(targets.Shape)}.", nameof(targets));
        int last = endIndex ?? data.Rows - 1;
        if (last >= data.Rows)
            throw new ArgumentOutOfRangeException(nameof(endIndex),
                $"The end index must be below {data.Rows}; given {endIndex}.");
        if ((long)startIndex + length > last)
            throw new ArgumentException(
                $"`start_index+length={(long)startIndex + length} > end_index={last}` is disallowed, "
                + "as no part of the sequence would be left to be used as current step.", nameof(length));
        (Data, Targets, Length, SamplingRate, Stride) = (data, targets, length, samplingRate, stride);
        (StartIndex, EndIndex, Shuffle, Reverse, BatchSize) = (startIndex, last, shuffle, reverse, batchSize);
        _first = startIndex + length;
        // Random windows may repeat, so a batch always has the full size.
        if (shuffle) _ = Graphs.Counts.Values([batchSize, Steps, .. data.Shape[1..]], nameof(batchSize));
    }

    /// <summary>The series.</summary>
    public NDArray Data { get; }

    /// <summary>The targets.</summary>
    public NDArray Targets { get; }

    /// <summary>The length of a window in rows of the series.</summary>
    public int Length { get; }

    /// <summary>The distance between the rows of a window.</summary>
    public int SamplingRate { get; }

    /// <summary>The distance between windows.</summary>
    public int Stride { get; }

    /// <summary>The first row that windows use, as given. Keras' attribute is the first target's row, which is larger
    /// by the length.</summary>
    public int StartIndex { get; }

    /// <summary>The last row that windows use.</summary>
    public int EndIndex { get; }

    /// <summary>Whether the windows of a batch are chosen at random.</summary>
    public bool Shuffle { get; }

    /// <summary>Whether the rows of a window are in reverse order.</summary>
    public bool Reverse { get; }

    /// <summary>The batch size; the last batch may be smaller.</summary>
    public int BatchSize { get; }

    /// <inheritdoc/>
    public override int Count => (int)((EndIndex - _first + (long)BatchSize * Stride) / ((long)BatchSize * Stride));

    /// <inheritdoc/>
    public override Batch this[int index]
    {
        get
        {
            if (index < 0 || index >= Count)
                throw new ArgumentOutOfRangeException(nameof(index), $"There are {Count} batches; given {index}.");
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

    /// <summary>The number of rows in a window.</summary>
    int Steps => Graphs.Counts.Batches(Length, SamplingRate);

    /// <summary>The rows of a batch's targets.</summary>
    int[] Rows(int index)
    {
        if (Shuffle)
        {
            lock (_gate)
                return [.. Enumerable.Range(0, BatchSize).Select(_ => _first + _random.Below(EndIndex - _first + 1))];
        }
        long start = _first + (long)BatchSize * Stride * index,
            end = Math.Min(start + (long)BatchSize * Stride, EndIndex + 1);
        var rows = new List<int>();
        for (long row = start; row < end; row += Stride) rows.Add((int)row);
        return [.. rows];
    }
}
