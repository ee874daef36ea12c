namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>The binary crossentropy (Keras <c>keras.metrics.BinaryCrossentropy</c>).</summary>
/// <param name="name">The metric's name.</param>
/// <param name="fromLogits">Whether predictions are logits.</param>
/// <param name="labelSmoothing">Moves targets from 0 and 1 toward ½ by half of this.</param>
public class BinaryCrossentropy(string name = "binary_crossentropy", bool fromLogits = false, double labelSmoothing = 0)
    : MeanMetric(new Losses.BinaryCrossentropy(fromLogits, labelSmoothing).Call, name,
        new() { ["from_logits"] = fromLogits, ["label_smoothing"] = labelSmoothing });
