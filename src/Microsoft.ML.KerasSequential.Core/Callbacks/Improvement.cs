namespace Microsoft.ML.KerasSequential.Callbacks;

/// <summary>Determines whether a monitored value is better than another.</summary>
internal sealed class Improvement
{
    readonly string _monitor;
    readonly bool _isAutomatic;
    bool _larger;
    readonly double _minDelta;

    public Improvement(string monitor, string mode, double minDelta)
    {
        ArgumentException.ThrowIfNullOrEmpty(monitor);
        _larger = mode switch
        {
            "max" => true,
            "min" => false,
            "auto" => monitor.Contains("acc", StringComparison.Ordinal),
            _ => throw new ArgumentException($"The mode must be \"auto\", \"min\" or \"max\"; given \"{mode}\".",
                nameof(mode)),
        };
        (_monitor, _isAutomatic, _minDelta) = (monitor, mode == "auto", minDelta);
    }

    /// <summary>Takes the direction from the metric of a model, if Keras 2.3 does not have the metric.</summary>
    public void Resolve(Sequential model)
    {
        if (!_isAutomatic) return;
        string name = _monitor.StartsWith("val_", StringComparison.Ordinal) ? _monitor[4..] : _monitor;
        _larger |= model.Metrics.Any(m => m.Name == name && m.IsBetterIfLarger);
    }

    public double Worst => _larger ? double.NegativeInfinity : double.PositiveInfinity;

    public bool Over(double best, double current) => _larger ? current - _minDelta > best : current + _minDelta < best;
}
