namespace Microsoft.ML.KerasSequential.Losses;

/// <summary>The mean of the squared differences (Keras <c>keras.losses.MeanSquaredError</c>).</summary>
/// <param name="reduction">How to reduce the values to one number.</param>
/// <param name="name">The loss's name.</param>
public class MeanSquaredError(Reduction reduction = Reduction.SumOverBatchSize, string name = "mean_squared_error")
    : Loss(name, reduction)
{
    internal override bool ChecksTargetShape => true;

    /// <inheritdoc/>
    public override Tensor Call(Tensor yTrue, Tensor yPred) => LossFunctions.MeanSquaredError(yTrue, yPred);
}
