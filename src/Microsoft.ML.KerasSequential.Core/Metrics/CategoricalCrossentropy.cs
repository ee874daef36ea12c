namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>The crossentropy for targets that are distributions (Keras <c>keras.metrics.CategoricalCrossentropy</c>).</summary>
/// <param name="name">The metric's name.</param>
/// <param name="fromLogits">Whether predictions are logits.</param>
/// <param name="labelSmoothing">Moves this share of each target to all classes equally.</param>
public class CategoricalCrossentropy(string name = "categorical_crossentropy", bool fromLogits = false, double labelSmoothing = 0)
    : MeanMetric(new Losses.CategoricalCrossentropy(fromLogits, labelSmoothing).Call, name, new() { ["from_logits"] = fromLogits, ["label_smoothing"] = labelSmoothing });
