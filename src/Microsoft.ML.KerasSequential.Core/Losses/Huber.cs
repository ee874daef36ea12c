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
    /// <summary>
    /// Gets whether the values are averaged over the last dimension, as in Keras 3 and like those of other losses,
    /// rather than one per element.
    /// </summary>
    public bool PerSample { get; init; }

    /// <inheritdoc/>
    public override Tensor Call(Tensor yTrue, Tensor yPred)
    {
        Tensor values = LossFunctions.Huber(yTrue, yPred, delta);
        return PerSample ? K.Mean(values, axis: -1) : values;
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["delta"] = delta;
        if (PerSample) config["per_sample"] = true;
        return config;
    }
}
