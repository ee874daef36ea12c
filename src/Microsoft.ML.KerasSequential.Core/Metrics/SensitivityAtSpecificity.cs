using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>
/// The sensitivity (recall) at the threshold whose specificity is closest to a given one (Keras
/// <c>keras.metrics.SensitivityAtSpecificity</c>).
/// </summary>
public class SensitivityAtSpecificity : ConfusionMetric
{
    readonly double _specificity;
    readonly int _numThresholds;

    /// <summary>Creates the metric.</summary>
    /// <param name="specificity">The given specificity, in [0, 1].</param>
    /// <param name="numThresholds">The number of thresholds between 0 and 1 to try; a single one is 0.5.</param>
    /// <param name="name">The metric's name; <c>sensitivity_at_specificity_1</c> by default.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public SensitivityAtSpecificity(double specificity, int numThresholds = 200, string? name = null)
        : base("sensitivity_at_specificity", name, SpreadOrMiddle(numThresholds))
    {
        if (!(specificity >= 0 && specificity <= 1))
            throw new ArgumentOutOfRangeException(nameof(specificity), "`specificity` must be in the range [0, 1]; " +
                $"given {specificity}.");
        (_specificity, _numThresholds) = (specificity, numThresholds);
    }

    /// <summary>
    /// Gets whether the largest value at all thresholds that satisfy the condition counts, as in Keras 3, rather than
    /// the value at the threshold that is closest to it.
    /// </summary>
    public bool BestUnderConstraint { get; init; }

    /// <inheritdoc/>
    public override JsonObject GetConfig() =>
        WithOptions(("num_thresholds", _numThresholds), ("specificity", _specificity));

    internal override Tensor Result(ConfusionCounts counts)
    {
        Tensor given = Ratio(counts.TrueNegatives, counts.TrueNegatives + counts.FalsePositives);
        if (BestUnderConstraint)
            return Best(given, _specificity, Ratio(counts.TruePositives, counts.TruePositives + counts.FalseNegatives));
        Tensor nearest = K.Argmin(K.Abs(given - _specificity));
        return K.Sum(Ratio(counts.TruePositives, counts.TruePositives + counts.FalseNegatives)
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
