namespace Microsoft.ML.KerasSequential.Losses;

/// <summary>The mean of p − t·log p (Keras <c>keras.losses.Poisson</c>).</summary>
/// <param name="reduction">How to reduce the values to one number.</param>
/// <param name="name">The loss's name.</param>
public class Poisson(Reduction reduction = Reduction.SumOverBatchSize, string name = "poisson") : Loss(name, reduction)
{
    /// <inheritdoc/>
    public override Tensor Call(Tensor yTrue, Tensor yPred) => LossFunctions.Poisson(yTrue, yPred);
}
