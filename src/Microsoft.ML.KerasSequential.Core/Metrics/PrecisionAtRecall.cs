using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>
/// The largest precision at a threshold whose recall is at least a given one (Keras 3
/// <c>keras.metrics.PrecisionAtRecall</c>).
/// </summary>
public class PrecisionAtRecall : ConfusionMetric
{
    readonly double _recall;
    readonly int _numThresholds;

    /// <summary>Creates the metric.</summary>
    /// <param name="recall">The least recall, in [0, 1].</param>
    /// <param name="numThresholds">The number of thresholds between 0 and 1 to try; a single one is 0.5.</param>
    /// <param name="classId">The only class that counts; null for all.</param>
    /// <param name="name">The metric's name; <c>precision_at_recall_1</c> by default.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public PrecisionAtRecall(double recall, int numThresholds = 200, int? classId = null, string? name = null)
        : base("precision_at_recall", name, SpreadOrMiddle(numThresholds), classId: classId)
    {
        if (!(recall >= 0 && recall <= 1))
            throw new ArgumentOutOfRangeException(nameof(recall),
                $"`recall` must be in the range [0, 1]; given {recall}.");
        (_recall, _numThresholds) = (recall, numThresholds);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig() =>
        WithSettings(("num_thresholds", _numThresholds), ("recall", _recall), ("class_id", ClassId));

    internal override Tensor Result(ConfusionCounts counts) =>
        Best(Ratio(counts.TruePositives, counts.TruePositives + counts.FalseNegatives), _recall,
            Ratio(counts.TruePositives, counts.TruePositives + counts.FalsePositives));
}
