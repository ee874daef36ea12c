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
    /// <param name="curve"><c>ROC</c>, <c>PR</c>, or <c>PRGAIN</c>.</param>
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
        if (curve is not ("ROC" or "PR" or "PRGAIN"))
            throw new ArgumentException($"Invalid AUC curve value \"{curve}\": expected \"ROC\", \"PR\", or " +
                "\"PRGAIN\".", nameof(curve));
        if (summationMethod is not ("interpolation" or "minoring" or "majoring"))
            throw new ArgumentException($"Invalid AUC summation method value \"{summationMethod}\": expected " +
                "\"interpolation\", \"minoring\" or \"majoring\".", nameof(summationMethod));
        (_curve, _summationMethod, _thresholds) = (curve, summationMethod, All(numThresholds, thresholds));
    }

    /// <summary>
    /// Gets whether each label, in the last dimension, has an area of its own, of which the mean is taken (Keras 3
    /// <c>multi_label</c>).
    /// </summary>
    public bool MultiLabel { get; init; }

    /// <summary>Gets the number of labels; null to take it from the first batch (Keras 3 <c>num_labels</c>).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int? NumLabels
    {
        get;
        init => field = value is not < 1 ? value
            : throw new ArgumentOutOfRangeException(nameof(NumLabels), $"NumLabels must be 1 or more; given {value}.");
    }

    /// <summary>
    /// Gets the weight of each label in the mean, or, without <see cref="MultiLabel"/>, in the counts; null for equal
    /// weights (Keras 3 <c>label_weights</c>).
    /// </summary>
    public IReadOnlyList<double>? LabelWeights { get; init; }

    /// <summary>Gets whether predictions are logits rather than probabilities (Keras 3 <c>from_logits</c>).</summary>
    public bool FromLogits { get; init; }

    private protected override bool CountsLabels => MultiLabel;

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = WithSettings(("num_thresholds", _thresholds.Length),
            ("curve", _curve),
            ("summation_method", _summationMethod),
            ("thresholds", new JsonArray([.. _thresholds[1..^1].Select(t => (JsonNode)t)])));
        if (MultiLabel) config["multi_label"] = true;
        if (NumLabels is int labels) config["num_labels"] = labels;
        if (LabelWeights is { } weights) config["label_weights"] = new JsonArray([.. weights.Select(w => (JsonNode)w)]);
        if (FromLogits) config["from_logits"] = true;
        return config;
    }

    /// <inheritdoc/>
    protected internal override IReadOnlyList<Tensor> Update(Tensor yTrue, Tensor yPred, Tensor? sampleWeight)
    {
        ArgumentNullException.ThrowIfNull(yPred);
        if (NumLabels is not null && !MultiLabel)
            throw new ArgumentException($"The metric {Name} has NumLabels, which needs MultiLabel.", nameof(yPred));
        int? labels = yPred.Rank > 0 ? yPred.Shape[-1] : null;
        if (MultiLabel)
        {
            if (yPred.Rank != 2 || labels is null || (NumLabels ?? labels) != labels)
                throw new ArgumentException($"The metric {Name} needs predictions (batch, {NumLabels?.ToString() ??
                    "labels"}); given {yPred.Shape}.", nameof(yPred));
            if (States[0].Sizes.Length != 2) Shape(labels);
        }
        if (LabelWeights is { } weights && weights.Count != labels)
            throw new ArgumentException($"The metric {Name} has {weights.Count} label weights for predictions of " +
                $"shape {yPred.Shape}.", nameof(yPred));
        if (LabelWeights is not null && !MultiLabel)
        {
            Losses.TargetShapes.MatchVectors(ref yTrue, ref yPred);
            sampleWeight = Weights() * (sampleWeight is null ? K.OnesLike(yPred)
                : SampleWeights.Broadcast(sampleWeight, yPred));
        }
        return base.Update(yTrue, FromLogits ? K.Sigmoid(yPred) : yPred, sampleWeight);
    }

    Tensor Weights() => K.Constant(new NDArray([.. LabelWeights!.Select(w => (float)w)], LabelWeights!.Count));

    internal override Tensor Result(ConfusionCounts c)
    {
        if (_curve == "PR" && _summationMethod == "interpolation") return OverLabels(InterpolatedPrecisionRecall(c));
        if (_curve == "PRGAIN") return OverLabels(GainArea(c));
        Tensor recall = Ratio(c.TruePositives, c.TruePositives + c.FalseNegatives);
        Tensor x = _curve == "ROC" ? Ratio(c.FalsePositives, c.FalsePositives + c.TrueNegatives) : recall;
        Tensor y = _curve == "ROC" ? recall : Ratio(c.TruePositives, c.TruePositives + c.FalsePositives);
        return OverLabels(Area(x, y));
    }

    /// <summary>The area of each label.</summary>
    Tensor Area(Tensor x, Tensor y)
    {
        Tensor left = Without(y, last: true), right = Without(y, last: false);
        Tensor heights = _summationMethod switch
        {
            "minoring" => K.Minimum(left, right),
            "majoring" => K.Maximum(left, right),
            _ => (left + right) / 2,
        };
        return K.Sum((Without(x, last: true) - Without(x, last: false)) * heights, axis: -1);
    }

    /// <summary>The area under precision gain over recall gain (Flach and Kull 2015).</summary>
    Tensor GainArea(ConfusionCounts c)
    {
        Tensor scale = Ratio(c.TruePositives + c.FalseNegatives, c.TrueNegatives + c.FalsePositives),
            none = K.Equal(c.TruePositives, 0);
        Tensor recall = K.Where(none, 0, 1 - scale * Ratio(c.FalseNegatives, c.TruePositives)),
            precision = K.Where(none, 1, 1 - scale * Ratio(c.FalsePositives, c.TruePositives));
        return Area(K.Maximum(recall, 0), precision);
    }

    Tensor OverLabels(Tensor areas) => !MultiLabel ? areas : LabelWeights is null ? K.Mean(areas)
        : Ratio(K.Sum(areas * Weights()), K.Sum(Weights()));

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
            K.Maximum(tp + Without(c.FalseNegatives, last: false), 0)), axis: -1);
    }

    /// <summary>The values of each label without the last or the first: a product with the remaining rows.</summary>
    Tensor Without(Tensor values, bool last)
    {
        int count = _thresholds.Length;
        var rows = new NDArray(count, count - 1);
        for (int i = 0; i < count - 1; i++) rows[last ? i : i + 1, i] = 1;
        return K.Dot(MultiLabel ? K.Transpose(values) : K.Reshape(values, 1, count), K.Constant(rows));
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
