using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Optimizers;

/// <summary>
/// Divides each gradient by the root of the sum of all its squares so far (Duchi et al. 2011; Keras
/// <c>keras.optimizers.Adagrad</c>).
/// </summary>
public class Adagrad : Optimizer
{
    readonly double _epsilon;

    /// <summary>Creates the optimizer.</summary>
    /// <param name="learningRate">The learning rate.</param>
    /// <param name="decay">The learning rate decay: the rate at update t is divided by 1 + decay·t.</param>
    /// <param name="epsilon">A number added to the root, to avoid division by 0.</param>
    /// <param name="clipnorm">The maximum norm of all gradients together.</param>
    /// <param name="clipvalue">The maximum absolute value of a gradient.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public Adagrad(double learningRate = 0.01, double decay = 0, double epsilon = K.Epsilon, double? clipnorm = null,
        double? clipvalue = null)
        : base(learningRate, decay, clipnorm, clipvalue)
    {
        NotNegative(epsilon, nameof(epsilon));
        _epsilon = epsilon;
    }

    /// <summary>Creates the optimizer with a learning rate schedule.</summary>
    /// <param name="learningRate">The learning rate schedule.</param>
    /// <param name="decay">The learning rate decay: the rate at update t is divided by 1 + decay·t.</param>
    /// <param name="epsilon">A number added to the root, to avoid division by 0.</param>
    /// <param name="clipnorm">The maximum norm of all gradients together.</param>
    /// <param name="clipvalue">The maximum absolute value of a gradient.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public Adagrad(LearningRateSchedule learningRate, double decay = 0, double epsilon = K.Epsilon,
        double? clipnorm = null, double? clipvalue = null)
        : this(LearningRateSchedule.First(learningRate), decay, epsilon, clipnorm, clipvalue) =>
            Schedule = learningRate;

    /// <summary>
    /// Gets the sum of squares to start from; the default is 0, as in Keras 2. In Keras 3, it is 0.1 (Keras 3
    /// <c>initial_accumulator_value</c>).
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative or not a number.</exception>
    public double InitialAccumulatorValue
    {
        get;
        init
        {
            NotNegative(value, nameof(InitialAccumulatorValue));
            field = value;
        }
    }

    /// <summary>
    /// Gets whether <c>epsilon</c> is added before the root is taken, as in Keras 3, rather than to the root, as in
    /// Keras 2.
    /// </summary>
    public bool EpsilonInRoot { get; init; }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["epsilon"] = _epsilon;
        if (InitialAccumulatorValue != 0) config["initial_accumulator_value"] = InitialAccumulatorValue;
        if (EpsilonInRoot) config["epsilon_in_root"] = true;
        return config;
    }

    /// <inheritdoc/>
    protected override Tensor Apply(Variable weight, Tensor gradient, Tensor rate)
    {
        Variable slot = SlotOf(weight, "accumulator", InitialAccumulatorValue);
        Tensor squares = slot + K.Square(gradient);
        Update(slot, squares);
        return weight - rate * gradient / (EpsilonInRoot ? Sqrt(squares + _epsilon) : Sqrt(squares) + _epsilon);
    }
}
