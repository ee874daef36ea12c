namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>The share of samples whose target class number is among the k largest predictions (Keras <c>keras.metrics.SparseTopKCategoricalAccuracy</c>).</summary>
/// <param name="k">How many predictions count.</param>
/// <param name="name">The metric's name.</param>
public class SparseTopKCategoricalAccuracy(int k = 5, string name = "sparse_top_k_categorical_accuracy")
    : MeanMetric((t, p) => MetricFunctions.SparseTopK(t, p, k), name, new() { ["k"] = k })
{
    internal override bool TakesClassNumbers => true;
}
