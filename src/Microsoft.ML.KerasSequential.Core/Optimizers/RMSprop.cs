using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Optimizers;

/// <summary>
/// Divides each gradient by the root of its mean square (Tieleman and Hinton 2012; Keras
/// <c>keras.optimizers.RMSprop</c>).
/// </summary>
public class RMSprop : Optimizer
{
    readonly double _rho, _epsilon;

    /// <summary>Creates the optimizer.</summary>
    /// <param name="learningRate">The learning rate.</param>
    /// <param name="rho">The decay rate of the mean square, in [0, 1].</param>
    /// <param name="decay">The learning rate decay: the rate at update t is divided by 1 + decay·t.</param>
    /// <param name="epsilon">A number added to the root, to avoid division by 0.</param>
    /// <param name="clipnorm">The maximum norm of all gradients together.</param>
    /// <param name="clipvalue">The maximum absolute value of a gradient.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public RMSprop(double learningRate = 0.001, double rho = 0.9, double decay = 0, double epsilon = K.Epsilon,
        double? clipnorm = null, double? clipvalue = null)
        : base(learningRate, decay, clipnorm, clipvalue)
    {
        Share(rho, nameof(rho));
        NotNegative(epsilon, nameof(epsilon));
        (_rho, _epsilon) = (rho, epsilon);
    }

    /// <summary>Creates the optimizer with a learning rate schedule.</summary>
    /// <param name="learningRate">The learning rate schedule.</param>
    /// <param name="rho">The decay rate of the mean square, in [0, 1].</param>
    /// <param name="decay">The learning rate decay: the rate at update t is divided by 1 + decay·t.</param>
    /// <param name="epsilon">A number added to the root, to avoid division by 0.</param>
    /// <param name="clipnorm">The maximum norm of all gradients together.</param>
    /// <param name="clipvalue">The maximum absolute value of a gradient.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public RMSprop(LearningRateSchedule learningRate, double rho = 0.9, double decay = 0, double epsilon = K.Epsilon,
        double? clipnorm = null, double? clipvalue = null)
        : this(LearningRateSchedule.First(learningRate), rho, decay, epsilon, clipnorm, clipvalue) =>
            Schedule = learningRate;

    /// <summary>Gets the fraction of the last step that is kept, in [0, 1]; the default is 0 (Keras 3
    /// <c>momentum</c>).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not in [0, 1].</exception>
    public double Momentum
    {
        get;
        init
        {
            Share(value, nameof(Momentum));
            field = value;
        }
    }

    /// <summary>
    /// Gets whether gradients are divided by the root of their variance rather than of their mean square (Keras 3
    /// <c>centered</c>).
    /// </summary>
    public bool Centered { get; init; }

    /// <summary>
    /// Gets whether <c>epsilon</c> is added before the root is taken, as in Keras 3, rather than to the root, as in
    /// Keras 2.
    /// </summary>
    public bool EpsilonInRoot { get; init; }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["rho"] = _rho;
        config["epsilon"] = _epsilon;
        if (Momentum != 0) config["momentum"] = Momentum;
        if (Centered) config["centered"] = true;
        if (EpsilonInRoot) config["epsilon_in_root"] = true;
        return config;
    }

    /// <inheritdoc/>
    protected override Tensor Apply(Variable weight, Tensor gradient, Tensor rate)
    {
        Variable slot = SlotOf(weight, "mean_square");
        Tensor meanSquare = Normal(_rho * slot + (1 - _rho) * K.Square(gradient));
        Update(slot, meanSquare);
        Tensor spread = meanSquare;
        if (Centered)
        {
            Variable meanSlot = SlotOf(weight, "mean");
            Tensor mean = Normal(_rho * meanSlot + (1 - _rho) * gradient);
            Update(meanSlot, mean);
            spread = meanSquare - K.Square(mean);
        }
        Tensor step = rate * gradient
            / (EpsilonInRoot ? Sqrt(spread + _epsilon) : (Centered ? K.Sqrt(spread) : Sqrt(spread)) + _epsilon);
        if (Momentum == 0) return weight - step;
        Variable velocitySlot = SlotOf(weight, "moment");
        Tensor velocity = Normal(Momentum * velocitySlot + step);
        Update(velocitySlot, velocity);
        return weight - velocity;
    }
}
