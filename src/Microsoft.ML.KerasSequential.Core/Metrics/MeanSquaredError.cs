namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>The mean of the squared differences (Keras <c>keras.metrics.MeanSquaredError</c>).</summary>
/// <param name="name">The metric's name.</param>
public class MeanSquaredError(string name = "mean_squared_error")
    : MeanMetric(Losses.LossFunctions.MeanSquaredError, name);
