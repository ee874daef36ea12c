namespace Microsoft.ML.KerasSequential.Callbacks;

/// <summary>What is known of a training before it begins, for callbacks that can say at once that they will not do their work.</summary>
/// <param name="Model">The model.</param>
/// <param name="Logs">The names that the logs of an epoch have: loss, metrics, and those of the validation.</param>
/// <param name="InitialEpoch">The first epoch, counted from 0.</param>
/// <param name="Epochs">The epoch before which the training ends.</param>
/// <param name="Validates">After which epochs there is validation.</param>
/// <param name="Callbacks">All callbacks, in their order.</param>
internal sealed record TrainingPlan(Sequential Model, IReadOnlyList<string> Logs, int InitialEpoch, int Epochs, Func<int, bool> Validates, IReadOnlyList<Callback> Callbacks)
{
    /// <summary>How many epochs are looked at, of a training that goes on until it is stopped.</summary>
    const int Horizon = 1000;

    /// <summary>Whether only validation gives a value of this name.</summary>
    public bool IsOfValidation(string name) => name.StartsWith("val_", StringComparison.Ordinal) && Logs.Contains(name) && !Callbacks.Any(c => c.MayLog(name));

    /// <summary>Whether there is validation after each epoch of a period.</summary>
    public bool ValidatesEach(int period)
    {
        for (long epoch = InitialEpoch + period - 1L; epoch < Math.Min(Epochs, InitialEpoch + (long)Horizon * period); epoch += period)
            if (!Validates((int)epoch)) return false;
        return true;
    }

    /// <summary>Whether an epoch's logs may hold a name: by themselves, or because a callback may add it.</summary>
    public bool MayLog(string name) => Logs.Contains(name) || Callbacks.Any(c => c.MayLog(name));

    /// <summary>What a callback that sets the learning rate needs: a rate that can be set.</summary>
    /// <exception cref="InvalidOperationException">The optimizer's learning rate follows a schedule.</exception>
    public void RequireFreeLearningRate(Callback callback)
    {
        if (Model.Optimizer?.Schedule is { } schedule)
        {
            throw new InvalidOperationException($"{callback.GetType().Name} sets the learning rate, but that of the optimizer follows a schedule ({schedule.GetType().Name}). "
                + "Give the optimizer a number as its learning rate, or leave the callback out.");
        }
    }

    /// <summary>The error of a callback whose settings do not fit the training.</summary>
    public static ArgumentException Misfit(Callback callbacks, string message) => new($"{callbacks.GetType().Name}: {message}", nameof(callbacks));
}
