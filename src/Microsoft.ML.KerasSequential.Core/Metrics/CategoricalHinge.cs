namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>
/// The mean of max(0, 1 + the largest wrong prediction − the right one) (Keras <c>keras.metrics.CategoricalHinge</c>).
/// </summary>
/// <param name="name">The metric's name.</param>
public class CategoricalHinge(string name = "categorical_hinge")
    : MeanMetric(Losses.LossFunctions.CategoricalHinge, name);
