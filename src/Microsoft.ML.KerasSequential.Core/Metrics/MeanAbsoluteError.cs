namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>The mean of the absolute differences (Keras <c>keras.metrics.MeanAbsoluteError</c>).</summary>
/// <param name="name">The metric's name.</param>
public class MeanAbsoluteError(string name = "mean_absolute_error")
    : MeanMetric(Losses.LossFunctions.MeanAbsoluteError, name);
