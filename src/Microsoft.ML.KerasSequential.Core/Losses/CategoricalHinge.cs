namespace Microsoft.ML.KerasSequential.Losses;

/// <summary>
/// max(0, 1 + the largest wrong prediction − the right one) for one-hot targets (Keras
/// <c>keras.losses.CategoricalHinge</c>).
/// </summary>
/// <param name="reduction">How to reduce the values to one number.</param>
/// <param name="name">The loss's name.</param>
public class CategoricalHinge(Reduction reduction = Reduction.SumOverBatchSize, string name = "categorical_hinge")
    : Loss(name, reduction)
{
    internal override bool TakesLogits => true;

    /// <inheritdoc/>
    public override Tensor Call(Tensor yTrue, Tensor yPred) => LossFunctions.CategoricalHinge(yTrue, yPred);
}
