using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Losses;

/// <summary>
/// −log p of the target class, for targets that are class indices (Keras
/// <c>keras.losses.SparseCategoricalCrossentropy</c>).
/// </summary>
/// <param name="fromLogits">Whether predictions are logits rather than probabilities.</param>
/// <param name="reduction">How to reduce the values to one number.</param>
/// <param name="name">The loss's name.</param>
public class SparseCategoricalCrossentropy(bool fromLogits = false, Reduction reduction = Reduction.SumOverBatchSize,
    string name = "sparse_categorical_crossentropy") : Loss(name, reduction)
{
    internal override bool TakesClassNumbers => true;

    internal override bool TakesLogits => fromLogits;

    /// <summary>Gets the axis of the classes; the default is -1, the last (Keras 3 <c>axis</c>).</summary>
    public int Axis { get; init; } = -1;

    /// <summary>
    /// Gets a class index whose targets don't count, such as -1 or 255 for unlabeled pixels; null for none (Keras 3
    /// <c>ignore_class</c>). Their losses are 0, and a mean is taken over the others.
    /// </summary>
    public int? IgnoreClass { get; init; }

    /// <inheritdoc/>
    public override Tensor Call(Tensor yTrue, Tensor yPred)
    {
        if (IgnoreClass is null) return K.SparseCategoricalCrossentropy(yTrue, yPred, fromLogits, Axis);
        Tensor numbers = TargetShapes.ClassNumbers(yTrue, yPred, Axis), counts = Counted(numbers);
        Tensor values = K.SparseCategoricalCrossentropy(K.Where(counts, numbers, 0), yPred, fromLogits, Axis);
        return K.Where(counts, values, 0);
    }

    private protected override Tensor? Counts(Tensor yTrue, Tensor yPred, Tensor values) =>
        IgnoreClass is null ? null : Counted(TargetShapes.ClassNumbers(yTrue, yPred, Axis));

    Tensor Counted(Tensor numbers) => K.NotEqual(numbers, IgnoreClass!.Value);

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["from_logits"] = fromLogits;
        if (IgnoreClass is int ignored) config["ignore_class"] = ignored;
        if (Axis != -1) config["axis"] = Axis;
        return config;
    }
}
