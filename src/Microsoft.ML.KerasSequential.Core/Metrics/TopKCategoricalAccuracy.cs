namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>The share of samples whose target is among the k largest predictions (Keras <c>keras.metrics.TopKCategoricalAccuracy</c>).</summary>
/// <param name="k">How many predictions count.</param>
/// <param name="name">The metric's name.</param>
public class TopKCategoricalAccuracy(int k = 5, string name = "top_k_categorical_accuracy")
    : MeanMetric((t, p) => MetricFunctions.TopK(t, p, k), name, new() { ["k"] = k });
