using Microsoft.ML.KerasSequential.Utils;

namespace Microsoft.ML.KerasSequential;

/// <summary>
/// How far a training is: what <c>Fit</c> reports to an <see cref="IProgress{T}"/>, after each epoch, and between its
/// steps at
/// most ten times a second.
/// </summary>
/// <param name="Epoch">The epoch, counted from 1.</param>
/// <param name="Epochs">The last epoch.</param>
/// <param name="Step">How many steps of the epoch are done.</param>
/// <param name="Steps">How many steps the epoch has.</param>
/// <param name="Loss">The mean loss of the epoch so far.</param>
/// <param name="Metrics">
/// The loss and the metrics since the epoch began, by name; behind an epoch its logs, <c>val_…</c> of the validation
/// among
/// them.
/// </param>
/// <param name="Elapsed">The time since the training began.</param>
/// <param name="IsEpochEnd">Whether the epoch is over, its validation too.</param>
public sealed record TrainingProgress(int Epoch, int Epochs, int Step, int Steps, double Loss,
    IReadOnlyDictionary<string, double> Metrics, TimeSpan Elapsed, bool IsEpochEnd)
{
    /// <summary>How much of the training is done, from 0 to 1.</summary>
    public double Fraction =>
        Epochs == 0 ? 1 : Math.Clamp((Epoch - 1 + (Steps == 0 ? 1 : (double)Step / Steps)) / Epochs, 0, 1);

    /// <summary>On one line.</summary>
    /// <returns>The text.</returns>
    public override string ToString() =>
        $"Epoch {Epoch}/{Epochs}, step {Step}/{Steps}"
        + string.Concat(Metrics.Select(m => $" - {m.Key}: {HistoryTable.Number(m.Value)}"));
}
