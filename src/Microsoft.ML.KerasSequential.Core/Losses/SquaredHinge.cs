namespace Microsoft.ML.KerasSequential.Losses;

/// <summary>
/// The mean of max(1 − t·p, 0)² for targets −1 and 1; targets that are all 0 or 1 are converted to −1 and 1 (Keras
/// <c>keras.losses.SquaredHinge</c>).
/// </summary>
/// <param name="reduction">How to reduce the values to one number.</param>
/// <param name="name">The loss's name.</param>
public class SquaredHinge(Reduction reduction = Reduction.SumOverBatchSize, string name = "squared_hinge")
    : Loss(name, reduction)
{
    internal override bool TakesLogits => true;

    /// <inheritdoc/>
    public override Tensor Call(Tensor yTrue, Tensor yPred) => LossFunctions.SquaredHinge(yTrue, yPred);
}
