using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Optimizers;

/// <summary>The sign of an interpolated momentum (Chen et al. 2023; Keras 3 <c>keras.optimizers.Lion</c>).</summary>
public class Lion : Optimizer
{
    readonly double _beta1, _beta2;

    /// <summary>Creates the optimizer.</summary>
    /// <param name="learningRate">The learning rate.</param>
    /// <param name="beta1">The weight of the momentum in the update, in [0, 1).</param>
    /// <param name="beta2">The decay rate of the momentum, in [0, 1).</param>
    /// <param name="weightDecay">
    /// The weight decay: each update first subtracts this fraction, times the learning rate, from each weight.
    /// </param>
    /// <param name="clipnorm">The maximum norm of all gradients together.</param>
    /// <param name="clipvalue">The maximum absolute value of a gradient.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public Lion(double learningRate = 0.001, double beta1 = 0.9, double beta2 = 0.99, double weightDecay = 0,
        double? clipnorm = null, double? clipvalue = null)
        : base(learningRate, 0, clipnorm, clipvalue)
    {
        Beta(beta1, nameof(beta1));
        Beta(beta2, nameof(beta2));
        NotNegative(weightDecay, nameof(weightDecay));
        (_beta1, _beta2) = (beta1, beta2);
        Settings = Settings with { WeightDecay = weightDecay };
    }

    /// <summary>Creates the optimizer with a learning rate schedule.</summary>
    /// <param name="learningRate">The learning rate schedule.</param>
    /// <param name="beta1">The weight of the momentum in the update, in [0, 1).</param>
    /// <param name="beta2">The decay rate of the momentum, in [0, 1).</param>
    /// <param name="weightDecay">
    /// The weight decay: each update first subtracts this fraction, times the learning rate, from each weight.
    /// </param>
    /// <param name="clipnorm">The maximum norm of all gradients together.</param>
    /// <param name="clipvalue">The maximum absolute value of a gradient.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public Lion(LearningRateSchedule learningRate, double beta1 = 0.9, double beta2 = 0.99, double weightDecay = 0,
        double? clipnorm = null, double? clipvalue = null)
        : this(LearningRateSchedule.First(learningRate), beta1, beta2, weightDecay, clipnorm, clipvalue) =>
            Schedule = learningRate;

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["beta_1"] = _beta1;
        config["beta_2"] = _beta2;
        return config;
    }

    /// <inheritdoc/>
    protected override Tensor Apply(Variable weight, Tensor gradient, Tensor rate)
    {
        Variable slot = SlotOf(weight, "m");
        Update(slot, Normal(_beta2 * slot + (1 - _beta2) * gradient));
        return weight - rate * K.Sign(_beta1 * slot + (1 - _beta1) * gradient);
    }
}
