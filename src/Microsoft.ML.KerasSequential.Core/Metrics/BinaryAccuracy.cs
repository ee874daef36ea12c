namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>The share of predictions on the right side of a threshold (Keras <c>keras.metrics.BinaryAccuracy</c>).</summary>
/// <param name="name">The metric's name.</param>
/// <param name="threshold">Predictions above it count as 1.</param>
public class BinaryAccuracy(string name = "binary_accuracy", double threshold = 0.5)
    : MeanMetric((t, p) => MetricFunctions.BinaryAccuracy(t, p, threshold), name, new() { ["threshold"] = threshold });
