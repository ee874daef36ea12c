namespace Microsoft.ML.KerasSequential.Losses;

/// <summary>
/// The mean of log(cosh(p − t)): nearly half the square for small differences, nearly the absolute value for large ones
/// (Keras <c>keras.losses.LogCosh</c>).
/// </summary>
/// <param name="reduction">How to reduce the values to one number.</param>
/// <param name="name">The loss's name.</param>
public class LogCosh(Reduction reduction = Reduction.SumOverBatchSize, string name = "logcosh") : Loss(name, reduction)
{
    /// <inheritdoc/>
    public override Tensor Call(Tensor yTrue, Tensor yPred) => LossFunctions.LogCosh(yTrue, yPred);
}
