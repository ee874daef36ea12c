namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>
/// The fraction of predictions on the correct side of a threshold (Keras <c>keras.metrics.BinaryAccuracy</c>).
/// </summary>
/// <param name="name">The metric's name.</param>
/// <param name="threshold">The threshold; larger predictions count as 1.</param>
public class BinaryAccuracy(string name = "binary_accuracy", double threshold = 0.5)
    : MeanMetric((t, p) => MetricFunctions.BinaryAccuracy(t, p, threshold), name, new() { ["threshold"] = threshold })
{
}
