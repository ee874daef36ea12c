using Microsoft.ML.KerasSequential.Diagnostics;
using Microsoft.ML.KerasSequential.Utils;

namespace Microsoft.ML.KerasSequential.Callbacks;

/// <summary>
/// Warns that the logs do not contain a value that a callback monitors. The warning lists the available names and is
/// written once per training run, and before the first epoch if the value is already known to be missing.
/// </summary>
/// <param name="monitor">The name of the monitored value.</param>
/// <param name="consequence">The start of the message, which states what depends on the value.</param>
internal sealed class MonitorWarning(string monitor, string consequence)
{
    const string Validation = "val_";

    bool _isSaid;

    /// <summary>Called when a training run starts.</summary>
    public void Check(TrainingPlan plan)
    {
        _isSaid = false;
        if (!plan.MayLog(monitor)) Say(plan.Model, plan.Logs);
    }

    /// <summary>Writes the warning when an epoch's logs do not contain the value.</summary>
    /// <param name="model">The model.</param>
    /// <param name="known">The names that the logs contain.</param>
    public void Say(Sequential model, IEnumerable<string> known)
    {
        if (_isSaid) return;
        _isSaid = true;
        string[] names = [.. known];
        string line = $"{consequence} `{monitor}` which is not available. "
            + $"Available metrics are: {string.Join(",", names)}.{Hint(names)}";
        Console.Error.WriteLine(line);
        model.Logger.ValueIsMissing(line);
    }

    string Hint(string[] known)
    {
        bool isOfValidation = monitor.StartsWith(Validation, StringComparison.Ordinal);
        if (isOfValidation && known.Contains(monitor[Validation.Length..]))
            return " Names with val_ need validation: give Fit `validationData` or `validationSplit`.";
        string[] alike =
            [.. known.Where(name => name.StartsWith(Validation, StringComparison.Ordinal) == isOfValidation)];
        // "acc" is an older name for "accuracy".
        string? near = alike.FirstOrDefault(name => name.StartsWith(monitor, StringComparison.OrdinalIgnoreCase))
            ?? alike.FirstOrDefault(
                name => NameRegistry.Distance(name.ToUpperInvariant(), monitor.ToUpperInvariant()) <= 2);
        return near is null ? "" : $" Did you mean `{near}`?";
    }
}
