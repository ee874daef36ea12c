using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>
/// The specificity at the threshold whose sensitivity (recall) is closest to a given one (Keras
/// <c>keras.metrics.SpecificityAtSensitivity</c>).
/// </summary>
public class SpecificityAtSensitivity : ConfusionMetric
{
    readonly double _sensitivity;
    readonly int _numThresholds;

    /// <summary>Creates the metric.</summary>
    /// <param name="sensitivity">The given sensitivity, in [0, 1].</param>
    /// <param name="numThresholds">The number of thresholds between 0 and 1 to try; a single one is 0.5.</param>
    /// <param name="name">The metric's name; <c>specificity_at_sensitivity_1</c> by default.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public SpecificityAtSensitivity(double sensitivity, int numThresholds = 200, string? name = null)
        : base("specificity_at_sensitivity", name, SpreadOrMiddle(numThresholds))
    {
        if (!(sensitivity >= 0 && sensitivity <= 1))
            throw new ArgumentOutOfRangeException(nameof(sensitivity), "`sensitivity` must be in the range [0, 1]; " +
                $"given {sensitivity}.");
        (_sensitivity, _numThresholds) = (sensitivity, numThresholds);
    }

    /// <summary>
    /// Gets whether the largest value at all thresholds that satisfy the condition counts, as in Keras 3, rather than
    /// the value at the threshold that is closest to it.
    /// </summary>
    public bool BestUnderConstraint { get; init; }

    /// <inheritdoc/>
    public override JsonObject GetConfig() =>
        WithOptions(("num_thresholds", _numThresholds), ("sensitivity", _sensitivity));

    internal override Tensor Result(ConfusionCounts counts)
    {
        Tensor given = Ratio(counts.TruePositives, counts.TruePositives + counts.FalseNegatives);
        if (BestUnderConstraint)
            return Best(given, _sensitivity, Ratio(counts.TrueNegatives, counts.TrueNegatives + counts.FalsePositives));
        Tensor nearest = K.Argmin(K.Abs(given - _sensitivity));
        return K.Sum(Ratio(counts.TrueNegatives, counts.TrueNegatives + counts.FalsePositives)
            * K.OneHot(nearest, _numThresholds));
    }

    JsonObject WithOptions(params (string, JsonNode?)[] settings)
    {
        JsonObject config = WithSettings(settings);
        if (ClassId is int id) config["class_id"] = id;
        if (BestUnderConstraint) config["best_under_constraint"] = true;
        return config;
    }
}
