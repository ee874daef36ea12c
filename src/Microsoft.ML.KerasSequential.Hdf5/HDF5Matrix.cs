using Microsoft.ML.KerasSequential.Hdf5;
using PureHDF;
using PureHDF.VOL.Native;

namespace Microsoft.ML.KerasSequential.Utils;

/// <summary>
/// A dataset in an HDF5 file used as an array (Keras <c>keras.utils.HDF5Matrix</c>): rows are read from the file on
/// demand, so data can be larger than memory. Pass it to <c>Fit</c>, <c>Evaluate</c> or <c>Predict</c>, which read one
/// batch at a time, or create batches with <see cref="Batches(int, HDF5Matrix)"/>.
/// </summary>
/// <remarks>The file stays open until the object is disposed. Several threads may read.</remarks>
public sealed class HDF5Matrix : IDisposable
{
    readonly Lock _gate = new();
    readonly FileStream _stream;
    readonly NativeFile _file;
    readonly StoredNumbers _data;
    readonly string _source;
    readonly int _start;
    readonly Func<NDArray, NDArray>? _normalizer;
    readonly int[] _shape;
    bool _isDisposed;

    /// <summary>Opens a dataset, or a part of its rows.</summary>
    /// <param name="datapath">The file.</param>
    /// <param name="dataset">The dataset's path in the file, with <c>/</c> between groups.</param>
    /// <param name="start">The first row.</param>
    /// <param name="end">The row after the last one; the end of the dataset by default.</param>
    /// <param name="normalizer">A function applied to the rows whenever rows are read. It must keep their
    /// number.</param>
    /// <exception cref="ArgumentException">The dataset does not exist or is a single number, or the rows are out of
    /// range.</exception>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="InvalidDataException">The file is not an HDF5 file or is damaged, or the dataset does not
    /// contain numbers.</exception>
    public HDF5Matrix(string datapath, string dataset, int start = 0, int? end = null,
        Func<NDArray, NDArray>? normalizer = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(datapath);
        ArgumentException.ThrowIfNullOrEmpty(dataset);
        (_source, _normalizer) = (datapath, normalizer);
        _stream = new(datapath, FileMode.Open, FileAccess.Read, FileShare.Read);
        try
        {
            _file = H5.Guarded(datapath, () => H5File.Open(_stream, leaveOpen: true));
            _data = H5.Guarded(datapath,
                () => _file.LinkExists(dataset) && _file.Get(dataset) is IH5Dataset found
                ? new StoredNumbers(found, dataset)
                : throw new ArgumentException($"{datapath} has no dataset \"{dataset}\".", nameof(dataset)));
            if (_data.Shape.Length == 0)
                throw new ArgumentException(
                    $"The dataset \"{dataset}\" of {datapath} is a single number; expected rows.", nameof(dataset));
            int rows = _data.Shape[0], last = end ?? rows;
            if (start < 0 || start > last)
                throw new ArgumentOutOfRangeException(nameof(start),
                    $"The rows {start} to {last} are not rows of the dataset \"{dataset}\", which has {rows}.");
            if (last > rows)
                throw new ArgumentOutOfRangeException(nameof(end),
                    $"The rows {start} to {last} are not in the dataset \"{dataset}\", which has {rows}.");
            (_start, Count) = (start, last - start);
            // The normalizer's output for a row determines the shape, as in Keras.
            int[] one = Count > 0 ? Rows(0, 1).Shape[1..].ToArray() : _data.Shape[1..];
            _shape = [Count, .. one];
        }
        catch
        {
            _file?.Dispose();
            _stream.Dispose();
            throw;
        }
    }

    /// <summary>The number of rows.</summary>
    public int Count { get; }

    /// <summary>The shape, rows first, after the normalizer.</summary>
    public ReadOnlySpan<int> Shape => _shape;

    /// <summary>Reads one row.</summary>
    /// <param name="index">The row's index; counted from the end with <c>^</c>.</param>
    /// <returns>The row, without the first dimension.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The row does not exist.</exception>
    public NDArray this[Index index]
    {
        get
        {
            int row = index.GetOffset(Count);
            if (row < 0 || row >= Count)
                throw new ArgumentOutOfRangeException(nameof(index), $"There are {Count} rows; given row {row}.");
            return Rows(row, 1).Reshape(_shape[1..]);
        }
    }

    /// <summary>Reads some rows.</summary>
    /// <param name="range">The rows: <c>[10..20]</c>.</param>
    /// <returns>The rows.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The range is out of bounds.</exception>
    public NDArray this[Range range]
    {
        get
        {
            (int first, int count) = range.GetOffsetAndLength(Count);
            return Rows(first, count);
        }
    }

    /// <summary>Reads some rows by index.</summary>
    /// <param name="rows">The indices: <c>[[0, 5, 7]]</c>.</param>
    /// <returns>The rows in this order.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The row does not exist.</exception>
    public NDArray this[IReadOnlyList<int> rows]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(rows);
            foreach (int row in rows)
                if (row < 0 || row >= Count)
                    throw new ArgumentOutOfRangeException(nameof(rows), $"There are {Count} rows; given row {row}.");
            var result = new NDArray([rows.Count, .. _shape[1..]]);
            int size = rows.Count == 0 ? 0 : result.Size / rows.Count;
            for (int i = 0; i < rows.Count; i++) Rows(rows[i], 1).Span.CopyTo(result.Span.Slice(i * size, size));
            return result;
        }
    }

    /// <summary>Creates batches of rows, each read when needed.</summary>
    /// <param name="batchSize">The batch size; the last batch may be smaller.</param>
    /// <param name="y">The targets, or null for inputs only.</param>
    /// <returns>The batches, for <c>Fit</c>, <c>Evaluate</c>, <c>Predict</c> and as validation data.</returns>
    /// <exception cref="ArgumentException">The batch size is below 1, or the number of targets differs.</exception>
    public BatchSequence Batches(int batchSize = 32, HDF5Matrix? y = null) =>
        new RowBatches(this, y is null ? null : RowBatches.Of(y), batchSize, 0, Count);

    /// <summary>Creates batches of rows, each read when needed, with targets in memory.</summary>
    /// <param name="batchSize">The batch size; the last batch may be smaller.</param>
    /// <param name="y">The targets.</param>
    /// <returns>The batches, for <c>Fit</c>, <c>Evaluate</c>, <c>Predict</c> and as validation data.</returns>
    /// <exception cref="ArgumentException">The batch size is below 1, or the number of targets differs.</exception>
    public BatchSequence Batches(int batchSize, NDArray y)
    {
        ArgumentNullException.ThrowIfNull(y);
        return new RowBatches(this, RowBatches.Of(y), batchSize, 0, Count);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed) return;
            _isDisposed = true;
            _file.Dispose();
            _stream.Dispose();
        }
    }

    /// <summary>Reads and normalizes rows.</summary>
    internal NDArray Rows(int first, int count)
    {
        var rows = new NDArray([count, .. _data.Shape[1..]]);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            H5.Guarded(_source, () =>
            {
                _data.CopyTo(rows.Span, _start + first, count);
                return true;
            });
        }
        if (_normalizer is null) return rows;
        NDArray result = _normalizer(rows)
            ?? throw new InvalidOperationException($"The normalizer of {_source} returned null.");
        if (result.Rank == 0 || result.Shape[0] != count)
            throw new InvalidOperationException($"The normalizer of {_source} returned an array of shape "
                + $"{KerasSequential.Shape.Format(result.Shape)} for {count} rows.");
        return result;
    }
}
