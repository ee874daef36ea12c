using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Optimizers;

/// <summary>
/// Adam with the largest gradient instead of the mean square (Kingma and Ba 2015, section 7; Keras
/// <c>keras.optimizers.Adamax</c>).
/// </summary>
public class Adamax : Optimizer
{
    readonly double _beta1, _beta2, _epsilon;

    /// <summary>Creates the optimizer.</summary>
    /// <param name="learningRate">The learning rate.</param>
    /// <param name="beta1">The decay rate of the mean of the gradients, in [0, 1).</param>
    /// <param name="beta2">The decay rate of the mean square of the gradients, in [0, 1).</param>
    /// <param name="decay">The learning rate decay: the rate at update t is divided by 1 + decay·t.</param>
    /// <param name="epsilon">A number added to the root, to avoid division by 0.</param>
    /// <param name="clipnorm">The maximum norm of all gradients together.</param>
    /// <param name="clipvalue">The maximum absolute value of a gradient.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public Adamax(double learningRate = 0.002, double beta1 = 0.9, double beta2 = 0.999, double decay = 0,
        double epsilon = K.Epsilon, double? clipnorm = null, double? clipvalue = null)
        : base(learningRate, decay, clipnorm, clipvalue)
    {
        Beta(beta1, nameof(beta1));
        Beta(beta2, nameof(beta2));
        NotNegative(epsilon, nameof(epsilon));
        (_beta1, _beta2, _epsilon) = (beta1, beta2, epsilon);
    }

    /// <summary>Creates the optimizer with a learning rate schedule.</summary>
    /// <param name="learningRate">The learning rate schedule.</param>
    /// <param name="beta1">The decay rate of the mean of the gradients, in [0, 1).</param>
    /// <param name="beta2">The decay rate of the mean square of the gradients, in [0, 1).</param>
    /// <param name="decay">The learning rate decay: the rate at update t is divided by 1 + decay·t.</param>
    /// <param name="epsilon">A number added to the root, to avoid division by 0.</param>
    /// <param name="clipnorm">The maximum norm of all gradients together.</param>
    /// <param name="clipvalue">The maximum absolute value of a gradient.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public Adamax(LearningRateSchedule learningRate, double beta1 = 0.9, double beta2 = 0.999, double decay = 0,
        double epsilon = K.Epsilon, double? clipnorm = null, double? clipvalue = null)
        : this(LearningRateSchedule.First(learningRate), beta1, beta2, decay, epsilon, clipnorm, clipvalue) =>
            Schedule = learningRate;

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["beta_1"] = _beta1;
        config["beta_2"] = _beta2;
        config["epsilon"] = _epsilon;
        return config;
    }

    /// <inheritdoc/>
    protected override Tensor Prepare(Tensor rate) => rate / OneMinusPower(_beta1, Step + 1);

    /// <inheritdoc/>
    protected override Tensor Apply(Variable weight, Tensor gradient, Tensor rate)
    {
        Variable meanSlot = SlotOf(weight, "m"), largestSlot = SlotOf(weight, "u");
        Tensor mean = Normal(_beta1 * meanSlot + (1 - _beta1) * gradient);
        Tensor largest = Normal(K.Maximum(_beta2 * largestSlot, K.Abs(gradient)));
        Update(meanSlot, mean);
        Update(largestSlot, largest);
        return weight - rate * mean / (largest + _epsilon);
    }
}
