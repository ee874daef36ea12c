using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Losses;

/// <summary>
/// The mean over the last dimension of −t·log p − (1 − t)·log(1 − p) (Keras <c>keras.losses.BinaryCrossentropy</c>).
/// </summary>
/// <param name="fromLogits">Whether predictions are logits rather than probabilities.</param>
/// <param name="labelSmoothing">Moves targets from 0 and 1 toward ½ by half of this.</param>
/// <param name="reduction">How to reduce the values to one number.</param>
/// <param name="name">The loss's name.</param>
public class BinaryCrossentropy(bool fromLogits = false, double labelSmoothing = 0,
    Reduction reduction = Reduction.SumOverBatchSize, string name = "binary_crossentropy") : Loss(name, reduction)
{
    internal override bool TakesLogits => fromLogits;

    internal override bool ChecksTargetShape => true;

    /// <summary>Gets the axis of the mean; the default is -1, the last (Keras 3 <c>axis</c>).</summary>
    public int Axis { get; init; } = -1;

    /// <inheritdoc/>
    public override Tensor Call(Tensor yTrue, Tensor yPred)
    {
        TargetShapes.Match(ref yTrue, ref yPred);
        Tensor target = labelSmoothing == 0 ? yTrue : yTrue * (1 - labelSmoothing) + 0.5 * labelSmoothing;
        return K.Mean(K.BinaryCrossentropy(target, yPred, fromLogits), axis: Axis);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["from_logits"] = fromLogits;
        config["label_smoothing"] = labelSmoothing;
        if (Axis != -1) config["axis"] = Axis;
        return config;
    }
}
