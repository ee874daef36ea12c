using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>
/// The (weighted) number of negatives that were predicted as positive (Keras <c>keras.metrics.FalsePositives</c>).
/// </summary>
/// <param name="thresholds">The threshold, or several; larger predictions are positive. 0.5 by default.</param>
/// <param name="name">The metric's name; <c>false_positives_1</c> by default.</param>
public class FalsePositives(Thresholds? thresholds = null, string? name = null)
    : ConfusionMetric("false_positives", name, Thresholds.Or(thresholds, 0.5))
{
    /// <inheritdoc/>
    public override JsonObject GetConfig() => WithSettings(("thresholds", thresholds?.ToJson()));

    internal override bool HasManyValues => thresholds is { Values.Count: > 1 };

    internal override Tensor Result(ConfusionCounts counts) => counts.FalsePositives;
}
