using Microsoft.ML.KerasSequential.Diagnostics;
using Microsoft.ML.KerasSequential.Utils;

namespace Microsoft.ML.KerasSequential.Callbacks;

/// <summary>
/// What a callback says that waits for a value which the logs do not have: once a training, with the names that there
/// are. Before the first epoch, where it is certain by then.
/// </summary>
/// <param name="monitor">The name of the value.</param>
/// <param name="consequence">What it means for the callback.</param>
internal sealed class MonitorWarning(string monitor, string consequence)
{
    const string Validation = "val_";

    bool _isSaid;

    /// <summary>A training begins.</summary>
    public void Check(TrainingPlan plan)
    {
        _isSaid = false;
        if (!plan.MayLog(monitor)) Say(plan.Model, plan.Logs);
    }

    /// <summary>An epoch's logs lack the value.</summary>
    /// <param name="model">The model.</param>
    /// <param name="known">The names that they have.</param>
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
        // "acc" is an older name of "accuracy".
        string? near = alike.FirstOrDefault(name => name.StartsWith(monitor, StringComparison.OrdinalIgnoreCase))
            ?? alike.FirstOrDefault(
                name => NameRegistry.Distance(name.ToUpperInvariant(), monitor.ToUpperInvariant()) <= 2);
        return near is null ? "" : $" Did you mean `{near}`?";
    }
}
