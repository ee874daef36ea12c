using Microsoft.ML.KerasSequential.Utils;

namespace Microsoft.ML.KerasSequential.Callbacks;

/// <summary>
/// Sets the learning rate before each epoch and adds <c>lr</c> to the logs (Keras
/// <c>keras.callbacks.LearningRateScheduler</c>).
/// </summary>
public class LearningRateScheduler : Callback
{
    readonly bool _logDecayedRate;

    /// <summary>
    /// Gets the function that returns the new rate for a zero-based epoch index and the current rate.
    /// </summary>
    public Func<int, double, double> Schedule { get; }

    /// <summary>Gets the verbosity: 0 for silent, or 1 to print a line for each epoch.</summary>
    public int Verbose { get; }

    /// <summary>Creates the callback.</summary>
    /// <param name="schedule">
    /// The function that returns the new rate for a zero-based epoch index and the current rate.
    /// </param>
    /// <param name="verbose">0 for silent, or 1 to print a line for each epoch.</param>
    /// <param name="logDecayedRate">
    /// true to log the rate that updates actually use, <see cref="Optimizers.Optimizer.DecayedLearningRate"/>, as
    /// <c>lr</c>; false to log the rate without decay, as in Keras 2.3. The default is false.
    /// </param>
    public LearningRateScheduler(Func<int, double, double> schedule, int verbose = 0, bool logDecayedRate = false) =>
        (Schedule, Verbose, _logDecayedRate) =
            (schedule ?? throw new ArgumentNullException(nameof(schedule)), verbose, logDecayedRate);

    /// <summary>Creates the callback.</summary>
    /// <param name="schedule">The function that returns the rate for a zero-based epoch index.</param>
    /// <param name="verbose">0 for silent, or 1 to print a line for each epoch.</param>
    /// <param name="logDecayedRate">
    /// true to log the rate that updates actually use, <see cref="Optimizers.Optimizer.DecayedLearningRate"/>, as
    /// <c>lr</c>; false to log the rate without decay, as in Keras 2.3. The default is false.
    /// </param>
    public LearningRateScheduler(Func<int, double> schedule, int verbose = 0, bool logDecayedRate = false)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        (Schedule, Verbose, _logDecayedRate) = ((epoch, _) => schedule(epoch), verbose, logDecayedRate);
    }

    internal override void Check(TrainingPlan plan) => plan.RequireFreeLearningRate(this);

    internal override bool MayLog(string name) => name == "lr" || base.MayLog(name);

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">
    /// The schedule returned a rate that is negative or not finite.
    /// </exception>
    public override void OnEpochBegin(int epoch)
    {
        double rate = Schedule(epoch, Model.Optimizer!.LearningRate);
        if (!(rate >= 0 && double.IsFinite(rate)))
            throw new InvalidOperationException(
                "The output of the \"schedule\" function should be a learning rate, 0 or more; it "
                + $"returned {rate} for epoch {epoch}.");
        Model.Optimizer.LearningRate = rate;
        if (Verbose > 0)
            Console.WriteLine($"\nEpoch {epoch + 1:00000}: LearningRateScheduler setting learning rate to "
                + $"{PythonFormat.Repr(rate)}.");
    }

    /// <inheritdoc/>
    public override void OnEpochEnd(int epoch, IDictionary<string, double> logs)
    {
        ArgumentNullException.ThrowIfNull(logs);
        logs["lr"] = Model.Optimizer!.RateToLog(_logDecayedRate);
    }
}
