namespace Microsoft.ML.KerasSequential.Losses;

/// <summary>
/// The mean of the absolute differences as percentages of the target (Keras
/// <c>keras.losses.MeanAbsolutePercentageError</c>).
/// </summary>
/// <param name="reduction">How to reduce the values to one number.</param>
/// <param name="name">The loss's name.</param>
public class MeanAbsolutePercentageError(Reduction reduction = Reduction.SumOverBatchSize,
    string name = "mean_absolute_percentage_error") : Loss(name, reduction)
{
    /// <inheritdoc/>
    public override Tensor Call(Tensor yTrue, Tensor yPred) => LossFunctions.MeanAbsolutePercentageError(yTrue, yPred);
}
