namespace Microsoft.ML.KerasSequential.Losses;

/// <summary>
/// −log of the probability of labels given time steps, whatever their alignment (Graves et al. 2006; Keras 3
/// <c>keras.losses.CTC</c>). Targets are labels (batch, labels), of which 0 is the blank and fills the rest;
/// predictions are logits (batch, steps, classes).
/// </summary>
/// <param name="reduction">How to reduce the values to one number.</param>
/// <param name="name">The loss's name.</param>
public class CTC(Reduction reduction = Reduction.SumOverBatchSize, string name = "ctc")
    : Loss(name, reduction)
{
    internal override bool ChecksTargetShape => false;

    internal override bool TakesLogits => true;

    /// <inheritdoc/>
    public override Tensor Call(Tensor yTrue, Tensor yPred) => K.CtcLoss(yTrue, yPred);
}
