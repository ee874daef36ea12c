using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Losses;

/// <summary>
/// 1 − Σtp / (Σtp + α·Σt(1 − p) + β·Σ(1 − t)p), for segmentation (Salehi et al. 2017; Keras 3
/// <c>keras.losses.Tversky</c>).
/// </summary>
/// <param name="alpha">The weight of what the predictions lack.</param>
/// <param name="beta">The weight of what the predictions have too much.</param>
/// <param name="reduction">How to reduce the values to one number.</param>
/// <param name="name">The loss's name.</param>
/// <param name="axis">
/// The axes over which overlaps are summed; null for all, with one value for the whole batch.
/// </param>
public class Tversky(double alpha = 0.5, double beta = 0.5, Reduction reduction = Reduction.SumOverBatchSize,
    string name = "tversky", int[]? axis = null)
    : Loss(name, reduction)
{
    private protected override bool HasOneValue => axis is null;

    /// <inheritdoc/>
    public override Tensor Call(Tensor yTrue, Tensor yPred)
    {
        TargetShapes.Match(ref yTrue, ref yPred);
        Tensor both = LossFunctions.Over(yTrue * yPred, axis);
        return 1 - both / (both + alpha * LossFunctions.Over((1 - yPred) * yTrue, axis)
            + beta * LossFunctions.Over(yPred * (1 - yTrue), axis) + K.Epsilon);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["alpha"] = alpha;
        config["beta"] = beta;
        config["axis"] = axis is null ? null : Saving.Config.Sizes(axis);
        return config;
    }
}
