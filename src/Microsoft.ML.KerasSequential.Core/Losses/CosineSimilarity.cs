using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Losses;

/// <summary>
/// Minus the cosine of the angle between target and prediction (Keras <c>keras.losses.CosineSimilarity</c>).
/// </summary>
/// <param name="axis">The axis of the vectors.</param>
/// <param name="reduction">How to reduce the values to one number.</param>
/// <param name="name">The loss's name.</param>
public class CosineSimilarity(int axis = -1, Reduction reduction = Reduction.SumOverBatchSize,
    string name = "cosine_similarity")
    : Loss(name, reduction)
{
    /// <inheritdoc/>
    public override Tensor Call(Tensor yTrue, Tensor yPred) => -LossFunctions.Cosine(yTrue, yPred, axis);

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["axis"] = axis;
        return config;
    }
}
