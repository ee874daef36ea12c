namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>
/// The names under which a model reports: the loss first, then each metric under a name of its own (Keras
/// <c>_add_unique_metric_name</c>). With validation every name comes twice, so <c>val_</c> before another name is taken
/// too.
/// </summary>
internal sealed class MetricNames
{
    readonly List<string> _names = ["loss"];
    readonly List<Metric> _metrics = [];

    public IReadOnlyList<string> All => _names;

    /// <summary>Names a metric as it was given, with a number where that name is taken, or where there is none.</summary>
    public void Add(Metric metric)
    {
        string stem = metric.NumberedStem ?? metric.GivenName;
        bool isNumbered = metric.NumberedStem is not null;
        string name = isNumbered ? $"{stem}_1" : stem;
        for (int i = isNumbered ? 2 : 1; IsTaken(name); i++) name = $"{stem}_{i}";
        // A file knows a function by its name: another function of that name has to have another one there.
        List<Metric> namesakes = _metrics.FindAll(m => m.GivenName == metric.GivenName);
        string stored = namesakes.Count == 0 ? metric.GivenName
            : namesakes.Find(m => m.HasFunctionOf(metric))?.StoredName ?? name;
        metric.Rename(name, stored);
        _names.Add(name);
        _metrics.Add(metric);
    }

    bool IsTaken(string name) => _names.Exists(n => n == name || n == $"val_{name}" || name == $"val_{n}");
}
