using Microsoft.ML.KerasSequential.Utils;

namespace Microsoft.ML.KerasSequential.Hdf5;

/// <summary>Batches of rows from a file, with their targets.</summary>
internal sealed class RowBatches : BatchSequence
{
    readonly HDF5Matrix _x;
    readonly (int Count, Func<int, int, NDArray> Rows)? _y;
    readonly int _batchSize, _first, _rows;

    /// <param name="x">The inputs.</param>
    /// <param name="y">The targets: their number, and a function that reads a range.</param>
    /// <param name="batchSize">The batch size.</param>
    /// <param name="first">The first row.</param>
    /// <param name="rows">The number of rows.</param>
    public RowBatches(HDF5Matrix x, (int Count, Func<int, int, NDArray> Rows)? y, int batchSize, int first, int rows)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        if (y is { } targets && targets.Count != x.Count)
            throw new ArgumentException($"There are {x.Count} rows of inputs, but {targets.Count} targets.", nameof(y));
        (_x, _y, _batchSize, _first, _rows) = (x, y, batchSize, first, rows);
    }

    public override int Count => Graphs.Counts.Batches(_rows, _batchSize);

    public override Batch this[int index]
    {
        get
        {
            if (index < 0 || index >= Count)
                throw new ArgumentOutOfRangeException(nameof(index), $"There are {Count} batches; given {index}.");
            int start = index * _batchSize, rows = Math.Min(_batchSize, _rows - start);
            return new(_x.Rows(_first + start, rows), _y?.Rows(_first + start, rows));
        }
    }

    /// <summary>Targets in memory.</summary>
    public static (int Count, Func<int, int, NDArray> Rows) Of(NDArray y)
    {
        if (y.Rank == 0) throw new ArgumentException("Targets must be an array, not a single number.", nameof(y));
        return (y.Shape[0], y.Slice);
    }

    /// <summary>Targets in a file.</summary>
    public static (int Count, Func<int, int, NDArray> Rows) Of(HDF5Matrix y)
    {
        ArgumentNullException.ThrowIfNull(y);
        return (y.Count, y.Rows);
    }
}
