using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>
/// The largest recall at a threshold whose precision is at least a given one (Keras 3
/// <c>keras.metrics.RecallAtPrecision</c>).
/// </summary>
public class RecallAtPrecision : ConfusionMetric
{
    readonly double _precision;
    readonly int _numThresholds;

    /// <summary>Creates the metric.</summary>
    /// <param name="precision">The least precision, in [0, 1].</param>
    /// <param name="numThresholds">The number of thresholds between 0 and 1 to try; a single one is 0.5.</param>
    /// <param name="classId">The only class that counts; null for all.</param>
    /// <param name="name">The metric's name; <c>recall_at_precision_1</c> by default.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public RecallAtPrecision(double precision, int numThresholds = 200, int? classId = null, string? name = null)
        : base("recall_at_precision", name, SpreadOrMiddle(numThresholds), classId: classId)
    {
        if (!(precision >= 0 && precision <= 1))
            throw new ArgumentOutOfRangeException(nameof(precision),
                $"`precision` must be in the range [0, 1]; given {precision}.");
        (_precision, _numThresholds) = (precision, numThresholds);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig() =>
        WithSettings(("num_thresholds", _numThresholds), ("precision", _precision), ("class_id", ClassId));

    internal override Tensor Result(ConfusionCounts counts) =>
        Best(Ratio(counts.TruePositives, counts.TruePositives + counts.FalsePositives), _precision,
            Ratio(counts.TruePositives, counts.TruePositives + counts.FalseNegatives));
}
