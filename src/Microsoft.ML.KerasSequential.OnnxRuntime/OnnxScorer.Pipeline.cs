using Microsoft.ML.Data;
using Microsoft.ML.KerasSequential.Interop;
using Microsoft.ML.KerasSequential.Reading;
using Microsoft.ML.KerasSequential.Scoring;
using Microsoft.ML.KerasSequential.Tasks;

namespace Microsoft.ML.KerasSequential;

// The scorer as a transformer.
public sealed partial class OnnxScorer : ITransformer, IScoreSource
{
    /// <inheritdoc/>
    public bool IsRowToRowMapper => true;

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing, or does not match the
    /// model.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => Bind(inputSchema).OutputSchema;

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing, or does not match the
    /// model.</exception>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => new ScoreMapper(Bind(inputSchema));

    /// <summary>Adds the model's output as a vector column; lazily, one block of rows at a time, on as many threads as
    /// there are cursors.</summary>
    /// <param name="input">Rows with the column <see cref="OnnxScorerOptions.InputColumnName"/>.</param>
    /// <returns>The rows with <see cref="OnnxScorerOptions.OutputColumnName"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing, or does not match the
    /// model.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new ScoredView(input, Bind(input.Schema), this);
    }

    void ICanSaveModel.Save(ModelSaveContext ctx) => ScorerStore.Save(ctx, _options, _file());

    int[] IScoreSource.OutputShape(int[] sample) => Scorer.OutputShape(OutputShape, sample, x => Predict(x));

    NDArray IScoreSource.Predict(NDArray x) => Predict(x);

    Scorer Bind(DataViewSchema input)
    {
        ArgumentNullException.ThrowIfNull(input);
        ObjectDisposedException.ThrowIf(_disposed, this);
        MLNet.Require();
        FeatureColumns.Find(input, [_options.InputColumnName], [.. InputShape.Skip(1)], out int[] sample);
        return new(this,
            new(new RawTask(), [_options.InputColumnName], sample, null, null, _options.OutputColumnName, false),
            input);
    }
}
