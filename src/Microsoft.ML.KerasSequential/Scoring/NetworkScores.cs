extern alias internals;

using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Onnx;
using InternalContext = internals::Microsoft.ML.Model.OnnxConverter.OnnxContext;

namespace Microsoft.ML.KerasSequential.Scoring;

/// <summary>The scores of a network for its task.</summary>
internal sealed class NetworkScores(Sequential model, ScorerState state) : IScoreSource
{
    public TextLayer? Text => model.FirstText;

    public int[] OutputShape(int[] sample) => ShapeFor(model, sample);

    public NDArray Predict(NDArray x) => state.Task.Predict(model, x, state.TakesLogits);

    /// <summary>Writes the computation of the columns from the input to a graph.</summary>
    /// <exception cref="NotSupportedException">A layer, or an input column, cannot be exported.</exception>
    public void Write(InternalContext graph, DataViewSchema input, IReadOnlyList<ScoreColumn> columns) =>
        ScoreGraph.Write(graph, model, state, input, columns);

    /// <summary>The shape of a network's output for one sample.</summary>
    public static int[] ShapeFor(Sequential model, int[] sample) =>
        Scorer.OutputShape(model.OutputShape, sample, model.PredictRows);
}
