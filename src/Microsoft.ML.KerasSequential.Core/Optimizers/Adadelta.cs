using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Optimizers;

/// <summary>
/// Scales gradients by the ratio of the root mean squares of recent steps and recent gradients (Zeiler 2012; Keras
/// <c>keras.optimizers.Adadelta</c>).
/// </summary>
public class Adadelta : Optimizer
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
    public Adadelta(double learningRate = 1, double rho = 0.95, double decay = 0, double epsilon = K.Epsilon,
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
    public Adadelta(LearningRateSchedule learningRate, double rho = 0.95, double decay = 0, double epsilon = K.Epsilon,
        double? clipnorm = null, double? clipvalue = null)
        : this(LearningRateSchedule.First(learningRate), rho, decay, epsilon, clipnorm, clipvalue) =>
            Schedule = learningRate;

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
        Variable squareSlot = SlotOf(weight, "accumulator"), stepSlot = SlotOf(weight, "delta_accumulator");
        Tensor squares = Normal(_rho * squareSlot + (1 - _rho) * K.Square(gradient));
        Tensor step = gradient * Sqrt(stepSlot + _epsilon) / Sqrt(squares + _epsilon);
        Update(squareSlot, squares);
        Update(stepSlot, Normal(_rho * stepSlot + (1 - _rho) * K.Square(step)));
        return weight - rate * step;
    }
}
