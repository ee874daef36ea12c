using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Optimizers;

/// <summary>Divides each gradient by the root of the sum of all its squares so far (Duchi et al. 2011; Keras <c>keras.optimizers.Adagrad</c>).</summary>
public class Adagrad : Optimizer
{
    readonly double _epsilon;

    /// <summary>Makes the optimizer.</summary>
    /// <param name="learningRate">The step size.</param>
    /// <param name="decay">The rate at update t is divided by 1 + decay·t.</param>
    /// <param name="epsilon">Added to the root, against division by 0.</param>
    /// <param name="clipnorm">The largest length of all gradients together.</param>
    /// <param name="clipvalue">The largest absolute value of a gradient.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public Adagrad(double learningRate = 0.01, double decay = 0, double epsilon = K.Epsilon, double? clipnorm = null, double? clipvalue = null)
        : base(learningRate, decay, clipnorm, clipvalue)
    {
        NotNegative(epsilon, nameof(epsilon));
        _epsilon = epsilon;
    }

    /// <summary>Makes the optimizer, its learning rate following a schedule.</summary>
    /// <param name="learningRate">What the step size follows.</param>
    /// <param name="decay">The rate at update t is divided by 1 + decay·t.</param>
    /// <param name="epsilon">Added to the root, against division by 0.</param>
    /// <param name="clipnorm">The largest length of all gradients together.</param>
    /// <param name="clipvalue">The largest absolute value of a gradient.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public Adagrad(LearningRateSchedule learningRate, double decay = 0, double epsilon = K.Epsilon, double? clipnorm = null, double? clipvalue = null)
        : this(LearningRateSchedule.First(learningRate), decay, epsilon, clipnorm, clipvalue) => Schedule = learningRate;

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["epsilon"] = _epsilon;
        return config;
    }

    /// <inheritdoc/>
    protected override Tensor Apply(Variable weight, Tensor gradient, Tensor rate)
    {
        Variable slot = SlotOf(weight, "accumulator");
        Tensor squares = slot + K.Square(gradient);
        Update(slot, squares);
        return weight - rate * gradient / (Sqrt(squares) + _epsilon);
    }
}
