namespace Microsoft.ML.KerasSequential.Losses;

/// <summary>
/// The mean of max(1 − t·p, 0) for targets −1 and 1; targets that are all 0 or 1 are converted to −1 and 1 (Keras
/// <c>keras.losses.Hinge</c>).
/// </summary>
/// <param name="reduction">How to reduce the values to one number.</param>
/// <param name="name">The loss's name.</param>
public class Hinge(Reduction reduction = Reduction.SumOverBatchSize, string name = "hinge") : Loss(name, reduction)
{
    internal override bool TakesLogits => true;

    /// <inheritdoc/>
    public override Tensor Call(Tensor yTrue, Tensor yPred) => LossFunctions.Hinge(yTrue, yPred);
}
