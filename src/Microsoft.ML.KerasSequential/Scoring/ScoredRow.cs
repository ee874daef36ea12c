using Microsoft.ML.Data;

namespace Microsoft.ML.KerasSequential.Scoring;

/// <summary>A row with its scores, computed when one is requested and the input has changed; used by prediction
/// engines.</summary>
internal sealed class ScoredRow : DataViewRow
{
    readonly DataViewRow _input;
    readonly Scorer _scorer;
    readonly bool[] _active;
    readonly RowScores? _scores;

    public ScoredRow(DataViewRow input, Scorer scorer, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        (_input, _scorer, _active) = (input, scorer, new bool[scorer.OutputSchema.Count]);
        foreach (DataViewSchema.Column column in activeColumns) _active[column.Index] = true;
        if (_active.AsSpan(scorer.InputSchema.Count).Contains(true)) _scores = new(input, scorer);
    }

    /// <inheritdoc/>
    public override DataViewSchema Schema => _scorer.OutputSchema;

    /// <inheritdoc/>
    public override long Position => _input.Position;

    /// <inheritdoc/>
    public override long Batch => _input.Batch;

    /// <inheritdoc/>
    public override ValueGetter<DataViewRowId> GetIdGetter() => _input.GetIdGetter();

    /// <inheritdoc/>
    public override bool IsColumnActive(DataViewSchema.Column column) => _active[column.Index];

    /// <inheritdoc/>
    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!IsColumnActive(column)) throw BlockCursor.Inactive(column);
        if (!_scorer.IsScore(column.Index)) return _input.GetGetter<TValue>(_scorer.InputSchema[column.Index]);
        return _scorer.Getter(column, _scores!) as ValueGetter<TValue>
            ?? throw BlockCursor.WrongType(column, typeof(TValue));
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _input.Dispose();
        base.Dispose(disposing);
    }

    sealed class RowScores(DataViewRow input, Scorer scorer) : CurrentScores
    {
        readonly FeatureBlock _features = OneRow(scorer.Open(input));
        long _position = -1;
        float[] _scores = [];

        public override ReadOnlySpan<float> Current
        {
            get
            {
                if (_position != input.Position || _position < 0)
                {
                    _features.Read(0);
                    _scores = scorer.Predict(_features.Batch(1)).Data;
                    _position = input.Position;
                }
                return _scores;
            }
        }

        static FeatureBlock OneRow(FeatureBlock block)
        {
            block.Grow(1);
            return block;
        }
    }
}
