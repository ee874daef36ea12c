namespace Microsoft.ML.KerasSequential.Callbacks;

/// <summary>
/// Saves the state of training in a folder, and resumes from it when the same training is started again after an
/// interruption (Keras 3 <c>keras.callbacks.BackupAndRestore</c>). Training then gives the same bits as without the
/// interruption: the file is that of a <see cref="TrainingCheckpoint"/>, which, unlike the one in Keras, also contains
/// the position within the epoch, the random state, and the states of the callbacks.
/// </summary>
public class BackupAndRestore : TrainingCheckpoint
{
    bool _isDone;

    /// <summary>Creates the callback.</summary>
    /// <param name="backupDir">The path of the folder, which no other training run may use.</param>
    /// <param name="saveFreq">How often to save: <c>"epoch"</c> (the default), or a number of batches.</param>
    /// <param name="doubleCheckpoint">true to keep the previous file, in case the new one is damaged.</param>
    /// <param name="deleteCheckpoint">true to delete the files when training is complete.</param>
    /// <exception cref="ArgumentException">The path is empty.</exception>
    public BackupAndRestore(string backupDir, SaveFreq? saveFreq = null, bool doubleCheckpoint = false,
        bool deleteCheckpoint = true)
        : base(PathIn(backupDir), saveFreq?.Batches ?? 1)
    {
        (BackupDir, SaveFreq, DoubleCheckpoint, DeleteCheckpoint) =
            (backupDir, saveFreq ?? "epoch", doubleCheckpoint, deleteCheckpoint);
    }

    /// <summary>Gets the path of the folder.</summary>
    public string BackupDir { get; }

    /// <summary>Gets how often the state is saved.</summary>
    public SaveFreq SaveFreq { get; }

    /// <summary>Gets a value that indicates whether the previous file is kept.</summary>
    public bool DoubleCheckpoint { get; }

    /// <summary>Gets a value that indicates whether the files are deleted when training is complete.</summary>
    public bool DeleteCheckpoint { get; }

    string Previous => Filepath + ".previous";

    /// <summary>The file to resume from; null if no callback of a training run has one.</summary>
    internal static string? FileOf(IEnumerable<Callback> callbacks) => callbacks.OfType<BackupAndRestore>()
        .FirstOrDefault(b => File.Exists(b.Filepath) || File.Exists(b.Previous))?.Filepath;

    /// <inheritdoc/>
    public override void OnTrainBegin()
    {
        _isDone = false;
        if (File.Exists(BackupDir))
            throw new InvalidOperationException($"BackupAndRestore saves to a folder, but {BackupDir} is a file.");
    }

    /// <inheritdoc/>
    public override void OnEpochEnd(int epoch, IDictionary<string, double> logs) =>
        _isDone = epoch + 1 >= Params.Epochs || Model.StopTraining;

    /// <summary>Files stay if training ends before its last epoch, unless a callback stopped it.</summary>
    public override void OnTrainEnd()
    {
        if (!DeleteCheckpoint || !(_isDone || Model.StopTraining)) return;
        File.Delete(Filepath);
        File.Delete(Previous);
        if (Directory.Exists(BackupDir) && !Directory.EnumerateFileSystemEntries(BackupDir).Any())
            Directory.Delete(BackupDir);
    }

    internal override void AfterBatch(ulong steps, int batch)
    {
        if (SaveFreq.Batches is int every ? !IsDue(every, steps) : batch + 1 != Params.Steps) return;
        Directory.CreateDirectory(BackupDir);
        Model.SaveTraining(Filepath);
        if (!DoubleCheckpoint) File.Delete(Previous);
    }

    static string PathIn(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder, "backupDir");
        return Path.Combine(folder, "latest.training");
    }
}
