namespace Microsoft.ML.KerasSequential.AutoML;

/// <summary>
/// Ends a training whose best loss after some epochs is worse than the median of what earlier trainings had on average
/// up to there (the median stopping rule of Golovin et al. 2017, Google Vizier).
/// </summary>
/// <param name="startupTrials">How many trainings run to their end first.</param>
/// <param name="warmupEpochs">How many epochs each training may have in any case.</param>
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
        double[] averages = [.. _ended.Where(t => t.Length >= training.Count).Select(t => t.Take(training.Count).Average()).Order()];
        return averages.Length > 0 && training.Min() > averages[averages.Length / 2];
    }

    /// <inheritdoc/>
    protected override void Ended(IReadOnlyList<double> training)
    {
        if (training is { Count: > 0 }) _ended.Add([.. training]);
    }
}
