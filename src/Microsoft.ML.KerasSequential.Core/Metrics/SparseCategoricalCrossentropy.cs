namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>
/// The crossentropy for targets that are class indices (Keras <c>keras.metrics.SparseCategoricalCrossentropy</c>).
/// </summary>
/// <param name="name">The metric's name.</param>
/// <param name="fromLogits">Whether predictions are logits.</param>
/// <param name="axis">The axis of the classes.</param>
public class SparseCategoricalCrossentropy(string name = "sparse_categorical_crossentropy", bool fromLogits = false,
    int axis = -1)
    : MeanMetric((t, p) => K.SparseCategoricalCrossentropy(t, p, fromLogits, axis), name,
        new() { ["from_logits"] = fromLogits, ["axis"] = axis })
{
    internal override bool TakesClassNumbers => true;
}
