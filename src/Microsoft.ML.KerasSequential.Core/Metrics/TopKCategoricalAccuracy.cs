namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>
/// The fraction of samples whose target is among the k largest predictions (Keras
/// <c>keras.metrics.TopKCategoricalAccuracy</c>).
/// </summary>
/// <param name="k">The number of largest predictions that count.</param>
/// <param name="name">The metric's name.</param>
public class TopKCategoricalAccuracy(int k = 5, string name = "top_k_categorical_accuracy")
    : MeanMetric((t, p) => MetricFunctions.TopK(t, p, k), name, new() { ["k"] = k })
{
}
