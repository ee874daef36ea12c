using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Optimizers;

/// <summary>
/// Adam with Nesterov momentum, which is warmed up (Dozat 2016; Keras <c>keras.optimizers.Nadam</c>).
/// </summary>
public class Nadam : Optimizer
{
    readonly double _beta1, _beta2, _scheduleDecay, _epsilon;

    /// <summary>Creates the optimizer.</summary>
    /// <param name="learningRate">The learning rate.</param>
    /// <param name="beta1">The decay rate of the mean of the gradients, in [0, 1).</param>
    /// <param name="beta2">The decay rate of the mean square of the gradients, in [0, 1).</param>
    /// <param name="scheduleDecay">How fast the momentum warms up.</param>
    /// <param name="epsilon">A number added to the root, to avoid division by 0.</param>
    /// <param name="clipnorm">The maximum norm of all gradients together.</param>
    /// <param name="clipvalue">The maximum absolute value of a gradient.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public Nadam(double learningRate = 0.002, double beta1 = 0.9, double beta2 = 0.999, double scheduleDecay = 0.004,
        double epsilon = K.Epsilon, double? clipnorm = null, double? clipvalue = null)
        : base(learningRate, 0, clipnorm, clipvalue)
    {
        Beta(beta1, nameof(beta1));
        Beta(beta2, nameof(beta2));
        NotNegative(epsilon, nameof(epsilon));
        NotNegative(scheduleDecay, nameof(scheduleDecay));
        (_beta1, _beta2, _scheduleDecay, _epsilon) = (beta1, beta2, scheduleDecay, epsilon);
    }

    /// <summary>Creates the optimizer with a learning rate schedule.</summary>
    /// <param name="learningRate">The learning rate schedule.</param>
    /// <param name="beta1">The decay rate of the mean of the gradients, in [0, 1).</param>
    /// <param name="beta2">The decay rate of the mean square of the gradients, in [0, 1).</param>
    /// <param name="scheduleDecay">How fast the momentum warms up.</param>
    /// <param name="epsilon">A number added to the root, to avoid division by 0.</param>
    /// <param name="clipnorm">The maximum norm of all gradients together.</param>
    /// <param name="clipvalue">The maximum absolute value of a gradient.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public Nadam(LearningRateSchedule learningRate, double beta1 = 0.9, double beta2 = 0.999,
        double scheduleDecay = 0.004, double epsilon = K.Epsilon, double? clipnorm = null, double? clipvalue = null)
        : this(LearningRateSchedule.First(learningRate), beta1, beta2, scheduleDecay, epsilon, clipnorm, clipvalue) =>
            Schedule = learningRate;

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config.Remove("decay");
        config["beta_1"] = _beta1;
        config["beta_2"] = _beta2;
        config["epsilon"] = _epsilon;
        config["schedule_decay"] = _scheduleDecay;
        return config;
    }

    // Shared by the weights in one step: the momentum of this update and the next, the product of all so far, the
    // correction of v.
    Tensor? _now, _next, _product, _unbiased;

    /// <inheritdoc/>
    protected override Tensor Prepare(Tensor rate)
    {
        Variable product = Shared("m_schedule", 1);
        Tensor t = Step + 1;
        (_now, _next) = (Momentum(t), Momentum(t + 1));
        _product = product * _now;
        _unbiased = OneMinusPower(_beta2, t);
        Update(product, _product);
        return rate;
    }

    /// <inheritdoc/>
    protected override Tensor Apply(Variable weight, Tensor gradient, Tensor rate)
    {
        Variable meanSlot = SlotOf(weight, "m"), squareSlot = SlotOf(weight, "v");
        Tensor mean = Normal(_beta1 * meanSlot + (1 - _beta1) * gradient);
        Tensor square = Normal(_beta2 * squareSlot + (1 - _beta2) * K.Square(gradient));
        Update(meanSlot, mean);
        Update(squareSlot, square);
        Tensor ahead = (1 - _now!) * gradient / (1 - _product!) + _next! * mean / (1 - _product! * _next!);
        return weight - rate * ahead / (Sqrt(square / _unbiased!) + _epsilon);
    }

    Tensor Momentum(Tensor t) => _beta1 * (1 - 0.5 * K.Exp(t * (_scheduleDecay * Math.Log(0.96))));
}
