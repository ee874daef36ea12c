using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Losses;

/// <summary>
/// Half the square of a difference, and a straight line beyond <paramref name="delta"/>; one value per element, as in
/// Keras (Keras <c>keras.losses.Huber</c>).
/// </summary>
/// <param name="delta">The difference at which the square becomes a line.</param>
/// <param name="reduction">How to reduce the values to one number.</param>
/// <param name="name">The loss's name.</param>
public class Huber(double delta = 1, Reduction reduction = Reduction.SumOverBatchSize, string name = "huber_loss")
    : Loss(name, reduction)
{
    /// <inheritdoc/>
    public override Tensor Call(Tensor yTrue, Tensor yPred) => LossFunctions.Huber(yTrue, yPred, delta);

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["delta"] = delta;
        return config;
    }
}
