using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Optimizers;

/// <summary>
/// From an initial to a final rate by a power of the remaining fraction of the steps (Keras 3
/// <c>keras.optimizers.schedules.PolynomialDecay</c>).
/// </summary>
public class PolynomialDecay : LearningRateSchedule
{
    readonly double _initialLearningRate;
    readonly double _decaySteps;
    readonly double _endLearningRate;
    readonly double _power;
    readonly bool _cycle;

    /// <summary>Creates the schedule.</summary>
    /// <param name="initialLearningRate">The initial learning rate, 0 or more.</param>
    /// <param name="decaySteps">The number of updates in the decay, above 0.</param>
    /// <param name="endLearningRate">The final rate, 0 or more.</param>
    /// <param name="power">The exponent; 1 is linear.</param>
    /// <param name="cycle">
    /// Whether the decay restarts, over a multiple of the steps, instead of staying at the final rate.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public PolynomialDecay(double initialLearningRate, double decaySteps, double endLearningRate = 0.0001,
        double power = 1, bool cycle = false)
    {
        NotNegative(initialLearningRate, nameof(initialLearningRate));
        Positive(decaySteps, nameof(decaySteps));
        NotNegative(endLearningRate, nameof(endLearningRate));
        NotNegative(power, nameof(power));
        _initialLearningRate = initialLearningRate;
        _decaySteps = decaySteps;
        _endLearningRate = endLearningRate;
        _power = power;
        _cycle = cycle;
    }

    /// <inheritdoc/>
    public override double At(long step)
    {
        double length = _cycle ? _decaySteps * Math.Max(1, Math.Ceiling(step / _decaySteps)) : _decaySteps;
        double left = 1 - (_cycle ? step : Math.Min(step, _decaySteps)) / length;
        return (_initialLearningRate - _endLearningRate) * Math.Pow(left, _power) + _endLearningRate;
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig() => new()
    {
        ["initial_learning_rate"] = _initialLearningRate,
        ["decay_steps"] = _decaySteps,
        ["end_learning_rate"] = _endLearningRate,
        ["power"] = _power,
        ["cycle"] = _cycle,
    };
}
