namespace Microsoft.ML.KerasSequential.Callbacks;

/// <summary>Determines whether a monitored value is better than another.</summary>
internal sealed class Improvement
{
    readonly bool _larger;
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
        _minDelta = minDelta;
    }

    public double Worst => _larger ? double.NegativeInfinity : double.PositiveInfinity;

    public bool Over(double best, double current) => _larger ? current - _minDelta > best : current + _minDelta < best;
}
