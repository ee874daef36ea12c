namespace Microsoft.ML.KerasSequential.Callbacks;

/// <summary>
/// Averages the batch values over the epoch (Keras <c>keras.callbacks.BaseLogger</c>) and writes them to the epoch's
/// logs. Training already does this; the callback is for custom loops and other averages.
/// </summary>
/// <param name="statefulMetrics">
/// The names of values that are already averages, of which the last one is used. The default is all but the loss,
/// because a model's metrics are already averages.
/// </param>
public class BaseLogger(IReadOnlyCollection<string>? statefulMetrics = null) : Callback
{
    readonly Dictionary<string, double> _totals = [];

    /// <summary>Gets the names of values that are already averages, or null for all but the loss.</summary>
    public IReadOnlyCollection<string>? StatefulMetrics => statefulMetrics;

    /// <summary>Gets the number of samples in the epoch so far.</summary>
    public double Seen { get; private set; }

    /// <summary>
    /// Gets, for each name, the sum over the samples of the epoch so far, or the last value if it is already an
    /// average.
    /// </summary>
    public IReadOnlyDictionary<string, double> Totals => _totals;

    /// <inheritdoc/>
    public override void OnEpochBegin(int epoch)
    {
        _totals.Clear();
        Seen = 0;
    }

    /// <inheritdoc/>
    public override void OnBatchEnd(int batch, IReadOnlyDictionary<string, double> logs)
    {
        ArgumentNullException.ThrowIfNull(logs);
        double size = logs.GetValueOrDefault("size");
        Seen += size;
        foreach (string name in Params.Metrics)
        {
            if (!logs.TryGetValue(name, out double value)) continue;
            _totals[name] = IsStateful(name) ? value : _totals.GetValueOrDefault(name) + value * size;
        }
    }

    /// <inheritdoc/>
    public override void OnEpochEnd(int epoch, IDictionary<string, double> logs)
    {
        ArgumentNullException.ThrowIfNull(logs);
        foreach ((string name, double total) in _totals) logs[name] = IsStateful(name) ? total : total / Seen;
    }

    bool IsStateful(string name) => statefulMetrics?.Contains(name) ?? name != "loss";
}
