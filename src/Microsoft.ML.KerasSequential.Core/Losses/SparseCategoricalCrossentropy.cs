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

    /// <inheritdoc/>
    public override Tensor Call(Tensor yTrue, Tensor yPred) =>
        K.SparseCategoricalCrossentropy(yTrue, yPred, fromLogits);

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["from_logits"] = fromLogits;
        return config;
    }
}
