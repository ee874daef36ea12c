using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Losses;

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

    /// <summary>
    /// Gets a class index whose targets don't count, such as -1 or 255 for unlabeled pixels; null for none (Keras 3
    /// <c>ignore_class</c>). As in Keras, their values are 0; with sample weights, their weights are 0 too.
    /// </summary>
    public int? IgnoreClass { get; init; }

    internal override bool HasFunctionOf(Metric other) => base.HasFunctionOf(other)
        && other is SparseCategoricalCrossentropy same && same.IgnoreClass == IgnoreClass;

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        // Keras 2.3 does not know this key and would reject it.
        if (IgnoreClass is int ignored) config["ignore_class"] = ignored;
        return config;
    }

    /// <inheritdoc/>
    protected internal override IReadOnlyList<Tensor> Update(Tensor yTrue, Tensor yPred, Tensor? sampleWeight)
    {
        if (IgnoreClass is not int ignored) return base.Update(yTrue, yPred, sampleWeight);
        Tensor numbers = TargetShapes.ClassNumbers(yTrue, yPred, axis), counts = K.NotEqual(numbers, ignored);
        Tensor values = K.SparseCategoricalCrossentropy(K.Where(counts, numbers, 0), yPred, fromLogits, axis);
        values = K.Where(counts, values, 0);
        return Mean.Add(States, values, sampleWeight is null ? null
            : SampleWeights.Broadcast(sampleWeight, values) * counts);
    }
}
