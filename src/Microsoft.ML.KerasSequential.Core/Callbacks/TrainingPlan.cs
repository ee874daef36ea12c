namespace Microsoft.ML.KerasSequential.Callbacks;

/// <summary>Describes a training run before it starts, so that callbacks that cannot work fail early.</summary>
/// <param name="Model">The model.</param>
/// <param name="Logs">The names in the logs of an epoch: loss, metrics, and validation results.</param>
/// <param name="InitialEpoch">The zero-based index of the first epoch.</param>
/// <param name="Epochs">The zero-based index of the epoch before which training ends.</param>
/// <param name="Validates">A function that returns whether validation runs after an epoch.</param>
/// <param name="Callbacks">All callbacks, in order.</param>
internal sealed record TrainingPlan(Sequential Model, IReadOnlyList<string> Logs, int InitialEpoch, int Epochs,
    Func<int, bool> Validates, IReadOnlyList<Callback> Callbacks)
{
    /// <summary>The number of epochs to check if training runs until it is stopped.</summary>
    const int Horizon = 1000;

    /// <summary>Determines whether only validation produces a value with this name.</summary>
    public bool IsOfValidation(string name) =>
        name.StartsWith("val_", StringComparison.Ordinal) && Logs.Contains(name) && !Callbacks.Any(c => c.MayLog(name));

    /// <summary>Determines whether validation runs after each epoch of a period.</summary>
    public bool ValidatesEach(int period)
    {
        for (long epoch = InitialEpoch + period - 1L; epoch < Math.Min(Epochs, InitialEpoch + (long)Horizon * period);
            epoch += period)
            if (!Validates((int)epoch)) return false;
        return true;
    }

    /// <summary>
    /// Determines whether the logs of an epoch might contain a name, including names that a callback adds.
    /// </summary>
    public bool MayLog(string name) => Logs.Contains(name) || Callbacks.Any(c => c.MayLog(name));

    /// <summary>Checks that a callback can set the learning rate.</summary>
    /// <exception cref="InvalidOperationException">The optimizer's learning rate follows a schedule.</exception>
    public void RequireFreeLearningRate(Callback callback)
    {
        if (Model.Optimizer is { HasOneRate: false } several)
        {
            throw new InvalidOperationException($"{callback.GetType().Name} sets the learning rate, but "
                + $"{several.GetType().Name} has several. Remove the callback.");
        }
        if (Model.Optimizer?.Schedule is { } schedule)
        {
            throw new InvalidOperationException(
                $"{callback.GetType().Name} sets the learning rate, but the optimizer's learning rate follows a "
                + $"schedule ({schedule.GetType().Name}). "
                + "Give the optimizer a number as its learning rate, or remove the callback.");
        }
    }

    /// <summary>Creates the exception for a callback whose settings do not fit the training run.</summary>
    public static ArgumentException Misfit(Callback callbacks, string message) =>
        new($"{callbacks.GetType().Name}: {message}", nameof(callbacks));
}
