using Microsoft.ML.Data;
namespace Microsoft.ML.KerasSequential.Scoring;

/// <summary>A cursor over the input if no scores are requested.</summary>
internal sealed class PassingCursor(DataViewRowCursor input, Scorer scorer, DataViewSchema.Column[] needed)
    : DataViewRowCursor
{
    /// <inheritdoc/>
    public override DataViewSchema Schema => scorer.OutputSchema;

    /// <inheritdoc/>
    public override long Position => input.Position;

    /// <inheritdoc/>
    public override long Batch => input.Batch;

    /// <inheritdoc/>
    public override bool MoveNext() => input.MoveNext();

    /// <inheritdoc/>
    public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

    /// <inheritdoc/>
    public override bool IsColumnActive(DataViewSchema.Column column) => needed.Any(c => c.Index == column.Index);

    /// <inheritdoc/>
    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
        IsColumnActive(column) ? input.GetGetter<TValue>(scorer.InputSchema[column.Index])
        : throw BlockCursor.Inactive(column);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) input.Dispose();
        base.Dispose(disposing);
    }
}
