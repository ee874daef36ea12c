namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>The mean of max(1 − t·p, 0) (Keras <c>keras.metrics.Hinge</c>).</summary>
/// <param name="name">The metric's name.</param>
public class Hinge(string name = "hinge")
    : MeanMetric(Losses.LossFunctions.Hinge, name);
