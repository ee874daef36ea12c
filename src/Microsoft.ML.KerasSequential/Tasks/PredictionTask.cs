using Microsoft.ML.KerasSequential.Losses;
using Microsoft.ML.KerasSequential.Onnx;
using Microsoft.ML.KerasSequential.Reading;
using Microsoft.ML.KerasSequential.Scoring;

namespace Microsoft.ML.KerasSequential.Tasks;

/// <summary>The task of a network: which labels it learns, and which columns it outputs.</summary>
internal abstract class PredictionTask
{
    static readonly PredictionTask[] s_all = [new MulticlassTask(), new BinaryTask(), new RegressionTask(),
        new RawTask()];

    /// <summary>The name in model files.</summary>
    public abstract string Name { get; }

    /// <summary>The value of <c>ScoreColumnKind</c>, as in ML.NET's own trainers.</summary>
    public abstract string ScoreColumnKind { get; }

    /// <summary>The default loss.</summary>
    public abstract Loss DefaultLoss(LabelSchema label);

    /// <summary>The default metrics.</summary>
    public virtual MetricSet? DefaultMetrics => null;

    /// <summary>Determines how the label is converted for the loss.</summary>
    /// <param name="label">The label.</param>
    /// <param name="loss">The loss.</param>
    /// <param name="output">The shape of the network's output for one sample.</param>
    /// <param name="layer">The last layer's name, for errors.</param>
    /// <exception cref="ArgumentException">Label, loss and output do not match.</exception>
    public abstract TargetColumn Target(LabelSchema label, Loss? loss, int[] output, string layer);

    /// <summary>The output columns.</summary>
    /// <param name="scores">The scorer's state.</param>
    /// <param name="output">The shape of the network's output for one sample.</param>
    public abstract IReadOnlyList<ScoreColumn> Columns(ScorerState scores, int[] output);

    /// <summary>The shape of the output for a label before there is data.</summary>
    public abstract int[] OutputShape(LabelSchema? label);

    /// <summary>Computes the scores of rows, from which the getters of <see cref="Columns"/> read.</summary>
    public virtual NDArray Predict(Sequential model, NDArray x, bool takesLogits) => model.PredictRows(x);

    /// <summary>Writes what <see cref="Predict"/> and the getters of <see cref="Columns"/> compute to a graph; here,
    /// the network's output as the only column.</summary>
    public virtual void Write(ScoreGraph graph) => graph.Network(graph.Column(0));

    /// <exception cref="InvalidDataException">The task is unknown.</exception>
    public static PredictionTask Named(string name) =>
        Array.Find(s_all, t => t.Name == name)
        ?? throw new InvalidDataException($"it is for an unknown task, \"{name}\"");

    /// <summary>The target in the shape of the output, if possible.</summary>
    private protected static int[] TargetShape(int size, Loss? loss, int[] output)
    {
        int[] wanted = loss is { TakesClassNumbers: true } ? [.. output[..^1], 1] : output;
        return wanted.Aggregate(1L, (p, d) => p * d) == size ? wanted : [size];
    }

    /// <exception cref="ArgumentException">The output is not a vector of that size.</exception>
    private protected static void RequireOutput(int[] output, int classes, LabelSchema label, string layer)
    {
        if (output.Length != 1 || output[0] != classes)
            throw Complaint.About("layers",
                $"The label \"{label.Name}\" has {classes} {(classes == 1 ? "value" : "classes")}, but layer {layer} "
                + $"has outputs of shape {Shape.Format(output)} per row; expected {classes} "
                + $"value{(classes == 1 ? "" : "s")}."
                + (label.Kind == LabelKind.Key && output is [var more] && more > classes
                    ? " (A cross-validation fold may lack a class: map values to keys before the rows are split.)"
                    : ""));
    }
}
