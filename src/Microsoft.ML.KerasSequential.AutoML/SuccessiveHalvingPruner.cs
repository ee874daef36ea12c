namespace Microsoft.ML.KerasSequential.AutoML;

/// <summary>
/// Lets a training run pass each rung, an epoch number, only if its best loss is among the best fraction of all runs
/// that have reached it (asynchronous successive halving, ASHA, of Li et al. 2020, in the variant that ends runs
/// instead of pausing them, because ML.NET runs trials sequentially).
/// </summary>
/// <param name="firstRung">The number of epochs after which a run is first compared.</param>
/// <param name="reductionFactor">One in this many runs passes a rung; each rung is this many times later than the
/// previous one.</param>
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
