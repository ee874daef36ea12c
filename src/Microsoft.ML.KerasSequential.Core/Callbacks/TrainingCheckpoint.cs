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
    /// <summary>Gets the path of the file.</summary>
    public string Filepath { get; }

    /// <summary>Gets the number of batches between two saves.</summary>
    public int EverySteps { get; }

    /// <inheritdoc/>
    public override bool RunsOnEveryRank => false;

    /// <summary>Creates the callback.</summary>
    /// <param name="filepath">The path of the file.</param>
    /// <param name="everySteps">The number of batches between two saves.</param>
    /// <exception cref="ArgumentException">The path is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The number of steps is not positive.</exception>
    public TrainingCheckpoint(string filepath, int everySteps = 100)
    {
        ArgumentException.ThrowIfNullOrEmpty(filepath);
        ArgumentOutOfRangeException.ThrowIfLessThan(everySteps, 1);
        (Filepath, EverySteps) = (filepath, everySteps);
    }

    /// <summary>Called after all callbacks have processed the batch, so that their states are consistent.</summary>
    internal virtual void AfterBatch(ulong step, int batch)
    {
        if (step % (ulong)EverySteps == 0) Model.SaveTraining(Filepath);
    }
}
