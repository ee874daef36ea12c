using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Optimizers;

/// <summary>
/// initial / (1 + rate·t) with t = step / decaySteps (Keras 3 <c>keras.optimizers.schedules.InverseTimeDecay</c>).
/// </summary>
public class InverseTimeDecay : LearningRateSchedule
{
    readonly double _initialLearningRate;
    readonly double _decaySteps;
    readonly double _decayRate;
    readonly bool _staircase;

    /// <summary>Creates the schedule.</summary>
    /// <param name="initialLearningRate">The initial learning rate, 0 or more.</param>
    /// <param name="decaySteps">The number of updates in the decay, above 0.</param>
    /// <param name="decayRate">How fast the rate decreases, 0 or more.</param>
    /// <param name="staircase">Whether to truncate t to an integer.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public InverseTimeDecay(double initialLearningRate, double decaySteps, double decayRate, bool staircase = false)
    {
        NotNegative(initialLearningRate, nameof(initialLearningRate));
        Positive(decaySteps, nameof(decaySteps));
        NotNegative(decayRate, nameof(decayRate));
        _initialLearningRate = initialLearningRate;
        _decaySteps = decaySteps;
        _decayRate = decayRate;
        _staircase = staircase;
    }

    /// <inheritdoc/>
    public override double At(long step)
    {
        double t = step / _decaySteps;
        return _initialLearningRate / (1 + _decayRate * (_staircase ? Math.Floor(t) : t));
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig() => new()
    {
        ["initial_learning_rate"] = _initialLearningRate,
        ["decay_steps"] = _decaySteps,
        ["decay_rate"] = _decayRate,
        ["staircase"] = _staircase,
    };
}
