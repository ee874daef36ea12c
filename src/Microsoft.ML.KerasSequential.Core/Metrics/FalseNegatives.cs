using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>
/// The (weighted) number of positives that were predicted as negative (Keras <c>keras.metrics.FalseNegatives</c>).
/// </summary>
/// <param name="thresholds">The threshold, or several; larger predictions are positive. 0.5 by default.</param>
/// <param name="name">The metric's name; <c>false_negatives_1</c> by default.</param>
public class FalseNegatives(Thresholds? thresholds = null, string? name = null)
    : ConfusionMetric("false_negatives", name, Thresholds.Or(thresholds, 0.5))
{
    /// <inheritdoc/>
    public override JsonObject GetConfig() => WithSettings(("thresholds", thresholds?.ToJson()));

    internal override bool HasManyValues => thresholds is { Values.Count: > 1 };

    internal override Tensor Result(ConfusionCounts counts) => counts.FalseNegatives;
}
