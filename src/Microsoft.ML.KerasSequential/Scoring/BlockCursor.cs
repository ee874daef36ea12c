using Microsoft.ML.Data;

namespace Microsoft.ML.KerasSequential.Scoring;

/// <summary>
/// A cursor over rows with their scores. A block of rows is read ahead and passes through the network as one batch; the
/// other requested columns are kept for the block, because the input has moved on. The first blocks are small, so that
/// the first rows arrive quickly.
/// </summary>
internal sealed class BlockCursor : DataViewRowCursor
{
    const int FirstBlock = 16, Growth = 4;

    readonly DataViewRowCursor _input;
    readonly Scorer _scorer;
    readonly FeatureBlock _features;
    readonly Dictionary<int, KeptColumn> _kept = [];
    readonly bool[] _active;
    readonly ValueGetter<DataViewRowId> _id;
    readonly BlockScores _scores;
    DataViewRowId[] _ids = [];
    long[] _batches = [];
    int _size, _count, _next;
    bool _ended;

    public BlockCursor(DataViewRowCursor input, Scorer scorer, DataViewSchema.Column[] needed)
    {
        (_input, _scorer, _scores) = (input, scorer, new(this));
        _features = scorer.Open(input);
        _active = new bool[scorer.OutputSchema.Count];
        _id = input.GetIdGetter();
        foreach (DataViewSchema.Column column in needed)
        {
            _active[column.Index] = true;
            if (!scorer.IsScore(column.Index))
                _kept.TryAdd(column.Index, KeptColumn.Of(input, scorer.InputSchema[column.Index], () => InBlock));
        }
    }

    /// <inheritdoc/>
    public override DataViewSchema Schema => _scorer.OutputSchema;

    /// <inheritdoc/>
    public override long Position => _position;

    long _position = -1;

    /// <inheritdoc/>
    public override long Batch => _position < 0 ? 0 : _batches[InBlock];

    /// <inheritdoc/>
    public override bool MoveNext()
    {
        if (_next == _count && !ReadBlock())
        {
            _position = -1;
            return false;
        }
        _next++;
        _position = _read - _count + _next - 1;
        return true;
    }

    long _read;

    /// <inheritdoc/>
    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = _ids[InBlock];

    /// <inheritdoc/>
    public override bool IsColumnActive(DataViewSchema.Column column) => _active[column.Index];

    /// <inheritdoc/>
    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!IsColumnActive(column)) throw Inactive(column);
        Delegate getter = _scorer.IsScore(column.Index) ? _scorer.Getter(column, _scores) : _kept[column.Index].Getter;
        return getter as ValueGetter<TValue> ?? throw WrongType(column, typeof(TValue));
    }

    public static InvalidOperationException Inactive(DataViewSchema.Column column) =>
        new($"The column \"{column.Name}\" was not requested when the cursor was created.");

    public static InvalidOperationException WrongType(DataViewSchema.Column column, Type type) =>
        new($"The column \"{column.Name}\" contains {column.Type.RawType}; a getter for {type} was requested.");

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _input.Dispose();
        base.Dispose(disposing);
    }

    int InBlock => _position >= 0 ? _next - 1
        : throw new InvalidOperationException(
            "The cursor is not on a row: MoveNext was not called, or returned false.");

    bool ReadBlock()
    {
        if (_ended) return false;
        Grow();
        (_count, _next) = (0, 0);
        while (_count < _size && _input.MoveNext())
        {
            _features.Read(_count);
            foreach (KeptColumn column in _kept.Values) column.Keep(_count);
            _id(ref _ids[_count]);
            _batches[_count] = _input.Batch;
            _count++;
        }
        _read += _count;
        _ended = _count < _size;
        if (_count > 0) _scores.Set(_scorer.Predict(_features.Batch(_count)));
        return _count > 0;
    }

    void Grow()
    {
        int size = _size == 0 ? Math.Min(FirstBlock, _scorer.BlockRows) : Math.Min(_size * Growth, _scorer.BlockRows);
        if (size == _size) return;
        _size = size;
        (_ids, _batches) = (new DataViewRowId[size], new long[size]);
        _features.Grow(size);
        foreach (KeptColumn column in _kept.Values) column.Grow(size);
    }

    /// <summary>The scores of the block's rows.</summary>
    sealed class BlockScores(BlockCursor cursor) : CurrentScores
    {
        float[] _scores = [];
        int _rowSize;

        public override ReadOnlySpan<float> Current => _scores.AsSpan(cursor.InBlock * _rowSize, _rowSize);

        public void Set(NDArray scores) => (_scores, _rowSize) = (scores.Data, scores.RowSize);
    }
}
