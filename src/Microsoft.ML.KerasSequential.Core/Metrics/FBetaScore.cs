using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>
/// The weighted harmonic mean of precision and recall of each class, (1 + β²)·p·r / (β²·p + r) (Keras 3
/// <c>keras.metrics.FBetaScore</c>). Targets are one-hot, or 0 and 1 for each label.
/// </summary>
public class FBetaScore : Metric
{
    readonly string? _average;
    readonly double _beta;
    readonly double? _threshold;

    /// <summary>Creates the metric.</summary>
    /// <param name="average">
    /// How the classes become one number: <c>macro</c> (the mean), <c>weighted</c> (by their frequency), or
    /// <c>micro</c> (counted together); null for one number per class, which a model cannot report.
    /// </param>
    /// <param name="beta">The weight of recall relative to precision, above 0.</param>
    /// <param name="threshold">
    /// The number in (0, 1] above which a prediction is positive; null for the largest prediction of each sample.
    /// </param>
    /// <param name="name">The metric's name.</param>
    /// <exception cref="ArgumentException">The average is unknown.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public FBetaScore(string? average = null, double beta = 1, double? threshold = null, string name = "fbeta_score")
        : base(name)
    {
        if (average is not (null or "micro" or "macro" or "weighted"))
            throw new ArgumentException($"Invalid average \"{average}\": expected null, \"micro\", \"macro\", or " +
                "\"weighted\".", nameof(average));
        if (!(beta > 0 && double.IsFinite(beta)))
            throw new ArgumentOutOfRangeException(nameof(beta), $"beta must be above 0; given {beta}.");
        if (threshold is not (null or (> 0 and <= 1)))
            throw new ArgumentOutOfRangeException(nameof(threshold),
                $"threshold must be in (0, 1]; given {threshold}.");
        (_average, _beta, _threshold) = (average, beta, threshold);
    }

    internal override bool IsBetterIfLarger => true;

    internal override bool HasManyValues => _average is null;

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["average"] = _average;
        config["beta"] = _beta;
        config["threshold"] = _threshold;
        return config;
    }

    /// <inheritdoc/>
    protected internal override IReadOnlyList<Tensor> Update(Tensor yTrue, Tensor yPred, Tensor? sampleWeight)
    {
        Losses.TargetShapes.MatchVectors(ref yTrue, ref yPred);
        if (yPred.Rank != 2 || yPred.Shape[-1] is not int classes)
            throw new ArgumentException($"The metric {Name} needs predictions (batch, classes) with a known number " +
                $"of classes; given {yPred.Shape}.", nameof(yPred));
        if (States.Count == 0)
        {
            int[] shape = _average == "micro" ? [] : [classes];
            foreach (string state in new[] { "true_positives", "false_positives", "false_negatives",
                "intermediate_weights" })
                AddState(state, shape);
        }
        Tensor positive = _threshold is double threshold ? yPred > threshold
            : (yPred >= K.Max(yPred, -1, keepdims: true)) * (K.Abs(yPred) > 1e-9);
        Tensor? weights = sampleWeight is null ? null : SampleWeights.Broadcast(sampleWeight, yPred);
        return
        [
            States[0] + Count(positive * yTrue), States[1] + Count(positive * (1 - yTrue)),
            States[2] + Count((1 - positive) * yTrue), States[3] + Count(yTrue),
        ];

        Tensor Count(Tensor values)
        {
            if (weights is not null) values *= weights;
            return _average == "micro" ? K.Sum(values) : K.Sum(values, axis: 0);
        }
    }

    /// <inheritdoc/>
    protected internal override Tensor Value(IReadOnlyList<Tensor> states)
    {
        if (states is not [var right, var extra, var missed, var all]) return 0;
        Tensor precision = right / (right + extra + K.Epsilon), recall = right / (right + missed + K.Epsilon);
        Tensor score = (1 + _beta * _beta)
            * (precision * recall / (_beta * _beta * precision + recall + K.Epsilon));
        return _average switch
        {
            "weighted" => K.Sum(score * all / (K.Sum(all) + K.Epsilon)),
            null => score,
            _ => K.Mean(score),
        };
    }
}
