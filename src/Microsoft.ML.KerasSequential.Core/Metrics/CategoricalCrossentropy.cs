namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>
/// The crossentropy for targets that are distributions (Keras <c>keras.metrics.CategoricalCrossentropy</c>).
/// </summary>
/// <param name="name">The metric's name.</param>
/// <param name="fromLogits">Whether predictions are logits.</param>
/// <param name="labelSmoothing">Distributes this fraction of each target equally over all classes.</param>
public class CategoricalCrossentropy(string name = "categorical_crossentropy", bool fromLogits = false,
    double labelSmoothing = 0)
    : MeanMetric(new Losses.CategoricalCrossentropy(fromLogits, labelSmoothing).Call, name,
        new() { ["from_logits"] = fromLogits, ["label_smoothing"] = labelSmoothing });
