using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Optimizers;

/// <summary>
/// Follow the regularized leader, for sparse weights (McMahan et al. 2013; Keras 3 <c>keras.optimizers.Ftrl</c>).
/// </summary>
public class Ftrl : Optimizer
{
    readonly double _learningRatePower, _initialAccumulatorValue, _l1, _l2, _l2Shrinkage, _beta;

    /// <summary>Creates the optimizer.</summary>
    /// <param name="learningRate">The learning rate.</param>
    /// <param name="learningRatePower">
    /// The exponent with which the rate decreases with the sum of squared gradients; 0 or less.
    /// </param>
    /// <param name="initialAccumulatorValue">The initial sum of squares, 0 or more.</param>
    /// <param name="l1">The factor for the absolute values, 0 or more.</param>
    /// <param name="l2">The factor for the squares, 0 or more.</param>
    /// <param name="l2Shrinkage">
    /// The factor for a penalty on the magnitude that affects the gradient only, 0 or more.
    /// </param>
    /// <param name="beta">A number added to the root in the rate, 0 or more.</param>
    /// <param name="clipnorm">The maximum norm of all gradients together.</param>
    /// <param name="clipvalue">The maximum absolute value of a gradient.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public Ftrl(double learningRate = 0.001, double learningRatePower = -0.5, double initialAccumulatorValue = 0.1,
        double l1 = 0, double l2 = 0, double l2Shrinkage = 0, double beta = 0, double? clipnorm = null,
        double? clipvalue = null)
        : base(learningRate, 0, clipnorm, clipvalue)
    {
        if (!(learningRatePower <= 0 && double.IsFinite(learningRatePower)))
            throw new ArgumentOutOfRangeException(nameof(learningRatePower), "learningRatePower must be 0 or less; " +
                $"given {learningRatePower}.");
        NotNegative(initialAccumulatorValue, nameof(initialAccumulatorValue));
        NotNegative(l1, nameof(l1));
        NotNegative(l2, nameof(l2));
        NotNegative(l2Shrinkage, nameof(l2Shrinkage));
        NotNegative(beta, nameof(beta));
        (_learningRatePower, _initialAccumulatorValue, _l1, _l2, _l2Shrinkage, _beta) =
            (learningRatePower, initialAccumulatorValue, l1, l2, l2Shrinkage, beta);
    }

    /// <summary>Creates the optimizer with a learning rate schedule.</summary>
    /// <param name="learningRate">The learning rate schedule.</param>
    /// <param name="learningRatePower">
    /// The exponent with which the rate decreases with the sum of squared gradients; 0 or less.
    /// </param>
    /// <param name="initialAccumulatorValue">The initial sum of squares, 0 or more.</param>
    /// <param name="l1">The factor for the absolute values, 0 or more.</param>
    /// <param name="l2">The factor for the squares, 0 or more.</param>
    /// <param name="l2Shrinkage">
    /// The factor for a penalty on the magnitude that affects the gradient only, 0 or more.
    /// </param>
    /// <param name="beta">A number added to the root in the rate, 0 or more.</param>
    /// <param name="clipnorm">The maximum norm of all gradients together.</param>
    /// <param name="clipvalue">The maximum absolute value of a gradient.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public Ftrl(LearningRateSchedule learningRate, double learningRatePower = -0.5,
        double initialAccumulatorValue = 0.1, double l1 = 0, double l2 = 0, double l2Shrinkage = 0, double beta = 0,
        double? clipnorm = null, double? clipvalue = null)
        : this(LearningRateSchedule.First(learningRate), learningRatePower, initialAccumulatorValue, l1, l2,
            l2Shrinkage, beta, clipnorm, clipvalue) => Schedule = learningRate;

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["learning_rate_power"] = _learningRatePower;
        config["initial_accumulator_value"] = _initialAccumulatorValue;
        config["l1_regularization_strength"] = _l1;
        config["l2_regularization_strength"] = _l2;
        config["l2_shrinkage_regularization_strength"] = _l2Shrinkage;
        config["beta"] = _beta;
        return config;
    }

    /// <inheritdoc/>
    protected override Tensor Apply(Variable weight, Tensor gradient, Tensor rate)
    {
        Variable squareSlot = SlotOf(weight, "accumulator", _initialAccumulatorValue),
            linearSlot = SlotOf(weight, "linear");
        Tensor squares = squareSlot + K.Square(gradient), start = Decayed(weight);
        Tensor pull = _l2Shrinkage == 0 ? gradient : gradient + 2 * _l2Shrinkage * start;
        Tensor linear = linearSlot + pull - (Power(squares) - Power(squareSlot)) / rate * start;
        Tensor quadratic = Power(squares) / rate + 2 * (_l2 + _beta / (2 * rate));
        Update(squareSlot, squares);
        Update(linearSlot, linear);
        return (K.Clip(linear, -_l1, _l1) - linear) / quadratic;
    }

    Tensor Power(Tensor x) => _learningRatePower == -0.5 ? Sqrt(x) : K.Pow(x, -_learningRatePower);
}
