namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>The mean of max(1 − t·p, 0)² (Keras <c>keras.metrics.SquaredHinge</c>).</summary>
/// <param name="name">The metric's name.</param>
public class SquaredHinge(string name = "squared_hinge")
    : MeanMetric(Losses.LossFunctions.SquaredHinge, name);
