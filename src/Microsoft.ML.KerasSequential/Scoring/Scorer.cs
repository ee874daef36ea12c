extern alias internals;

using Microsoft.ML.KerasSequential.Reading;
using InternalContext = internals::Microsoft.ML.Model.OnnxConverter.OnnxContext;

namespace Microsoft.ML.KerasSequential.Scoring;

/// <summary>A network with its columns, bound to the schema of an input.</summary>
internal sealed class Scorer
{
    readonly IScoreSource _source;
    readonly ScorerState _state;
    readonly FeatureColumns _features;
    readonly IReadOnlyList<ScoreColumn> _columns;

    /// <exception cref="ArgumentOutOfRangeException">The input lacks a feature column, or it has another
    /// type.</exception>
    public Scorer(IScoreSource source, ScorerState state, DataViewSchema input)
    {
        (_source, _state, InputSchema) = (source, state, input);
        _features = FeatureColumns.Find(input, state.FeatureColumnNames, state.SampleShape, source.Text);
        _columns = state.Task.Columns(state, source.OutputShape(state.SampleShape));
        OutputSchema = ScoreColumn.Append(input, _columns, state.Task.ScoreColumnKind);
    }

    public DataViewSchema InputSchema { get; }

    /// <summary>The input columns, then the score columns.</summary>
    public DataViewSchema OutputSchema { get; }

    /// <summary>The maximum number of rows to read ahead: enough for efficient kernels, within a few MB.</summary>
    public int BlockRows => Math.Clamp((1 << 20) / Math.Max(1, _features.Size), 16, 1024);

    /// <summary>The feature columns in the input.</summary>
    public IEnumerable<DataViewSchema.Column> Features => _features.In(InputSchema);

    /// <summary>Whether an output column is a score column.</summary>
    public bool IsScore(int column) => column >= InputSchema.Count;

    /// <summary>The input columns that output columns depend on.</summary>
    public IEnumerable<DataViewSchema.Column> Dependencies(IEnumerable<DataViewSchema.Column> columns)
    {
        DataViewSchema.Column[] wanted = [.. columns];
        IEnumerable<DataViewSchema.Column> passed = wanted.Where(c => !IsScore(c.Index))
            .Select(c => InputSchema[c.Index]);
        return (wanted.Any(c => IsScore(c.Index)) ? passed.Concat(Features) : passed).DistinctBy(c => c.Index);
    }

    /// <summary>Reads the features of a row or cursor.</summary>
    public FeatureBlock Open(DataViewRow row) => new(_features, _state.SampleShape, _features.Open(row));

    /// <summary>A getter of a score column.</summary>
    public Delegate Getter(DataViewSchema.Column column, CurrentScores scores) =>
        _columns[column.Index - InputSchema.Count].Getter(scores);

    /// <summary>Computes the scores of rows.</summary>
    /// <param name="features">The features, row by row.</param>
    public NDArray Predict(NDArray features) => _source.Predict(features);

    /// <summary>The shape of the output for one sample. Variable sizes follow from the sample: one row is computed to
    /// find them.</summary>
    public static int[] OutputShape(Shape output, int[] sample, Func<NDArray, NDArray> predict) =>
        output.Skip(1).All(d => d is not null)
        ? [.. output.Skip(1).Select(d => d!.Value)]
        : predict(new NDArray([1, .. sample])).Shape[1..].ToArray();

    /// <summary>Writes the computation of the score columns from the input to a graph.</summary>
    /// <exception cref="NotSupportedException">A layer, or an input column, cannot be exported; or an engine runs an
    /// ONNX file.</exception>
    public void Write(InternalContext graph)
    {
        if (_source is not NetworkScores network)
            throw new NotSupportedException($"The column \"{_columns[0].Name}\" comes from an ONNX file, which cannot "
                + "be written to the graph of a pipeline; export the pipeline with the network that the file was "
                + "exported from.");
        network.Write(graph, InputSchema, _columns);
    }
}
