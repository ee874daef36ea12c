using Microsoft.ML.Data;
using Microsoft.ML.KerasSequential.Losses;
using Microsoft.ML.KerasSequential.Reading;
using Microsoft.ML.KerasSequential.Scoring;

namespace Microsoft.ML.KerasSequential.Tasks;

/// <summary>The network's raw output, in one vector column of its shape.</summary>
internal sealed class RawTask : PredictionTask
{
    public override string Name => "raw";

    public override string ScoreColumnKind => "";

    public override Loss DefaultLoss(LabelSchema label) =>
        label.Kind == LabelKind.Key ? "sparse_categorical_crossentropy" : "mse";

    public override TargetColumn Target(LabelSchema label, Loss? loss, int[] output, string layer)
    {
        if (label.Kind != LabelKind.Key) return new(label, TargetForm.Values, 0, TargetShape(label.Size, loss, output));
        bool takesNumber = loss is null or { TakesClassNumbers: true };
        return new(label, takesNumber ? TargetForm.ClassNumber : TargetForm.OneHot, label.Size,
            TargetShape(takesNumber ? 1 : label.Size, loss, output));
    }

    public override int[] OutputShape(LabelSchema? label) => [2];

    public override IReadOnlyList<ScoreColumn> Columns(ScorerState scores, int[] output) =>
        [new(scores.OutputColumnName, new VectorDataViewType(NumberDataViewType.Single, output), null, _ => { },
            ScoreColumn.Vector)];
}
