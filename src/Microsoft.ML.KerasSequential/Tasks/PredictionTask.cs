using Microsoft.ML.KerasSequential.Losses;
using Microsoft.ML.KerasSequential.Onnx;
using Microsoft.ML.KerasSequential.Reading;
using Microsoft.ML.KerasSequential.Scoring;

namespace Microsoft.ML.KerasSequential.Tasks;

/// <summary>What a network is for: which labels it learns, and which columns its output becomes.</summary>
internal abstract class PredictionTask
{
    static readonly PredictionTask[] s_all = [new MulticlassTask(), new BinaryTask(), new RegressionTask(), new RawTask()];

    /// <summary>The name in model files.</summary>
    public abstract string Name { get; }

    /// <summary>What <c>ScoreColumnKind</c> says, as ML.NET's own trainers do.</summary>
    public abstract string ScoreColumnKind { get; }

    /// <summary>The loss where none was given.</summary>
    public abstract Loss DefaultLoss(LabelSchema label);

    /// <summary>The metrics where none were given.</summary>
    public virtual MetricSet? DefaultMetrics => null;

    /// <summary>How the label becomes what the loss takes.</summary>
    /// <param name="label">The label.</param>
    /// <param name="loss">The loss.</param>
    /// <param name="output">The shape of the network's output for one sample.</param>
    /// <param name="layer">The last layer's name, for errors.</param>
    /// <exception cref="ArgumentException">Label, loss and output do not go together.</exception>
    public abstract TargetColumn Target(LabelSchema label, Loss? loss, int[] output, string layer);

    /// <summary>The columns that the output becomes.</summary>
    /// <param name="scores">What the scorer knows.</param>
    /// <param name="output">The shape of the network's output for one sample.</param>
    public abstract IReadOnlyList<ScoreColumn> Columns(ScorerState scores, int[] output);

    /// <summary>A label, as an output of a certain shape would have to be before there are data.</summary>
    public abstract int[] OutputShape(LabelSchema? label);

    /// <summary>The scores of rows: what the getters of <see cref="Columns"/> see.</summary>
    public virtual NDArray Predict(Sequential model, NDArray x, bool takesLogits) => model.PredictRows(x);

    /// <summary>Writes into a graph what <see cref="Predict"/> and the getters of <see cref="Columns"/> compute; here the network's output as the only column.</summary>
    public virtual void Write(ScoreGraph graph) => graph.Network(graph.Column(0));

    /// <exception cref="InvalidDataException">There is no such task.</exception>
    public static PredictionTask Named(string name) => Array.Find(s_all, t => t.Name == name) ?? throw new InvalidDataException($"it is for an unknown task, \"{name}\"");

    /// <summary>The target in the shape of the output where it can have that.</summary>
    private protected static int[] TargetShape(int size, Loss? loss, int[] output)
    {
        int[] wanted = loss is { TakesClassNumbers: true } ? [.. output[..^1], 1] : output;
        return wanted.Aggregate(1L, (p, d) => p * d) == size ? wanted : [size];
    }

    /// <exception cref="ArgumentException">The output is no vector of that size.</exception>
    private protected static void RequireOutput(int[] output, int classes, LabelSchema label, string layer)
    {
        if (output.Length != 1 || output[0] != classes)
            throw Complaint.About("layers", $"The label \"{label.Name}\" has {classes} {(classes == 1 ? "value" : "classes")}, but layer {layer} gives outputs of shape {Shape.Format(output)} for a row; it must give {classes} value{(classes == 1 ? "" : "s")}.{(label.Kind == LabelKind.Key && output is [var more] && more > classes ? " (A fold of a cross-validation may lack a class: make the keys before the rows are split.)" : "")}");
    }
}
