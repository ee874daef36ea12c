using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>
/// The coefficient of determination: 1 − the squared errors relative to those of the mean target (Keras 3
/// <c>keras.metrics.R2Score</c>).
/// </summary>
public class R2Score : Metric
{
    readonly string? _classAggregation;
    readonly int _numRegressors;

    /// <summary>Creates the metric.</summary>
    /// <param name="classAggregation">
    /// How the outputs become one number: <c>uniform_average</c> or <c>variance_weighted_average</c>; null for one
    /// number per output, which a model cannot report.
    /// </param>
    /// <param name="numRegressors">The number of inputs, for the adjusted coefficient; 0 for the plain one.</param>
    /// <param name="name">The metric's name.</param>
    /// <exception cref="ArgumentException">The aggregation is unknown.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public R2Score(string? classAggregation = "uniform_average", int numRegressors = 0, string name = "r2_score")
        : base(name)
    {
        if (classAggregation is not (null or "uniform_average" or "variance_weighted_average"))
            throw new ArgumentException($"Invalid aggregation \"{classAggregation}\": expected null, " +
                "\"uniform_average\", or \"variance_weighted_average\".", nameof(classAggregation));
        ArgumentOutOfRangeException.ThrowIfNegative(numRegressors);
        (_classAggregation, _numRegressors) = (classAggregation, numRegressors);
    }

    internal override bool IsBetterIfLarger => true;

    internal override bool HasManyValues => _classAggregation is null;

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["class_aggregation"] = _classAggregation;
        config["num_regressors"] = _numRegressors;
        return config;
    }

    /// <inheritdoc/>
    protected internal override IReadOnlyList<Tensor> Update(Tensor yTrue, Tensor yPred, Tensor? sampleWeight)
    {
        Losses.TargetShapes.MatchVectors(ref yTrue, ref yPred);
        if (yPred.Rank != 2 || yPred.Shape[-1] is not int outputs)
            throw new ArgumentException($"The metric {Name} needs predictions (batch, outputs) with a known number " +
                $"of outputs; given {yPred.Shape}.", nameof(yPred));
        if (States.Count == 0)
        {
            AddState("num_samples");
            foreach (string state in new[] { "squared_sum", "sum", "residual", "count" }) AddState(state, outputs);
        }
        Tensor weights = sampleWeight is null ? K.OnesLike(yTrue) : SampleWeights.Broadcast(sampleWeight, yTrue);
        return
        [
            States[0] + K.Sum(K.OnesLike(yTrue)), States[1] + K.Sum(K.Square(yTrue) * weights, axis: 0),
            States[2] + K.Sum(yTrue * weights, axis: 0),
            States[3] + K.Sum(K.Square(yTrue - yPred) * weights, axis: 0), States[4] + K.Sum(weights, axis: 0),
        ];
    }

    /// <inheritdoc/>
    protected internal override Tensor Value(IReadOnlyList<Tensor> states)
    {
        if (states is not [var samples, var squares, var sum, var residual, var count]) return 0;
        Tensor total = squares - sum * (sum / count), score = 1 - residual / total;
        score = K.Where(K.Abs(score) > (double)float.MaxValue, 0, score);
        score = _classAggregation switch
        {
            "uniform_average" => K.Mean(score),
            "variance_weighted_average" => K.Sum(total * score) / K.Sum(total),
            _ => score,
        };
        if (_numRegressors == 0) return score;
        // Too few samples for an adjustment.
        Tensor left = samples - _numRegressors - 1;
        return K.Where(left > 0, 1 - (1 - score) * (samples - 1) / K.Maximum(left, 1), score);
    }
}
