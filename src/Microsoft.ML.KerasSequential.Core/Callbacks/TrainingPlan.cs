namespace Microsoft.ML.KerasSequential.Callbacks;

/// <summary>What is known about a training run before it starts, so that callbacks that cannot work fail
/// early.</summary>
/// <param name="Model">The model.</param>
/// <param name="Logs">The names in an epoch's logs: loss, metrics, and validation results.</param>
/// <param name="InitialEpoch">The first epoch, counted from 0.</param>
/// <param name="Epochs">The epoch before which training ends.</param>
/// <param name="Validates">The epochs after which validation runs.</param>
/// <param name="Callbacks">All callbacks, in order.</param>
internal sealed record TrainingPlan(Sequential Model, IReadOnlyList<string> Logs, int InitialEpoch, int Epochs,
    Func<int, bool> Validates, IReadOnlyList<Callback> Callbacks)
{
    /// <summary>How many epochs are checked if training runs until it is stopped.</summary>
    const int Horizon = 1000;

    /// <summary>Whether only validation produces a value of this name.</summary>
    public bool IsOfValidation(string name) =>
        name.StartsWith("val_", StringComparison.Ordinal) && Logs.Contains(name) && !Callbacks.Any(c => c.MayLog(name));

    /// <summary>Whether validation runs after each epoch of a period.</summary>
    public bool ValidatesEach(int period)
    {
        for (long epoch = InitialEpoch + period - 1L; epoch < Math.Min(Epochs, InitialEpoch + (long)Horizon * period);
            epoch += period)
            if (!Validates((int)epoch)) return false;
        return true;
    }

    /// <summary>Whether an epoch's logs may contain a name, possibly added by a callback.</summary>
    public bool MayLog(string name) => Logs.Contains(name) || Callbacks.Any(c => c.MayLog(name));

    /// <summary>Checks that the learning rate can be set, for callbacks that set it.</summary>
    /// <exception cref="InvalidOperationException">The optimizer's learning rate follows a schedule.</exception>
    public void RequireFreeLearningRate(Callback callback)
    {
        if (Model.Optimizer?.Schedule is { } schedule)
        {
            throw new InvalidOperationException(
                $"{callback.GetType().Name} sets the learning rate, but the optimizer's learning rate follows a "
                + $"schedule ({schedule.GetType().Name}). "
                + "Give the optimizer a number as its learning rate, or remove the callback.");
        }
    }

    /// <summary>The error for a callback whose settings do not fit the training run.</summary>
    public static ArgumentException Misfit(Callback callbacks, string message) =>
        new($"{callbacks.GetType().Name}: {message}", nameof(callbacks));
}
