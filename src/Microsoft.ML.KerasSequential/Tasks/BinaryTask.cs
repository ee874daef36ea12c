using Microsoft.ML.Data;
using Microsoft.ML.KerasSequential.Losses;
using Microsoft.ML.KerasSequential.Onnx;
using Microsoft.ML.KerasSequential.Reading;
using Microsoft.ML.KerasSequential.Scoring;

namespace Microsoft.ML.KerasSequential.Tasks;

/// <summary>
/// Binary classification: <c>Score</c> is the log-odds of true, <c>Probability</c> its sigmoid, <c>PredictedLabel</c>
/// whether the score is above 0. The log-odds are the network's output before its final sigmoid, so they rank rows even
/// if the probability is 0 or 1 in float32.
/// </summary>
internal sealed class BinaryTask : PredictionTask
{
    public override string Name => "binary";

    public override string ScoreColumnKind => "BinaryClassification";

    public override MetricSet? DefaultMetrics => "accuracy";

    public override Loss DefaultLoss(LabelSchema label) =>
        label.IsVector ? "categorical_crossentropy" : "binary_crossentropy";

    public override TargetColumn Target(LabelSchema label, Loss? loss, int[] output, string layer)
    {
        if (label.Kind == LabelKind.Key && label.Size != 2)
            throw Complaint.About("inputSchema",
                $"The label \"{label.Name}\" is a key of {label.Size} values; binary classification requires 2.");
        if (label.IsVector && label.Size != 2)
            throw Complaint.About("inputSchema",
                $"The label \"{label.Name}\" is a vector of size {label.Size}; binary classification requires a single "
                + "value, or a vector of size 2.");
        if (output is not [1 or 2]) RequireOutput(output, 1, label, layer);
        if (label.IsVector)
        {
            RequireOutput(output, 2, label, layer);
            return new(label, TargetForm.Values, 2, [2]);
        }
        bool takesNumber = output[0] == 1 || loss is { TakesClassNumbers: true };
        TargetForm form = takesNumber ? TargetForm.YesOrNo : TargetForm.OneHot;
        if (form == TargetForm.OneHot && label.Kind == LabelKind.Number)
            throw Complaint.About("loss",
                $"With two outputs and the loss {loss?.Name}, the label \"{label.Name}\" must be a Boolean or a key; "
                + "use sparse_categorical_crossentropy, or one output.");
        return new(label, form, 2, [takesNumber ? 1 : 2]);
    }

    public override int[] OutputShape(LabelSchema? label) => [1];

    public override NDArray Predict(Sequential model, NDArray x, bool takesLogits)
    {
        if (model.EndsInSigmoid) return Odds(model.PredictLogits(x), isLogit: true);
        return Odds(model.PredictRows(x), takesLogits);
    }

    public override IReadOnlyList<ScoreColumn> Columns(ScorerState scores, int[] output) =>
    [
        new("PredictedLabel", BooleanDataViewType.Instance, ScoreColumn.PredictedLabel, _ => { },
            row => (ValueGetter<bool>)((ref bool yes) => yes = row.Current[0] > 0)),
        new("Score", NumberDataViewType.Single, ScoreColumn.Score, _ => { }, ScoreColumn.Scalar),
        new("Probability", NumberDataViewType.Single, ScoreColumn.Probability,
            a => a.AddPrimitiveValue("IsNormalized", BooleanDataViewType.Instance, true),
            row => (ValueGetter<float>)((ref float p) => p = 1 / (1 + MathF.Exp(-row.Current[0])))),
    ];

    public override void Write(ScoreGraph graph)
    {
        string score = Score(graph);
        graph.Node("Sigmoid", [score], graph.Column(2));
        graph.Node("Greater", [score, graph.Number(0)], graph.Column(0));
    }

    /// <summary>Writes the log-odds, as <see cref="Odds"/> computes them.</summary>
    static string Score(ScoreGraph graph)
    {
        if (graph.Outputs == 1 && (graph.EndsInSigmoid || graph.TakesLogits))
            return graph.Network(graph.Column(1), logits: graph.EndsInSigmoid);
        string output = graph.Network(logits: graph.EndsInSigmoid);
        (string no, string yes) = graph.Outputs == 1
            ? (graph.Node("Sub", [graph.Number(1), output]), output)
            : (Part(0), Part(1));
        if (!(graph.EndsInSigmoid || graph.TakesLogits)) (no, yes) = (Log(no), Log(yes));
        return graph.Node("Sub", [yes, no], graph.Column(1));

        string Part(long index) => graph.Node("Gather", [output, graph.Integers(index)], null, ("axis", 1));

        string Log(string p) => graph.Node("Log", [graph.Node("Max", [p, graph.Number((float)K.Epsilon)])]);
    }

    /// <summary>The log-odds of true, one per row.</summary>
    static NDArray Odds(NDArray output, bool isLogit)
    {
        if (output.RowSize == 1 && isLogit) return output;
        var odds = new NDArray(output.Rows, 1);
        for (int i = 0; i < odds.Rows; i++)
        {
            ReadOnlySpan<float> row = output.Span.Slice(i * output.RowSize, output.RowSize);
            odds.Span[i] = row.Length == 2 ? isLogit ? row[1] - row[0] : Log(row[1]) - Log(row[0])
                : Log(row[0]) - Log(1 - row[0]);
        }
        return odds;
    }

    /// <summary>Keras' epsilon keeps the logarithm finite.</summary>
    static float Log(float p) => MathF.Log(float.IsNaN(p) ? p : MathF.Max(p, (float)K.Epsilon));
}
