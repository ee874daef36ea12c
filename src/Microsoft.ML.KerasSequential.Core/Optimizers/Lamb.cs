using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Optimizers;

/// <summary>
/// Adam whose step for each weight has the weight's norm (You et al. 2020; Keras 3 <c>keras.optimizers.Lamb</c>).
/// </summary>
public class Lamb : Optimizer
{
    readonly double _beta1, _beta2, _epsilon;

    /// <summary>Creates the optimizer.</summary>
    /// <param name="learningRate">The learning rate.</param>
    /// <param name="beta1">The decay rate of the mean of the gradients, in [0, 1).</param>
    /// <param name="beta2">The decay rate of the mean square of the gradients, in [0, 1).</param>
    /// <param name="epsilon">A number added to the root, to avoid division by 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public Lamb(double learningRate = 0.001, double beta1 = 0.9, double beta2 = 0.999, double epsilon = K.Epsilon)
        : base(learningRate)
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
    /// <param name="epsilon">A number added to the root, to avoid division by 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public Lamb(LearningRateSchedule learningRate, double beta1 = 0.9, double beta2 = 0.999,
        double epsilon = K.Epsilon)
        : this(LearningRateSchedule.First(learningRate), beta1, beta2, epsilon) =>
            Schedule = learningRate;

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config.Remove("decay");
        config["beta_1"] = _beta1;
        config["beta_2"] = _beta2;
        config["epsilon"] = _epsilon;
        return config;
    }

    /// <inheritdoc/>
    protected override Tensor Apply(Variable weight, Tensor gradient, Tensor rate)
    {
        Variable meanSlot = SlotOf(weight, "m"), squareSlot = SlotOf(weight, "v");
        Tensor mean = Normal(_beta1 * meanSlot + (1 - _beta1) * gradient);
        Tensor square = Normal(_beta2 * squareSlot + (1 - _beta2) * K.Square(gradient));
        Update(meanSlot, mean);
        Update(squareSlot, square);
        Tensor t = Step + 1, start = Decayed(weight);
        Tensor step = mean / OneMinusPower(_beta1, t) / (Sqrt(square / OneMinusPower(_beta2, t)) + _epsilon);
        Tensor size = Sqrt(K.Sum(K.Square(start))), length = Sqrt(K.Sum(K.Square(step)));
        Tensor ratio = K.Where(size > 0, K.Where(length > 0, size / length, 1), 1);
        return start - ratio * rate * step;
    }
}
