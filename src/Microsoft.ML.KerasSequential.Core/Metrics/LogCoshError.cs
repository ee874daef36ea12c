namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>The mean of log(cosh(p − t)) (Keras <c>keras.metrics.LogCoshError</c>).</summary>
/// <param name="name">The metric's name.</param>
public class LogCoshError(string name = "logcosh")
    : MeanMetric(Losses.LossFunctions.LogCosh, name);
