using System.Globalization;
using Microsoft.ML.KerasSequential.Utils;

namespace Microsoft.ML.KerasSequential.Callbacks;

/// <summary>Prints the progress of training (Keras <c>keras.callbacks.ProgbarLogger</c>); <c>fit</c> adds it for verbose 1 and 2.</summary>
/// <param name="output">Where to; the console by default.</param>
public sealed class ProgbarLogger(TextWriter? output = null) : Callback
{
    Progbar? _bar;
    int _seen;

    /// <inheritdoc/>
    public override void OnEpochBegin(int epoch)
    {
        TextWriter writer = output ?? Console.Out;
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Epoch {epoch + 1}/{Params.Epochs}"));
        _bar = new Progbar(Params.Samples ?? Params.Steps, verbose: Params.Verbose, perStep: Params.Samples is null, output: writer);
        _seen = 0;
    }

    /// <inheritdoc/>
    public override void OnTrainBatchEnd(int batch, IReadOnlyDictionary<string, double> logs)
    {
        ArgumentNullException.ThrowIfNull(logs);
        _seen += Params.Samples is null ? 1 : (int)logs["size"];
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
