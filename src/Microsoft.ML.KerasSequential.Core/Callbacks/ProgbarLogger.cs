using System.Globalization;
using Microsoft.ML.KerasSequential.Utils;

namespace Microsoft.ML.KerasSequential.Callbacks;

/// <summary>Prints the progress of training (Keras <c>keras.callbacks.ProgbarLogger</c>); <c>fit</c> adds it for
/// verbose 1 and 2.</summary>
public class ProgbarLogger : Callback
{
    readonly TextWriter? _output;
    readonly Func<int>? _columns;
    Progbar? _bar;

    /// <summary>Whether the bar is set to count steps; otherwise it counts samples.</summary>
    public bool UseSteps { get; }

    /// <summary>The number of samples or steps in an epoch; null before the first one.</summary>
    public int? Target => _bar?.Target;

    /// <summary>The number of samples or steps in the epoch so far.</summary>
    public int Seen { get; private set; }

    /// <inheritdoc/>
    public override bool RunsOnEveryRank => false;

    /// <summary>Makes the callback.</summary>
    /// <param name="countMode"><c>samples</c> or <c>steps</c>: what the bar counts. If only steps are known, it counts
    /// steps.</param>
    /// <param name="output">Where to write; the console by default.</param>
    /// <exception cref="ArgumentException">The mode is unknown.</exception>
    public ProgbarLogger(string countMode = "samples", TextWriter? output = null)
    {
        if (countMode is not ("samples" or "steps"))
            throw new ArgumentException($"Unknown `count_mode`: {countMode}; expected \"samples\" or \"steps\".",
                nameof(countMode));
        (UseSteps, _output) = (countMode == "steps", output);
    }

    /// <param name="columns">The width of the terminal behind the writer.</param>
    /// <param name="output">Where to.</param>
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
        // The last batch is shown with the epoch's values.
        if (_bar is not null && !(Seen >= _bar.Target)) _bar.Update(Seen, logs, Params.Metrics);
    }

    /// <summary>Writes a line of its own between those of the progress.</summary>
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
