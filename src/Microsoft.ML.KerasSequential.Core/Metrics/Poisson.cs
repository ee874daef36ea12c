namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>The mean of p − t·log p (Keras <c>keras.metrics.Poisson</c>).</summary>
/// <param name="name">The metric's name.</param>
public class Poisson(string name = "poisson")
    : MeanMetric(Losses.LossFunctions.Poisson, name);
