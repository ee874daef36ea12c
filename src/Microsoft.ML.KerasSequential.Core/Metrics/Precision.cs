using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>The fraction of predicted positives that are positive (Keras <c>keras.metrics.Precision</c>).</summary>
/// <param name="thresholds">
/// The threshold, or several; larger predictions are positive. 0.5 by default, or none with <paramref name="topK"/>.
/// </param>
/// <param name="topK">If specified, only the k largest predictions of a row can be positive.</param>
/// <param name="classId">If specified, only this class counts.</param>
/// <param name="name">The metric's name; <c>precision_1</c> by default.</param>
public class Precision(Thresholds? thresholds = null, int? topK = null, int? classId = null, string? name = null)
    : ConfusionMetric("precision", name, Thresholds.Or(thresholds, topK is null ? 0.5 : Lowest), topK, classId)
{
    /// <inheritdoc/>
    public override JsonObject GetConfig() =>
        WithSettings(("thresholds", thresholds?.ToJson()), ("top_k", TopK), ("class_id", ClassId));

    internal override bool HasManyValues => thresholds is { Values.Count: > 1 };

    internal override Tensor Result(ConfusionCounts counts) =>
        Ratio(counts.TruePositives, counts.TruePositives + counts.FalsePositives);
}
