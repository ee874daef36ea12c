namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>
/// The correlation of targets and predictions along an axis (Keras 3
/// <c>keras.metrics.PearsonCorrelation</c>).
/// </summary>
/// <param name="name">The metric's name.</param>
/// <param name="axis">The axis.</param>
public class PearsonCorrelation(string name = "pearson_correlation", int axis = -1)
    : MeanMetric((t, p) => MetricFunctions.PearsonCorrelation(t, p, axis), name, new() { ["axis"] = axis })
{
    internal override bool IsBetterIfLarger => true;
}
