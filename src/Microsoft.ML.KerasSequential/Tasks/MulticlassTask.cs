using System.Numerics.Tensors;
using Microsoft.ML.Data;
using Microsoft.ML.KerasSequential.Losses;
using Microsoft.ML.KerasSequential.Onnx;
using Microsoft.ML.KerasSequential.Reading;
using Microsoft.ML.KerasSequential.Scoring;
using DataType = Microsoft.ML.KerasSequential.Onnx.Proto.TensorProto.Types.DataType;

namespace Microsoft.ML.KerasSequential.Tasks;

/// <summary>Multiclass classification: <c>PredictedLabel</c> is a key, <c>Score</c> the class probabilities.</summary>
internal sealed class MulticlassTask : PredictionTask
{
    public override string Name => "multiclass";

    public override string ScoreColumnKind => "MulticlassClassification";

    public override MetricSet? DefaultMetrics => "accuracy";

    public override Loss DefaultLoss(LabelSchema label) =>
        label.IsVector ? "categorical_crossentropy" : "sparse_categorical_crossentropy";

    public override TargetColumn Target(LabelSchema label, Loss? loss, int[] output, string layer)
    {
        if (label.Kind == LabelKind.Key) RequireOutput(output, label.Size, label, layer);
        else if (label.Kind == LabelKind.Boolean && !label.IsVector) RequireOutput(output, 2, label, layer);
        else if (output.Length != 1) RequireOutput(output, label.IsVector ? label.Size : output[^1], label, layer);
        int classes = output[0];
        if (label.IsVector)
        {
            if (loss is { TakesClassNumbers: true })
                throw Complaint.About("loss",
                    $"The loss {loss.Name} expects class indices, but the label \"{label.Name}\" is a vector of size "
                    + $"{label.Size}; use categorical_crossentropy.");
            RequireOutput(output, label.Size, label, layer);
            return new(label, TargetForm.Values, classes, [classes]);
        }
        // A custom loss may take either form; Keras' other losses take vectors.
        bool takesNumbers = loss is null or { TakesClassNumbers: true };
        return new(label, takesNumbers ? TargetForm.ClassNumber : TargetForm.OneHot, classes,
            [takesNumbers ? 1 : classes]);
    }

    public override int[] OutputShape(LabelSchema? label) => [label?.Size ?? 2];

    public override NDArray Predict(Sequential model, NDArray x, bool takesLogits)
    {
        NDArray scores = model.PredictRows(x);
        for (int i = 0; takesLogits && i < scores.Rows; i++)
        {
            Span<float> row = scores.Span.Slice(i * scores.RowSize, scores.RowSize);
            TensorPrimitives.SoftMax(row, row);
        }
        return scores;
    }

    public override IReadOnlyList<ScoreColumn> Columns(ScorerState scores, int[] output)
    {
        int classes = output[0];
        KeyValues? values = scores.Label?.Values is { } v && v.Names.Count == classes ? v : null;
        return
        [
            new("PredictedLabel", new KeyDataViewType(typeof(uint), classes), ScoreColumn.PredictedLabel,
                a => values?.AddTo(a, KeyValues.Annotation),
                row => (ValueGetter<uint>)((ref uint key) => key = Largest(row.Current))),
            new("Score", new VectorDataViewType(NumberDataViewType.Single, classes), ScoreColumn.Score, a =>
            {
                if (values is { ItemType: TextDataViewType }) values.AddTo(a, "SlotNames");
                values?.AddTo(a, "TrainingLabelValues");
            }, ScoreColumn.Vector),
        ];
    }

    public override void Write(ScoreGraph graph)
    {
        string scores;
        if (graph.TakesLogits)
        {
            string logits = graph.Network();
            scores = graph.Node("Softmax", [logits], graph.Column(1), ("axis", 1));
        }
        else
        {
            scores = graph.Network(graph.Column(1));
        }
        string best = graph.Node("Add",
            [graph.Node("ArgMax", [scores], null, ("axis", 1), ("keepdims", 1)), graph.Integers(1)]);
        // A sum with a NaN in it is NaN.
        string isKnown = graph.Node("Not",
            [graph.Node("IsNaN",
                [graph.Node("ReduceSum", [scores], null, ("axes", new long[] { 1 }), ("keepdims", 1))])]);
        string key = graph.Node("Mul", [best, graph.Cast(isKnown, DataType.Int64)]);
        graph.Cast(key, DataType.Uint32, graph.Column(0));
    }

    /// <summary>The key of the largest score; missing if a score is NaN.</summary>
    static uint Largest(ReadOnlySpan<float> scores)
    {
        int best = TensorPrimitives.IndexOfMax(scores);
        return best < 0 || float.IsNaN(scores[best]) ? 0 : (uint)best + 1;
    }
}
