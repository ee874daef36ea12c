namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>
/// The fraction of samples whose largest prediction is at the index of the target's largest value (Keras
/// <c>keras.metrics.CategoricalAccuracy</c>).
/// </summary>
/// <param name="name">The metric's name.</param>
public class CategoricalAccuracy(string name = "categorical_accuracy")
    : MeanMetric(MetricFunctions.CategoricalAccuracy, name)
{
}
