namespace Microsoft.ML.KerasSequential.AutoML;

/// <summary>
/// Lets a training pass each rung, an epoch number, only if its best loss is among the best share of all that have come
/// there (asynchronous successive halving, ASHA, of Li et al. 2020, in the form that
/// ends trainings instead of pausing them, since ML.NET runs one trial after the other).
/// </summary>
/// <param name="firstRung">The epochs after which a training is first compared.</param>
/// <param name="reductionFactor">One in so many passes a rung; each rung lies so many times later than the one
/// before.</param>
/// <exception cref="ArgumentOutOfRangeException">The first rung is below 1, or the factor below 2.</exception>
public sealed class SuccessiveHalvingPruner(int firstRung = 5, int reductionFactor = 3) : TrialPruner
{
    readonly int _firstRung = AtLeast(1, firstRung, nameof(firstRung));
    readonly int _reductionFactor = AtLeast(2, reductionFactor, nameof(reductionFactor));
    readonly Dictionary<int, List<double>> _rungs = [];

    /// <inheritdoc/>
    protected override bool IsBehind(IReadOnlyList<double> training)
    {
        ArgumentNullException.ThrowIfNull(training);
        long rung = _firstRung;
        while (rung < training.Count) rung *= _reductionFactor;
        if (rung != training.Count) return false;
        if (!_rungs.TryGetValue(training.Count, out List<double>? seen)) _rungs[training.Count] = seen = [];
        double best = training.Min();
        int better = seen.Count(other => other < best);
        seen.Add(best);
        return better >= (seen.Count + _reductionFactor - 1) / _reductionFactor;
    }
}
