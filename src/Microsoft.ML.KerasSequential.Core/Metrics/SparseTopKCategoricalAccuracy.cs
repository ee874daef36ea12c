namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>
/// The fraction of samples whose target class index is among the k largest predictions (Keras
/// <c>keras.metrics.SparseTopKCategoricalAccuracy</c>).
/// </summary>
/// <param name="k">The number of largest predictions that count.</param>
/// <param name="name">The metric's name.</param>
public class SparseTopKCategoricalAccuracy(int k = 5, string name = "sparse_top_k_categorical_accuracy")
    : MeanMetric((t, p) => MetricFunctions.SparseTopK(t, p, k), name, new() { ["k"] = k })
{
    internal override bool TakesClassNumbers => true;

}
