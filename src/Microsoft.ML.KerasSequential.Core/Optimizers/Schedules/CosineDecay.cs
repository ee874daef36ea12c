using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Optimizers;

/// <summary>
/// A half cosine wave down from the initial rate, after an optional linear warmup (Loshchilov and Hutter 2017; Keras 3
/// <c>keras.optimizers.schedules.CosineDecay</c>).
/// </summary>
public class CosineDecay : LearningRateSchedule
{
    readonly double _initialLearningRate;
    readonly double _decaySteps;
    readonly double _alpha;
    readonly double? _warmupTarget;
    readonly double _warmupSteps;

    /// <summary>Creates the schedule.</summary>
    /// <param name="initialLearningRate">The initial learning rate, 0 or more.</param>
    /// <param name="decaySteps">The number of updates in the decay, above 0.</param>
    /// <param name="alpha">The final rate, as a fraction of the highest.</param>
    /// <param name="warmupTarget">The highest rate, reached by the warmup; null for no warmup.</param>
    /// <param name="warmupSteps">The number of updates in the warmup.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public CosineDecay(double initialLearningRate, double decaySteps, double alpha = 0, double? warmupTarget = null,
        double warmupSteps = 0)
    {
        NotNegative(initialLearningRate, nameof(initialLearningRate));
        Positive(decaySteps, nameof(decaySteps));
        NotNegative(alpha, nameof(alpha));
        NotNegative(warmupSteps, nameof(warmupSteps));
        if (warmupTarget is double target) NotNegative(target, nameof(warmupTarget));
        _initialLearningRate = initialLearningRate;
        _decaySteps = decaySteps;
        _alpha = alpha;
        _warmupTarget = warmupTarget;
        _warmupSteps = warmupSteps;
    }

    /// <inheritdoc/>
    public override double At(long step)
    {
        double highest = _warmupTarget ?? _initialLearningRate, start = _warmupTarget is null ? 0 : _warmupSteps;
        if (step < start) return _initialLearningRate + (highest - _initialLearningRate) * step / start;
        double done = Math.Min(1, (step - start) / _decaySteps);
        return highest * ((1 - _alpha) * 0.5 * (1 + Math.Cos(Math.PI * done)) + _alpha);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig() => new()
    {
        ["initial_learning_rate"] = _initialLearningRate,
        ["decay_steps"] = _decaySteps,
        ["alpha"] = _alpha,
        ["warmup_target"] = _warmupTarget,
        ["warmup_steps"] = _warmupSteps,
    };
}
