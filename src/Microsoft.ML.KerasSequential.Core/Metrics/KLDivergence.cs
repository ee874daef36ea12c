namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>The relative entropy of targets and predictions (Keras <c>keras.metrics.KLDivergence</c>).</summary>
/// <param name="name">The metric's name.</param>
public class KLDivergence(string name = "kullback_leibler_divergence")
    : MeanMetric(Losses.LossFunctions.KullbackLeiblerDivergence, name);
