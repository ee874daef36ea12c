using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Optimizers;

/// <summary>
/// AdamW that replaces a learning rate schedule with an average over the weights of all updates (Defazio et al. 2024;
/// Keras 3 <c>keras.optimizers.ScheduleFreeAdamW</c>). Gradients are computed between the average and the last step.
/// </summary>
public class ScheduleFreeAdamW : Optimizer
{
    readonly double _beta1, _beta2, _epsilon;
    readonly int _warmupSteps;

    /// <summary>Creates the optimizer.</summary>
    /// <param name="learningRate">The learning rate.</param>
    /// <param name="beta1">The share of the average in the weights that gradients are computed for, in (0, 1].</param>
    /// <param name="beta2">The decay rate of the mean square of the gradients, in [0, 1).</param>
    /// <param name="epsilon">A number added to the root, to avoid division by 0.</param>
    /// <param name="warmupSteps">
    /// The number of updates over which the learning rate grows linearly to its value.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public ScheduleFreeAdamW(double learningRate = 0.0025, double beta1 = 0.9, double beta2 = 0.999,
        double epsilon = 1e-8, int warmupSteps = 0)
        : base(learningRate)
    {
        if (!(beta1 > 0 && beta1 <= 1))
            throw new ArgumentOutOfRangeException(nameof(beta1), $"beta1 must be in (0, 1]; given {beta1}.");
        Beta(beta2, nameof(beta2));
        NotNegative(epsilon, nameof(epsilon));
        ArgumentOutOfRangeException.ThrowIfNegative(warmupSteps);
        (_beta1, _beta2, _epsilon, _warmupSteps) = (beta1, beta2, epsilon, warmupSteps);
    }

    /// <summary>Creates the optimizer with a learning rate schedule.</summary>
    /// <param name="learningRate">The learning rate schedule.</param>
    /// <param name="beta1">The share of the average in the weights that gradients are computed for, in (0, 1].</param>
    /// <param name="beta2">The decay rate of the mean square of the gradients, in [0, 1).</param>
    /// <param name="epsilon">A number added to the root, to avoid division by 0.</param>
    /// <param name="warmupSteps">
    /// The number of updates over which the learning rate grows linearly to its value.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public ScheduleFreeAdamW(LearningRateSchedule learningRate, double beta1 = 0.9, double beta2 = 0.999,
        double epsilon = 1e-8, int warmupSteps = 0)
        : this(LearningRateSchedule.First(learningRate), beta1, beta2, epsilon, warmupSteps) =>
            Schedule = learningRate;

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config.Remove("decay");
        config["beta_1"] = _beta1;
        config["beta_2"] = _beta2;
        config["epsilon"] = _epsilon;
        config["warmup_steps"] = _warmupSteps;
        return config;
    }

    /// <inheritdoc/>
    protected override Tensor Prepare(Tensor rate) =>
        _warmupSteps == 0 ? rate : rate * K.Minimum((Step + 1) / _warmupSteps, 1);

    /// <inheritdoc/>
    protected override Tensor Apply(Variable weight, Tensor gradient, Tensor rate)
    {
        Variable lastSlot = SlotOf(weight, "z"), squareSlot = SlotOf(weight, "v");
        Tensor t = Step + 1, start = Decayed(weight), last = K.Where(K.Equal(Step, 0), weight, lastSlot);
        Tensor square = Normal(_beta2 * squareSlot + (1 - _beta2) * K.Square(gradient));
        Tensor next = last - rate * gradient / (Sqrt(square / OneMinusPower(_beta2, t)) + _epsilon);
        Update(squareSlot, square);
        Update(lastSlot, next);
        Tensor average = (start - (1 - _beta1) * last) / _beta1;
        average = (1 - 1 / t) * average + next / t;
        return (1 - _beta1) * next + _beta1 * average;
    }
}
