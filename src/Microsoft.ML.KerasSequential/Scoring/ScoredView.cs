extern alias internals;

using Microsoft.ML.KerasSequential.Onnx;
using InternalContext = internals::Microsoft.ML.Model.OnnxConverter.OnnxContext;
using InternalExporter = internals::Microsoft.ML.Model.OnnxConverter.ITransformCanSaveOnnx;

namespace Microsoft.ML.KerasSequential.Scoring;

/// <summary>A data view with the scores of a network added to its columns. Nothing is computed before a cursor moves.
/// Pipeline exporters find the network through it.</summary>
internal sealed class ScoredView(IDataView source, Scorer scorer, ICanSaveModel transformer) : InternalExporter
{
    /// <summary>The source view.</summary>
    public IDataView Source => source;

    /// <inheritdoc/>
    public DataViewSchema Schema => scorer.OutputSchema;

    /// <inheritdoc/>
    public bool CanShuffle => source.CanShuffle;

    /// <inheritdoc/>
    public long? GetRowCount() => source.GetRowCount();

    /// <inheritdoc/>
    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        DataViewSchema.Column[] needed = [.. columnsNeeded];
        return Over(source.GetRowCursor(scorer.Dependencies(needed), rand), needed);
    }

    /// <inheritdoc/>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n,
        Random? rand = null)
    {
        DataViewSchema.Column[] needed = [.. columnsNeeded];
        return [.. source.GetRowCursorSet(scorer.Dependencies(needed), n, rand).Select(c => Over(c, needed))];
    }

    /// <inheritdoc/>
    public bool CanSaveOnnx(InternalContext ctx) => true;

    /// <inheritdoc/>
    public void SaveAsOnnx(InternalContext ctx)
    {
        if (ctx is not PipelineGraph) WalkBack.Check(source, scorer.Features, ctx);
        scorer.Write(ctx);
    }

    /// <inheritdoc/>
    public void Save(ModelSaveContext ctx) => transformer.Save(ctx);

    DataViewRowCursor Over(DataViewRowCursor cursor, DataViewSchema.Column[] needed) =>
        needed.Any(c => scorer.IsScore(c.Index)) ? new BlockCursor(cursor, scorer, needed)
        : new PassingCursor(cursor, scorer, needed);
}
