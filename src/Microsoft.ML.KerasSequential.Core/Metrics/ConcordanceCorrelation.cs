namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>
/// How well targets and predictions agree along an axis: their correlation, less where mean or spread differ (Keras 3
/// <c>keras.metrics.ConcordanceCorrelation</c>).
/// </summary>
/// <param name="name">The metric's name.</param>
/// <param name="axis">The axis.</param>
public class ConcordanceCorrelation(string name = "concordance_correlation", int axis = -1)
    : MeanMetric((t, p) => MetricFunctions.ConcordanceCorrelation(t, p, axis), name, new() { ["axis"] = axis })
{
    internal override bool IsBetterIfLarger => true;
}
