using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Optimizers;

/// <summary>
/// Adam with decoupled weight decay (Loshchilov and Hutter 2019; Keras 3 <c>keras.optimizers.AdamW</c>).
/// </summary>
public class AdamW : Adam
{
    /// <summary>Creates the optimizer.</summary>
    /// <param name="learningRate">The learning rate.</param>
    /// <param name="weightDecay">
    /// The weight decay: each update first subtracts this fraction, times the learning rate, from each weight.
    /// </param>
    /// <param name="beta1">The decay rate of the mean of the gradients, in [0, 1).</param>
    /// <param name="beta2">The decay rate of the mean square of the gradients, in [0, 1).</param>
    /// <param name="amsgrad">Whether to use the largest mean square so far.</param>
    /// <param name="epsilon">A number added to the root, to avoid division by 0.</param>
    /// <param name="clipnorm">The maximum norm of all gradients together.</param>
    /// <param name="clipvalue">The maximum absolute value of a gradient.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public AdamW(double learningRate = 0.001, double weightDecay = 0.004, double beta1 = 0.9, double beta2 = 0.999,
        bool amsgrad = false,
        double epsilon = K.Epsilon, double? clipnorm = null, double? clipvalue = null)
        : base(learningRate, beta1, beta2, amsgrad, 0, epsilon, clipnorm, clipvalue)
    {
        NotNegative(weightDecay, nameof(weightDecay));
        Settings = Settings with { WeightDecay = weightDecay };
    }

    /// <summary>Creates the optimizer with a learning rate schedule.</summary>
    /// <param name="learningRate">The learning rate schedule.</param>
    /// <param name="weightDecay">
    /// The weight decay: each update first subtracts this fraction, times the learning rate, from each weight.
    /// </param>
    /// <param name="beta1">The decay rate of the mean of the gradients, in [0, 1).</param>
    /// <param name="beta2">The decay rate of the mean square of the gradients, in [0, 1).</param>
    /// <param name="amsgrad">Whether to use the largest mean square so far.</param>
    /// <param name="epsilon">A number added to the root, to avoid division by 0.</param>
    /// <param name="clipnorm">The maximum norm of all gradients together.</param>
    /// <param name="clipvalue">The maximum absolute value of a gradient.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public AdamW(LearningRateSchedule learningRate, double weightDecay = 0.004, double beta1 = 0.9,
        double beta2 = 0.999, bool amsgrad = false, double epsilon = K.Epsilon, double? clipnorm = null,
        double? clipvalue = null)
        : this(LearningRateSchedule.First(learningRate), weightDecay, beta1, beta2, amsgrad, epsilon, clipnorm,
            clipvalue) => Schedule = learningRate;

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config.Remove("decay");
        return config;
    }
}
