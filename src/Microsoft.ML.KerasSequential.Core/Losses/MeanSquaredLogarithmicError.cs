namespace Microsoft.ML.KerasSequential.Losses;

/// <summary>
/// The mean of the squared differences between log(1 + t) and log(1 + p) (Keras
/// <c>keras.losses.MeanSquaredLogarithmicError</c>).
/// </summary>
/// <param name="reduction">How to reduce the values to one number.</param>
/// <param name="name">The loss's name.</param>
public class MeanSquaredLogarithmicError(Reduction reduction = Reduction.SumOverBatchSize,
    string name = "mean_squared_logarithmic_error") : Loss(name, reduction)
{
    /// <inheritdoc/>
    public override Tensor Call(Tensor yTrue, Tensor yPred) => LossFunctions.MeanSquaredLogarithmicError(yTrue, yPred);
}
