namespace Microsoft.ML.KerasSequential.Losses;

/// <summary>The mean of the squared differences (Keras <c>keras.losses.MeanSquaredError</c>).</summary>
/// <param name="name">The loss's name.</param>
public sealed class MeanSquaredError(string name = "mean_squared_error") : Loss(name)
{
    /// <inheritdoc/>
    public override Tensor Call(Tensor yTrue, Tensor yPred) => K.Mean(K.Square(yPred - yTrue), axis: -1);
}
