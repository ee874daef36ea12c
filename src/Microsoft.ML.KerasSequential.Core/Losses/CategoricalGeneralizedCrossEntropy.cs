using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Losses;

/// <summary>
/// (1 − pᵠ) / q of the target class, for targets that are class indices, some of which may be wrong (Zhang and Sabuncu
/// 2018; Keras 3 <c>keras.losses.CategoricalGeneralizedCrossEntropy</c>).
/// </summary>
/// <param name="q">
/// Between the crossentropy (near 0) and the absolute error (near 1), which noise affects less; in (0, 1).
/// </param>
/// <param name="reduction">How to reduce the values to one number.</param>
/// <param name="name">The loss's name.</param>
/// <exception cref="ArgumentOutOfRangeException"><paramref name="q"/> is not in (0, 1).</exception>
public class CategoricalGeneralizedCrossEntropy(double q = 0.5,
    Reduction reduction = Reduction.SumOverBatchSize, string name = "categorical_generalized_cross_entropy")
    : Loss(name, reduction)
{
    readonly double _q = q is > 0 and < 1 ? q
        : throw new ArgumentOutOfRangeException(nameof(q), $"q must be in (0, 1); given {q}.");

    internal override bool TakesClassNumbers => true;

    /// <inheritdoc/>
    public override Tensor Call(Tensor yTrue, Tensor yPred)
    {
        ArgumentNullException.ThrowIfNull(yTrue);
        ArgumentNullException.ThrowIfNull(yPred);
        int classes = yPred.Shape[-1]
            ?? throw new ArgumentException("The loss needs a known number of classes.", nameof(yPred));
        Tensor p = K.Sum(yPred * K.OneHot(TargetShapes.ClassNumbers(yTrue, yPred), classes), axis: -1);
        return (1 - K.Pow(p, _q)) / _q;
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["q"] = _q;
        return config;
    }
}
