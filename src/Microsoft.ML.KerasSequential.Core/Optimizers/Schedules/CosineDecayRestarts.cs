using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Optimizers;

/// <summary>
/// Consecutive half cosine waves (Loshchilov and Hutter 2017; Keras 3
/// <c>keras.optimizers.schedules.CosineDecayRestarts</c>).
/// </summary>
public class CosineDecayRestarts : LearningRateSchedule
{
    readonly double _initialLearningRate;
    readonly double _firstDecaySteps;
    readonly double _tMul;
    readonly double _mMul;
    readonly double _alpha;

    /// <summary>Creates the schedule.</summary>
    /// <param name="initialLearningRate">The initial learning rate, 0 or more.</param>
    /// <param name="firstDecaySteps">The number of updates in the first wave, above 0.</param>
    /// <param name="tMul">The length of each wave relative to the previous one, 1 or more.</param>
    /// <param name="mMul">The height of each wave relative to the previous one.</param>
    /// <param name="alpha">The lowest rate, as a fraction of the initial rate.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public CosineDecayRestarts(double initialLearningRate, double firstDecaySteps, double tMul = 2, double mMul = 1,
        double alpha = 0)
    {
        NotNegative(initialLearningRate, nameof(initialLearningRate));
        Positive(firstDecaySteps, nameof(firstDecaySteps));
        if (!(tMul >= 1)) throw new ArgumentOutOfRangeException(nameof(tMul), $"tMul must be 1 or more; given {tMul}.");
        NotNegative(mMul, nameof(mMul));
        NotNegative(alpha, nameof(alpha));
        _initialLearningRate = initialLearningRate;
        _firstDecaySteps = firstDecaySteps;
        _tMul = tMul;
        _mMul = mMul;
        _alpha = alpha;
    }

    /// <inheritdoc/>
    public override double At(long step)
    {
        double done = step / _firstDecaySteps;
        double wave = _tMul == 1 ? Math.Floor(done) : Math.Floor(Math.Log(1 - done * (1 - _tMul)) / Math.Log(_tMul));
        done = _tMul == 1 ? done - wave : (done - (1 - Math.Pow(_tMul, wave)) / (1 - _tMul)) / Math.Pow(_tMul, wave);
        return _initialLearningRate
            * ((1 - _alpha) * 0.5 * Math.Pow(_mMul, wave) * (1 + Math.Cos(Math.PI * done)) + _alpha);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig() => new()
    {
        ["initial_learning_rate"] = _initialLearningRate,
        ["first_decay_steps"] = _firstDecaySteps,
        ["t_mul"] = _tMul,
        ["m_mul"] = _mMul,
        ["alpha"] = _alpha,
    };
}
