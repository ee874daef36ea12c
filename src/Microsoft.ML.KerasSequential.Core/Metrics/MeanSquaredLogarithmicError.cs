namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>
/// The mean of the squared differences between log(1 + t) and log(1 + p) (Keras
/// <c>keras.metrics.MeanSquaredLogarithmicError</c>).
/// </summary>
/// <param name="name">The metric's name.</param>
public class MeanSquaredLogarithmicError(string name = "mean_squared_logarithmic_error")
    : MeanMetric(Losses.LossFunctions.MeanSquaredLogarithmicError, name);
