using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Optimizers;

/// <summary>
/// Adaptive moments (Kingma and Ba 2015; Keras <c>keras.optimizers.Adam</c>), optionally with the correction of Reddi
/// et al. 2018, <c>amsgrad</c>, which uses the largest second moment so far.
/// </summary>
public class Adam : Optimizer
{
    readonly double _beta1, _beta2, _epsilon;
    readonly bool _amsgrad;

    /// <summary>Creates the optimizer.</summary>
    /// <param name="learningRate">The learning rate.</param>
    /// <param name="beta1">The decay rate of the mean of the gradients, in [0, 1).</param>
    /// <param name="beta2">The decay rate of the mean square of the gradients, in [0, 1).</param>
    /// <param name="amsgrad">Whether to use the largest mean square so far.</param>
    /// <param name="decay">The learning rate decay: the rate at update t is divided by 1 + decay·t.</param>
    /// <param name="epsilon">A number added to the root, to avoid division by 0.</param>
    /// <param name="clipnorm">The maximum norm of all gradients together.</param>
    /// <param name="clipvalue">The maximum absolute value of a gradient.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public Adam(double learningRate = 0.001, double beta1 = 0.9, double beta2 = 0.999, bool amsgrad = false,
        double decay = 0,
        double epsilon = K.Epsilon, double? clipnorm = null, double? clipvalue = null)
        : base(learningRate, decay, clipnorm, clipvalue)
    {
        Beta(beta1, nameof(beta1));
        Beta(beta2, nameof(beta2));
        NotNegative(epsilon, nameof(epsilon));
        (_beta1, _beta2, _amsgrad, _epsilon) = (beta1, beta2, amsgrad, epsilon);
    }

    /// <summary>Creates the optimizer with a learning rate schedule.</summary>
    /// <param name="learningRate">The learning rate schedule.</param>
    /// <param name="beta1">The decay rate of the mean of the gradients, in [0, 1).</param>
    /// <param name="beta2">The decay rate of the mean square of the gradients, in [0, 1).</param>
    /// <param name="amsgrad">Whether to use the largest mean square so far.</param>
    /// <param name="decay">The learning rate decay: the rate at update t is divided by 1 + decay·t.</param>
    /// <param name="epsilon">A number added to the root, to avoid division by 0.</param>
    /// <param name="clipnorm">The maximum norm of all gradients together.</param>
    /// <param name="clipvalue">The maximum absolute value of a gradient.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public Adam(LearningRateSchedule learningRate, double beta1 = 0.9, double beta2 = 0.999, bool amsgrad = false,
        double decay = 0, double epsilon = K.Epsilon, double? clipnorm = null, double? clipvalue = null)
        : this(LearningRateSchedule.First(learningRate), beta1, beta2, amsgrad, decay, epsilon, clipnorm, clipvalue) =>
            Schedule = learningRate;

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["beta_1"] = _beta1;
        config["beta_2"] = _beta2;
        config["epsilon"] = _epsilon;
        config["amsgrad"] = _amsgrad;
        return config;
    }

    /// <summary>lr·√(1 − β₂ᵗ)/(1 − β₁ᵗ).</summary>
    protected override Tensor Prepare(Tensor rate)
    {
        Tensor t = Step + 1;
        return rate * Sqrt(OneMinusPower(_beta2, t)) / OneMinusPower(_beta1, t);
    }

    /// <inheritdoc/>
    protected override Tensor Apply(Variable weight, Tensor gradient, Tensor rate)
    {
        Variable meanSlot = SlotOf(weight, "m"), squareSlot = SlotOf(weight, "v");
        Tensor mean = Normal(_beta1 * meanSlot + (1 - _beta1) * gradient);
        Tensor square = Normal(_beta2 * squareSlot + (1 - _beta2) * K.Square(gradient));
        Update(meanSlot, mean);
        Update(squareSlot, square);
        if (_amsgrad)
        {
            Variable largestSlot = SlotOf(weight, "vhat");
            square = K.Maximum(largestSlot, square);
            Update(largestSlot, square);
        }
        return weight - rate * mean / (Sqrt(square) + _epsilon);
    }
}
