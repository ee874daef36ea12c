namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>
/// The fraction of predictions that equal their targets exactly (Keras <c>keras.metrics.Accuracy</c>).
/// </summary>
/// <param name="name">The metric's name.</param>
public class Accuracy(string name = "accuracy")
    : MeanMetric(MetricFunctions.Accuracy, name)
{
}
