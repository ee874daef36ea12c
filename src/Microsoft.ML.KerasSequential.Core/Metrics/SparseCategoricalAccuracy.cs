namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>
/// The fraction of samples whose largest prediction is at the target class index (Keras
/// <c>keras.metrics.SparseCategoricalAccuracy</c>).
/// </summary>
/// <param name="name">The metric's name.</param>
public class SparseCategoricalAccuracy(string name = "sparse_categorical_accuracy")
    : MeanMetric(MetricFunctions.SparseCategoricalAccuracy, name)
{
    internal override bool TakesClassNumbers => true;

}
