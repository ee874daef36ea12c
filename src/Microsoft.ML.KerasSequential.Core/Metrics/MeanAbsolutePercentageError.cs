namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>
/// The mean of the absolute differences as percentages of the target (Keras
/// <c>keras.metrics.MeanAbsolutePercentageError</c>).
/// </summary>
/// <param name="name">The metric's name.</param>
public class MeanAbsolutePercentageError(string name = "mean_absolute_percentage_error")
    : MeanMetric(Losses.LossFunctions.MeanAbsolutePercentageError, name);
