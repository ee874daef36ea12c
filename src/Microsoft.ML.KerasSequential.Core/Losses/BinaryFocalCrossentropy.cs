using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Losses;

/// <summary>
/// The binary crossentropy, in which samples that are predicted well count less (Lin et al. 2018; Keras 3
/// <c>keras.losses.BinaryFocalCrossentropy</c>).
/// </summary>
/// <param name="applyClassBalancing">Whether to weight the classes.</param>
/// <param name="alpha">The weight of class 1; class 0 has 1 − this.</param>
/// <param name="gamma">The exponent that makes well predicted samples count less.</param>
/// <param name="fromLogits">Whether predictions are logits rather than probabilities.</param>
/// <param name="labelSmoothing">Moves targets from 0 and 1 toward ½ by half of this.</param>
/// <param name="axis">The axis of the mean.</param>
/// <param name="reduction">How to reduce the values to one number.</param>
/// <param name="name">The loss's name.</param>
public class BinaryFocalCrossentropy(bool applyClassBalancing = false, double alpha = 0.25, double gamma = 2,
    bool fromLogits = false, double labelSmoothing = 0, int axis = -1,
    Reduction reduction = Reduction.SumOverBatchSize, string name = "binary_focal_crossentropy")
    : Loss(name, reduction)
{
    internal override bool TakesLogits => fromLogits;

    /// <inheritdoc/>
    public override Tensor Call(Tensor yTrue, Tensor yPred)
    {
        TargetShapes.Match(ref yTrue, ref yPred);
        Tensor t = labelSmoothing == 0 ? yTrue : yTrue * (1 - labelSmoothing) + 0.5 * labelSmoothing;
        Tensor p = fromLogits ? K.Sigmoid(yPred) : yPred, right = t * p + (1 - t) * (1 - p);
        Tensor values = K.Pow(1 - right, gamma) * K.BinaryCrossentropy(t, p);
        if (applyClassBalancing) values *= t * alpha + (1 - t) * (1 - alpha);
        return K.Mean(values, axis);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["from_logits"] = fromLogits;
        config["label_smoothing"] = labelSmoothing;
        config["axis"] = axis;
        config["apply_class_balancing"] = applyClassBalancing;
        config["alpha"] = alpha;
        config["gamma"] = gamma;
        return config;
    }
}
