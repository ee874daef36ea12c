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

    /// <inheritdoc/>
    public override JsonObject GetConfig() =>
        WithSettings(("num_thresholds", _numThresholds), ("specificity", _specificity));

    internal override Tensor Result(ConfusionCounts counts)
    {
        Tensor given = Ratio(counts.TrueNegatives, counts.TrueNegatives + counts.FalsePositives);
        Tensor nearest = K.Argmin(K.Abs(given - _specificity));
        return K.Sum(Ratio(counts.TruePositives, counts.TruePositives + counts.FalseNegatives)
            * K.OneHot(nearest, _numThresholds));
    }
}
