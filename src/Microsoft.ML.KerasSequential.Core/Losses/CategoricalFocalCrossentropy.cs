using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Losses;

/// <summary>
/// The categorical crossentropy, in which samples that are predicted well count less (Lin et al. 2018; Keras 3
/// <c>keras.losses.CategoricalFocalCrossentropy</c>).
/// </summary>
/// <param name="alpha">The factor of all values.</param>
/// <param name="gamma">The exponent that makes well predicted samples count less.</param>
/// <param name="fromLogits">Whether predictions are logits rather than probabilities.</param>
/// <param name="labelSmoothing">Distributes this fraction of each target equally over all classes.</param>
/// <param name="axis">The axis of the classes.</param>
/// <param name="reduction">How to reduce the values to one number.</param>
/// <param name="name">The loss's name.</param>
public class CategoricalFocalCrossentropy(double alpha = 0.25, double gamma = 2, bool fromLogits = false,
    double labelSmoothing = 0, int axis = -1, Reduction reduction = Reduction.SumOverBatchSize,
    string name = "categorical_focal_crossentropy")
    : Loss(name, reduction)
{
    internal override bool TakesLogits => fromLogits;

    /// <inheritdoc/>
    public override Tensor Call(Tensor yTrue, Tensor yPred)
    {
        TargetShapes.MatchVectors(ref yTrue, ref yPred);
        Tensor t = yTrue;
        if (labelSmoothing != 0)
        {
            int classes = yTrue.Shape[-1] ?? yPred.Shape[-1]
                ?? throw new ArgumentException("Label smoothing needs a known number of classes.", nameof(yPred));
            t = yTrue * (1 - labelSmoothing) + labelSmoothing / classes;
        }
        Tensor p = fromLogits ? K.Softmax(yPred, axis) : yPred / K.Sum(yPred, axis, keepdims: true);
        p = K.Clip(p, K.Epsilon, 1 - K.Epsilon);
        return K.Sum(alpha * K.Pow(1 - p, gamma) * -t * K.Log(p), axis);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["from_logits"] = fromLogits;
        config["label_smoothing"] = labelSmoothing;
        config["axis"] = axis;
        config["alpha"] = alpha;
        config["gamma"] = gamma;
        return config;
    }
}
