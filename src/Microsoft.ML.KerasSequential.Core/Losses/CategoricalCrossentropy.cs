using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Losses;

/// <summary>
/// −Σ t·log p for targets that are distributions, usually one-hot (Keras <c>keras.losses.CategoricalCrossentropy</c>).
/// </summary>
/// <param name="fromLogits">Whether predictions are logits rather than probabilities.</param>
/// <param name="labelSmoothing">Distributes this fraction of each target equally over all classes.</param>
/// <param name="reduction">How to reduce the values to one number.</param>
/// <param name="name">The loss's name.</param>
public class CategoricalCrossentropy(bool fromLogits = false, double labelSmoothing = 0,
    Reduction reduction = Reduction.SumOverBatchSize, string name = "categorical_crossentropy") : Loss(name, reduction)
{
    internal override bool TakesLogits => fromLogits;

    internal override bool ChecksTargetShape => true;

    /// <summary>Gets the axis of the classes; the default is -1, the last (Keras 3 <c>axis</c>).</summary>
    public int Axis { get; init; } = -1;

    /// <inheritdoc/>
    public override Tensor Call(Tensor yTrue, Tensor yPred)
    {
        TargetShapes.MatchVectors(ref yTrue, ref yPred);
        Tensor target = yTrue;
        if (labelSmoothing != 0)
        {
            // Keras counts the last axis, whichever one the classes are on.
            int classes = yPred.Shape[-1]
                ?? throw new ArgumentException("Label smoothing needs a known number of classes.", nameof(yPred));
            target = yTrue * (1 - labelSmoothing) + labelSmoothing / classes;
        }
        return K.CategoricalCrossentropy(target, yPred, fromLogits, Axis);
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
