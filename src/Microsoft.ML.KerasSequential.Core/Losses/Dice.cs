using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Losses;

/// <summary>
/// 1 − 2·Σtp / (Σt + Σp), for segmentation (Keras 3 <c>keras.losses.Dice</c>).
/// </summary>
/// <param name="reduction">How to reduce the values to one number.</param>
/// <param name="name">The loss's name.</param>
/// <param name="axis">
/// The axes over which overlaps are summed; null for all, with one value for the whole batch.
/// </param>
public class Dice(Reduction reduction = Reduction.SumOverBatchSize, string name = "dice", int[]? axis = null)
    : Loss(name, reduction)
{
    private protected override bool HasOneValue => axis is null;

    /// <inheritdoc/>
    public override Tensor Call(Tensor yTrue, Tensor yPred)
    {
        TargetShapes.Match(ref yTrue, ref yPred);
        return 1 - 2 * LossFunctions.Over(yTrue * yPred, axis)
            / (LossFunctions.Over(yTrue, axis) + LossFunctions.Over(yPred, axis) + K.Epsilon);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["axis"] = axis is null ? null : Saving.Config.Sizes(axis);
        return config;
    }
}
