namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>
/// The root of the mean of the squared differences (Keras <c>keras.metrics.RootMeanSquaredError</c>).
/// </summary>
/// <param name="name">The metric's name.</param>
public class RootMeanSquaredError(string name = "root_mean_squared_error")
    : MeanMetric(MetricFunctions.SquaredError, name)
{
    /// <inheritdoc/>
    protected internal override Tensor Value(IReadOnlyList<Tensor> states) => K.Sqrt(base.Value(states));
}
