namespace Microsoft.ML.KerasSequential.Callbacks;

/// <summary>
/// Saves, every so many steps, all that the training needs to go on from there, bit for bit (as Keras' <c>BackupAndRestore</c>, also within an
/// epoch): weights, optimizer, random numbers, position, sums of loss and metrics, history, callbacks. Give the file to <c>Fit</c>'s <c>resumeFrom</c>, with the same model,
/// data and arguments. The file is written beside its place and renamed; the one before stays as <c>path.previous</c> and serves if the new one is damaged.
/// </summary>
public class TrainingCheckpoint : Callback
{
    /// <summary>The file.</summary>
    public string Filepath { get; }

    /// <summary>After how many batches it is written.</summary>
    public int EverySteps { get; }

    /// <inheritdoc/>
    public override bool RunsOnEveryRank => false;

    /// <summary>Makes the callback.</summary>
    /// <param name="filepath">The file.</param>
    /// <param name="everySteps">After how many batches it is written.</param>
    /// <exception cref="ArgumentException">The path is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The number of steps is not positive.</exception>
    public TrainingCheckpoint(string filepath, int everySteps = 100)
    {
        ArgumentException.ThrowIfNullOrEmpty(filepath);
        ArgumentOutOfRangeException.ThrowIfLessThan(everySteps, 1);
        (Filepath, EverySteps) = (filepath, everySteps);
    }

    /// <summary>Called when all callbacks have seen the batch, so that their states belong to the same moment.</summary>
    internal void AfterBatch(ulong step)
    {
        if (step % (ulong)EverySteps == 0) Model.SaveTraining(Filepath);
    }
}
