using Microsoft.ML.Data;
using Microsoft.ML.KerasSequential.Losses;
using Microsoft.ML.KerasSequential.Reading;
using Microsoft.ML.KerasSequential.Scoring;

namespace Microsoft.ML.KerasSequential.Tasks;

/// <summary>Regression: <c>Score</c> is a number for a numeric label, a vector for a vector label.</summary>
internal sealed class RegressionTask : PredictionTask
{
    public override string Name => "regression";

    public override string ScoreColumnKind => "Regression";

    public override Loss DefaultLoss(LabelSchema label) => "mse";

    public override TargetColumn Target(LabelSchema label, Loss? loss, int[] output, string layer)
    {
        if (label.Kind == LabelKind.Key)
            throw Complaint.About("inputSchema",
                $"The label \"{label.Name}\" is a key, not a number; regression requires numbers.");
        int size = output.Aggregate(1, (p, d) => p * d);
        if (label.IsVector ? size != label.Size : size != 1)
            throw Complaint.About("layers",
                $"The label \"{label.Name}\" has {label.Size} value{(label.Size == 1 ? "" : "s")}, but layer {layer} "
                + $"has outputs of shape {Shape.Format(output)} per row.");
        return new(label, TargetForm.Values, 0, TargetShape(label.Size, loss, output));
    }

    public override int[] OutputShape(LabelSchema? label) => [label is { IsVector: true } ? label.Size : 1];

    public override IReadOnlyList<ScoreColumn> Columns(ScorerState scores, int[] output) =>
        scores.Label is { IsVector: true }
        ? [new("Score", new VectorDataViewType(NumberDataViewType.Single, output), ScoreColumn.Score, _ => { },
            ScoreColumn.Vector)]
        : [new("Score", NumberDataViewType.Single, ScoreColumn.Score, _ => { }, ScoreColumn.Scalar)];
}
