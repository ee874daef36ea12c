namespace Microsoft.ML.KerasSequential.Losses;

/// <summary>The mean of the absolute differences (Keras <c>keras.losses.MeanAbsoluteError</c>).</summary>
/// <param name="name">The loss's name.</param>
public sealed class MeanAbsoluteError(string name = "mean_absolute_error") : Loss(name)
{
    /// <inheritdoc/>
    public override Tensor Call(Tensor yTrue, Tensor yPred) => K.Mean(K.Abs(yPred - yTrue), axis: -1);
}
