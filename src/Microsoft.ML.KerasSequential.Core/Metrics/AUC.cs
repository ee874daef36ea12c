using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>
/// The area under the curve (AUC) of true versus false positive rate (ROC) or of precision versus recall (PR), from
/// counts at fixed thresholds (Keras <c>keras.metrics.AUC</c>).
/// </summary>
public class AUC : ConfusionMetric
{
    readonly string _curve, _summationMethod;
    readonly double[] _thresholds;

    /// <summary>Creates the metric.</summary>
    /// <param name="numThresholds">
    /// The number of thresholds, 2 or more; ignored if <paramref name="thresholds"/> is specified.
    /// </param>
    /// <param name="curve"><c>ROC</c> or <c>PR</c>.</param>
    /// <param name="summationMethod">
    /// <c>interpolation</c> (by trapezoids; for PR as Davis and Goadrich 2006), <c>minoring</c> or <c>majoring</c>.
    /// </param>
    /// <param name="name">The metric's name; <c>auc_1</c> by default.</param>
    /// <param name="thresholds">The thresholds between 0 and 1; 0 and 1 are added.</param>
    /// <exception cref="ArgumentException">A setting is unknown or out of range.</exception>
    public AUC(int numThresholds = 200, string curve = "ROC", string summationMethod = "interpolation",
        string? name = null, IReadOnlyList<double>? thresholds = null)
        : base("auc", name, All(numThresholds, thresholds))
    {
        if (curve is not ("ROC" or "PR"))
            throw new ArgumentException($"Invalid AUC curve value \"{curve}\": expected \"ROC\" or \"PR\".",
                nameof(curve));
        if (summationMethod is not ("interpolation" or "minoring" or "majoring"))
            throw new ArgumentException($"Invalid AUC summation method value \"{summationMethod}\": expected " +
                "\"interpolation\", \"minoring\" or \"majoring\".", nameof(summationMethod));
        (_curve, _summationMethod, _thresholds) = (curve, summationMethod, All(numThresholds, thresholds));
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig() => WithSettings(
        ("num_thresholds", _thresholds.Length),
        ("curve", _curve),
        ("summation_method", _summationMethod),
        ("thresholds", new JsonArray([.. _thresholds[1..^1].Select(t => (JsonNode)t)])));

    internal override Tensor Result(ConfusionCounts c)
    {
        if (_curve == "PR" && _summationMethod == "interpolation") return InterpolatedPrecisionRecall(c);
        Tensor recall = Ratio(c.TruePositives, c.TruePositives + c.FalseNegatives);
        Tensor x = _curve == "ROC" ? Ratio(c.FalsePositives, c.FalsePositives + c.TrueNegatives) : recall;
        Tensor y = _curve == "ROC" ? recall : Ratio(c.TruePositives, c.TruePositives + c.FalsePositives);
        Tensor left = Without(y, last: true), right = Without(y, last: false);
        Tensor heights = _summationMethod switch
        {
            "minoring" => K.Minimum(left, right),
            "majoring" => K.Maximum(left, right),
            _ => (left + right) / 2,
        };
        return K.Sum((Without(x, last: true) - Without(x, last: false)) * heights);
    }

    /// <summary>
    /// Between two thresholds, the true positives grow linearly with the positives, so precision is a hyperbola.
    /// </summary>
    Tensor InterpolatedPrecisionRecall(ConfusionCounts c)
    {
        Tensor positives = c.TruePositives + c.FalsePositives;
        Tensor tp = Without(c.TruePositives, last: false), p0 = Without(positives, last: true),
            p1 = Without(positives, last: false);
        Tensor gained = Without(c.TruePositives, last: true) - tp;
        Tensor slope = Ratio(gained, K.Maximum(p0 - p1, 0));
        Tensor intercept = tp - slope * p1;
        Tensor both = K.Where(p0 > 0, p1 > 0, 0);
        Tensor ratio = K.Where(both, p0 / K.Where(both, p1, 1), 1);
        return K.Sum(Ratio(slope * (gained + intercept * K.Log(ratio)),
            K.Maximum(tp + Without(c.FalseNegatives, last: false), 0)));
    }

    /// <summary>The vector without its last or its first value: a product with the remaining rows.</summary>
    Tensor Without(Tensor values, bool last)
    {
        int count = _thresholds.Length;
        var rows = new NDArray(count, count - 1);
        for (int i = 0; i < count - 1; i++) rows[last ? i : i + 1, i] = 1;
        return K.Dot(K.Reshape(values, 1, count), K.Constant(rows));
    }

    static double[] All(int count, IReadOnlyList<double>? thresholds)
    {
        if (thresholds is null) return Spread(count, K.Epsilon);
        if (thresholds.Any(t => !(t >= 0 && t <= 1)))
            throw new ArgumentException($"Threshold values must be in [0, 1]; given {string.Join(", ", thresholds)}.",
                nameof(thresholds));
        return [-K.Epsilon, .. thresholds.Order(), 1 + K.Epsilon];
    }
}
