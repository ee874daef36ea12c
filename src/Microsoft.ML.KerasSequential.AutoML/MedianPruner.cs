namespace Microsoft.ML.KerasSequential.AutoML;

/// <summary>
/// Ends a training run whose best loss after some epochs is worse than the median of the average losses of earlier runs
/// up to that epoch (the median stopping rule of Golovin et al. 2017, Google Vizier).
/// </summary>
/// <param name="startupTrials">The number of training runs that run to completion first.</param>
/// <param name="warmupEpochs">The number of epochs that each training run always gets.</param>
/// <exception cref="ArgumentOutOfRangeException">A number is below 1.</exception>
public sealed class MedianPruner(int startupTrials = 5, int warmupEpochs = 5) : TrialPruner
{
    readonly int _startupTrials = AtLeast(1, startupTrials, nameof(startupTrials));
    readonly int _warmupEpochs = AtLeast(1, warmupEpochs, nameof(warmupEpochs));
    readonly List<double[]> _ended = [];

    /// <inheritdoc/>
    protected override bool IsBehind(IReadOnlyList<double> training)
    {
        ArgumentNullException.ThrowIfNull(training);
        if (_ended.Count < _startupTrials || training.Count < _warmupEpochs) return false;
        double[] averages = [.. _ended.Where(t => t.Length >= training.Count)
            .Select(t => t.Take(training.Count).Average()).Order()];
        return averages.Length > 0 && training.Min() > averages[averages.Length / 2];
    }

    /// <inheritdoc/>
    protected override void Ended(IReadOnlyList<double> training)
    {
        if (training is { Count: > 0 }) _ended.Add([.. training]);
    }
}
