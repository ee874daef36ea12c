using System.Globalization;
using Microsoft.ML.KerasSequential.Utils;

namespace Microsoft.ML.KerasSequential.Callbacks;

/// <summary>Prints the progress of training (Keras <c>keras.callbacks.ProgbarLogger</c>); <c>fit</c> adds it for verbose 1 and 2.</summary>
public class ProgbarLogger : Callback
{
    readonly bool _samples;
    readonly TextWriter? _output;
    Progbar? _bar;
    int _seen;

    /// <inheritdoc/>
    public override bool RunsOnEveryRank => false;

    /// <summary>Makes the callback.</summary>
    /// <param name="countMode"><c>samples</c> or <c>steps</c>: what the bar counts. Where only steps are known, it counts those.</param>
    /// <param name="output">Where to; the console by default.</param>
    /// <exception cref="ArgumentException">Another mode.</exception>
    public ProgbarLogger(string countMode = "samples", TextWriter? output = null)
    {
        if (countMode is not ("samples" or "steps")) throw new ArgumentException($"Unknown `count_mode`: {countMode}; expected \"samples\" or \"steps\".", nameof(countMode));
        (_samples, _output) = (countMode == "samples", output);
    }

    int? Samples => _samples ? Params.Samples : null;

    /// <inheritdoc/>
    public override void OnEpochBegin(int epoch)
    {
        TextWriter writer = _output ?? Console.Out;
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Epoch {epoch + 1}/{Params.Epochs}"));
        _bar = new Progbar(Samples ?? Params.Steps, verbose: Params.Verbose, perStep: Samples is null, output: writer);
        _seen = 0;
    }

    /// <inheritdoc/>
    public override void OnTrainBatchEnd(int batch, IReadOnlyDictionary<string, double> logs)
    {
        ArgumentNullException.ThrowIfNull(logs);
        _seen = Samples is null ? (int)logs["batch"] + 1 : _seen + (int)logs["size"];
        // The last batch is shown with the epoch's values.
        if (_bar is not null && _seen < _bar.Target) _bar.Update(_seen, logs, Params.Metrics);
    }

    /// <inheritdoc/>
    public override void OnEpochEnd(int epoch, IDictionary<string, double> logs)
    {
        ArgumentNullException.ThrowIfNull(logs);
        _bar?.Finish(logs, Params.Metrics);
    }
}
