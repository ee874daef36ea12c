using Microsoft.ML.KerasSequential.Callbacks;

namespace Microsoft.ML.KerasSequential.AutoML;

/// <summary>
/// Ends trials early that are far behind earlier ones. It sees the validation loss after each epoch of each training of
/// an experiment; a training that it ends keeps its best weights, and its trial is
/// reported with the metric that it has reached. One object serves one experiment.
/// </summary>
public abstract class TrialPruner
{
    readonly Lock _lock = new();

    /// <summary>How many trainings were ended.</summary>
    public int Pruned { get; private set; }

    /// <summary>
    /// What tells this pruner of one training and ends it, for a network of your own: give it to the training's
    /// <see cref="KerasSequentialOptions.Callbacks"/>, a new one each time.
    /// </summary>
    /// <param name="monitor">The loss to compare, by its name in the history: smaller is better.</param>
    /// <returns>The callback.</returns>
    public Callback ForTraining(string monitor = "val_loss")
    {
        ArgumentException.ThrowIfNullOrEmpty(monitor);
        return new PruningCallback(this, monitor);
    }

    /// <summary>Whether a training is to end.</summary>
    /// <param name="training">The validation losses of this training so far, an epoch each.</param>
    /// <returns>Whether it is far behind.</returns>
    /// <remarks>Called for one training at a time.</remarks>
    protected abstract bool IsBehind(IReadOnlyList<double> training);

    /// <summary>Called when a training has ended, by itself or early.</summary>
    /// <param name="training">Its validation losses, an epoch each.</param>
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
