using System.Globalization;
using Microsoft.ML.KerasSequential.Utils;

namespace Microsoft.ML.KerasSequential.Callbacks;

/// <summary>
/// Prints the progress of training (Keras <c>keras.callbacks.ProgbarLogger</c>). <c>Fit</c> adds this callback if
/// <c>verbose</c> is 1 or 2.
/// </summary>
public class ProgbarLogger : Callback
{
    readonly TextWriter? _output;
    readonly Func<int>? _columns;
    Progbar? _bar;

    /// <summary>
    /// Gets a value that indicates whether the bar is set to count steps; otherwise, it counts samples.
    /// </summary>
    public bool UseSteps { get; }

    /// <summary>Gets the number of samples or steps in an epoch, or null before the first epoch.</summary>
    public int? Target => _bar?.Target;

    /// <summary>Gets the number of samples or steps in the epoch so far.</summary>
    public int Seen { get; private set; }

    /// <inheritdoc/>
    public override bool RunsOnEveryRank => false;

    /// <summary>Creates the callback.</summary>
    /// <param name="countMode">
    /// What the bar counts: <c>samples</c> or <c>steps</c>. If only the number of steps is known, the bar counts steps.
    /// </param>
    /// <param name="output">The writer for the output. The default is the console.</param>
    /// <exception cref="ArgumentException">The mode is unknown.</exception>
    public ProgbarLogger(string countMode = "samples", TextWriter? output = null)
    {
        if (countMode is not ("samples" or "steps"))
            throw new ArgumentException($"Unknown `count_mode`: {countMode}; expected \"samples\" or \"steps\".",
                nameof(countMode));
        (UseSteps, _output) = (countMode == "steps", output);
    }

    /// <param name="columns">A function that returns the width of the terminal to which the writer writes.</param>
    /// <param name="output">The writer for the output.</param>
    internal ProgbarLogger(Func<int> columns, TextWriter output) : this(output: output) => _columns = columns;

    int? Samples => UseSteps ? null : Params.Samples;

    /// <inheritdoc/>
    public override void OnEpochBegin(int epoch)
    {
        TextWriter writer = _output ?? Console.Out;
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Epoch {epoch + 1}/{Params.Epochs}"));
        _bar = new Progbar(Samples ?? (Params.Steps == 0 ? (int?)null : Params.Steps),
            _columns ?? Terminal.Columns(_output), writer, verbose: Params.Verbose, perStep: Samples is null);
        Seen = 0;
    }

    /// <inheritdoc/>
    public override void OnTrainBatchEnd(int batch, IReadOnlyDictionary<string, double> logs)
    {
        ArgumentNullException.ThrowIfNull(logs);
        Seen = Samples is null ? (int)logs["batch"] + 1 : Seen + (int)logs["size"];
        // The last batch is shown together with the values of the epoch.
        if (_bar is not null && !(Seen >= _bar.Target)) _bar.Update(Seen, logs, Params.Metrics);
    }

    /// <summary>Writes a separate line between the lines of the progress bar.</summary>
    internal void Say(string text)
    {
        if (_bar is not null) _bar.Say(text);
        else (_output ?? Console.Out).WriteLine(text);
    }

    /// <inheritdoc/>
    public override void OnEpochEnd(int epoch, IDictionary<string, double> logs)
    {
        ArgumentNullException.ThrowIfNull(logs);
        _bar?.Finish(logs, Params.Metrics);
    }
}
