namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>
/// The crossentropy for targets that are distributions (Keras <c>keras.metrics.CategoricalCrossentropy</c>).
/// </summary>
/// <param name="name">The metric's name.</param>
/// <param name="fromLogits">Whether predictions are logits.</param>
/// <param name="labelSmoothing">Distributes this fraction of each target equally over all classes.</param>
/// <param name="axis">The axis of the classes.</param>
public class CategoricalCrossentropy(string name = "categorical_crossentropy", bool fromLogits = false,
    double labelSmoothing = 0, int axis = -1)
    : MeanMetric(new Losses.CategoricalCrossentropy(fromLogits, labelSmoothing) { Axis = axis }.Call, name,
        new() { ["from_logits"] = fromLogits, ["label_smoothing"] = labelSmoothing })
{
    /// <inheritdoc/>
    public override System.Text.Json.Nodes.JsonObject GetConfig()
    {
        System.Text.Json.Nodes.JsonObject config = base.GetConfig();
        // Keras 2.3 does not know this key and would reject it.
        if (axis != -1) config["axis"] = axis;
        return config;
    }
}
