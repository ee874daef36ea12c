using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>
/// The fraction of samples whose target class index is among the k largest predictions (Keras
/// <c>keras.metrics.SparseTopKCategoricalAccuracy</c>).
/// </summary>
/// <param name="k">The number of largest predictions that count.</param>
/// <param name="name">The metric's name.</param>
/// <param name="fromSortedIds">
/// Whether predictions are class indices, the best first, instead of a score for each class.
/// </param>
public class SparseTopKCategoricalAccuracy(int k = 5, string name = "sparse_top_k_categorical_accuracy",
    bool fromSortedIds = false)
    : MeanMetric(fromSortedIds ? (t, p) => MetricFunctions.SparseTopKOfSorted(t, p, k)
        : (t, p) => MetricFunctions.SparseTopK(t, p, k), name, new() { ["k"] = k })
{
    internal override bool TakesClassNumbers => true;

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        // Keras 2.3 does not know this key and would reject it.
        if (fromSortedIds) config["from_sorted_ids"] = true;
        return config;
    }
}
