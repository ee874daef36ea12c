using Microsoft.ML.KerasSequential.Utils;

namespace Microsoft.ML.KerasSequential;

/// <summary>
/// Represents the progress of a training run, which <c>Fit</c> reports to an <see cref="IProgress{T}"/> after each
/// epoch, and between steps at most ten times per second.
/// </summary>
/// <param name="Epoch">The number of the epoch, starting at 1.</param>
/// <param name="Epochs">The number of the last epoch.</param>
/// <param name="Step">The number of completed steps in the epoch.</param>
/// <param name="Steps">The total number of steps in the epoch.</param>
/// <param name="Loss">The mean loss of the epoch so far.</param>
/// <param name="Metrics">
/// The loss and the metrics since the start of the epoch, by name. After an epoch, its logs, including the validation
/// results under <c>val_…</c>.
/// </param>
/// <param name="Elapsed">The time since training started.</param>
/// <param name="IsEpochEnd">true if the epoch is complete, including its validation; otherwise, false.</param>
public sealed record TrainingProgress(int Epoch, int Epochs, int Step, int Steps, double Loss,
    IReadOnlyDictionary<string, double> Metrics, TimeSpan Elapsed, bool IsEpochEnd)
{
    /// <summary>Gets the completed fraction of the training run, from 0 to 1.</summary>
    public double Fraction =>
        Epochs == 0 ? 1 : Math.Clamp((Epoch - 1 + (Steps == 0 ? 1 : (double)Step / Steps)) / Epochs, 0, 1);

    /// <summary>Returns the progress as one line of text.</summary>
    /// <returns>The line.</returns>
    public override string ToString() =>
        $"Epoch {Epoch}/{Epochs}, step {Step}/{Steps}"
        + string.Concat(Metrics.Select(m => $" - {m.Key}: {HistoryTable.Number(m.Value)}"));
}
