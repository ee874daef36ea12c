using Microsoft.ML.KerasSequential.Callbacks;

namespace Microsoft.ML.KerasSequential.AutoML;

/// <summary>
/// Ends trials early that fall far behind earlier ones. It monitors the validation loss after each epoch of each
/// training run in an experiment; a run that it ends keeps its best weights, and its trial is reported with the metric
/// reached. Use one object per experiment.
/// </summary>
public abstract class TrialPruner
{
    readonly Lock _lock = new();

    /// <summary>The number of training runs ended early.</summary>
    public int Pruned { get; private set; }

    /// <summary>
    /// Creates a callback that reports one training run to this pruner and stops it, for a custom network: add it to
    /// <see cref="KerasSequentialOptions.Callbacks"/>, a new one for each run.
    /// </summary>
    /// <param name="monitor">The loss to compare, by its name in the history: smaller is better.</param>
    /// <returns>The callback.</returns>
    public Callback ForTraining(string monitor = "val_loss")
    {
        ArgumentException.ThrowIfNullOrEmpty(monitor);
        return new PruningCallback(this, monitor);
    }

    /// <summary>Decides whether to end a training run.</summary>
    /// <param name="training">The validation losses of this run so far, one per epoch.</param>
    /// <returns>Whether it has fallen far behind.</returns>
    /// <remarks>Called for one training run at a time.</remarks>
    protected abstract bool IsBehind(IReadOnlyList<double> training);

    /// <summary>Called when a training run has ended, normally or early.</summary>
    /// <param name="training">Its validation losses, one per epoch.</param>
    protected virtual void Ended(IReadOnlyList<double> training)
    {
    }

    internal bool EndsAfter(IReadOnlyList<double> training)
    {
        lock (_lock)
        {
            if (!IsBehind(training)) return false;
            Pruned++;
            return true;
        }
    }

    internal void Close(IReadOnlyList<double> training)
    {
        lock (_lock) Ended(training);
    }

    private protected static int AtLeast(int least, int value, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, least, name);
        return value;
    }
}
