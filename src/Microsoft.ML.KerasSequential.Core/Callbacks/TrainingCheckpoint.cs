namespace Microsoft.ML.KerasSequential.Callbacks;

/// <summary>
/// Saves, at a fixed interval of steps, everything that is needed to resume training from that point with bit-identical
/// results (like Keras' <c>BackupAndRestore</c>, but also within an epoch): weights, optimizer, random state, position,
/// sums of loss and metrics, history, and callbacks. To resume, pass the file as <c>resumeFrom</c> to <c>Fit</c>, with
/// the same model, data, and arguments. The file is written under a temporary name and renamed. The previous file is
/// kept as <c>path.previous</c> and is used if the new one is damaged.
/// </summary>
public class TrainingCheckpoint : Callback
{
    ulong _savedAt;

    /// <summary>Gets the path of the file.</summary>
    public string Filepath { get; }

    /// <summary>Gets the number of batches between two saves.</summary>
    public int EverySteps { get; }

    /// <inheritdoc/>
    public override bool RunsOnEveryRank => false;

    /// <summary>Creates the callback.</summary>
    /// <param name="filepath">The path of the file.</param>
    /// <param name="everySteps">The number of batches between two saves, rounded up to the end of an execution if the
    /// model was compiled with <c>stepsPerExecution</c>.</param>
    /// <exception cref="ArgumentException">The path is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The number of steps is not positive.</exception>
    public TrainingCheckpoint(string filepath, int everySteps = 100)
    {
        ArgumentException.ThrowIfNullOrEmpty(filepath);
        ArgumentOutOfRangeException.ThrowIfLessThan(everySteps, 1);
        (Filepath, EverySteps) = (filepath, everySteps);
    }

    /// <summary>Called before the first step of a training run.</summary>
    /// <param name="steps">The number of steps so far.</param>
    internal void Begin(ulong steps) => _savedAt = steps;

    /// <summary>
    /// Called after all callbacks have processed the batch, so that their states are consistent; if several steps run
    /// in one execution, after the last of them.
    /// </summary>
    /// <param name="steps">The number of steps so far.</param>
    /// <param name="batch">The index of the batch.</param>
    internal virtual void AfterBatch(ulong steps, int batch)
    {
        if (IsDue(EverySteps, steps)) Model.SaveTraining(Filepath);
    }

    /// <summary>Whether an interval has passed since the last time; the next one begins now.</summary>
    private protected bool IsDue(int every, ulong steps)
    {
        if (steps - _savedAt < (ulong)every) return false;
        _savedAt = steps;
        return true;
    }
}
