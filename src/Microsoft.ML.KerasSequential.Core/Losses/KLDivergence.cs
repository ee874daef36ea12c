namespace Microsoft.ML.KerasSequential.Losses;

/// <summary>
/// The Kullback–Leibler divergence Σ t·log(t/p) of two distributions (Keras <c>keras.losses.KLDivergence</c>).
/// </summary>
/// <param name="reduction">How to reduce the values to one number.</param>
/// <param name="name">The loss's name.</param>
public class KLDivergence(Reduction reduction = Reduction.SumOverBatchSize, string name = "kullback_leibler_divergence")
    : Loss(name, reduction)
{
    /// <inheritdoc/>
    public override Tensor Call(Tensor yTrue, Tensor yPred) => LossFunctions.KullbackLeiblerDivergence(yTrue, yPred);
}
