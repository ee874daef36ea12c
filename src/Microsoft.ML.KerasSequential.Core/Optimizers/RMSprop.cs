using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Optimizers;

/// <summary>Divides each gradient by the root of its mean square (Tieleman and Hinton 2012; Keras <c>keras.optimizers.RMSprop</c>).</summary>
public class RMSprop : Optimizer
{
    readonly double _rho, _epsilon;

    /// <summary>Makes the optimizer.</summary>
    /// <param name="learningRate">The step size.</param>
    /// <param name="rho">How much of the old mean square stays, in [0, 1].</param>
    /// <param name="decay">The rate at update t is divided by 1 + decay·t.</param>
    /// <param name="epsilon">Added to the root, against division by 0.</param>
    /// <param name="clipnorm">The largest length of all gradients together.</param>
    /// <param name="clipvalue">The largest absolute value of a gradient.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public RMSprop(double learningRate = 0.001, double rho = 0.9, double decay = 0, double epsilon = K.Epsilon, double? clipnorm = null, double? clipvalue = null)
        : base(learningRate, decay, clipnorm, clipvalue)
    {
        Share(rho, nameof(rho));
        NotNegative(epsilon, nameof(epsilon));
        (_rho, _epsilon) = (rho, epsilon);
    }

    /// <summary>Makes the optimizer, its learning rate following a schedule.</summary>
    /// <param name="learningRate">What the step size follows.</param>
    /// <param name="rho">How much of the old mean square stays, in [0, 1].</param>
    /// <param name="decay">The rate at update t is divided by 1 + decay·t.</param>
    /// <param name="epsilon">Added to the root, against division by 0.</param>
    /// <param name="clipnorm">The largest length of all gradients together.</param>
    /// <param name="clipvalue">The largest absolute value of a gradient.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public RMSprop(LearningRateSchedule learningRate, double rho = 0.9, double decay = 0, double epsilon = K.Epsilon, double? clipnorm = null, double? clipvalue = null)
        : this(LearningRateSchedule.First(learningRate), rho, decay, epsilon, clipnorm, clipvalue) => Schedule = learningRate;

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["rho"] = _rho;
        config["epsilon"] = _epsilon;
        return config;
    }

    /// <inheritdoc/>
    protected override Tensor Apply(Variable weight, Tensor gradient, Tensor rate)
    {
        Variable slot = SlotOf(weight, "mean_square");
        Tensor meanSquare = Normal(_rho * slot + (1 - _rho) * K.Square(gradient));
        Update(slot, meanSquare);
        return weight - rate * gradient / (Sqrt(meanSquare) + _epsilon);
    }
}
