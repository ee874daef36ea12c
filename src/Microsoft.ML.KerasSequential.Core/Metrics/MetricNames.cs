namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>
/// The names in a model's reports: the loss first, then each metric under a unique name (Keras
/// <c>_add_unique_metric_name</c>). Validation prefixes every name with <c>val_</c>, so those names are reserved too.
/// </summary>
internal sealed class MetricNames
{
    readonly List<string> _names = ["loss"];
    readonly List<Metric> _metrics = [];

    public IReadOnlyList<string> All => _names;

    /// <summary>Names a metric as it was specified, numbered if the name is already in use or there is none.</summary>
    public void Add(Metric metric)
    {
        string stem = metric.NumberedStem ?? metric.GivenName;
        bool isNumbered = metric.NumberedStem is not null;
        string name = isNumbered ? $"{stem}_1" : stem;
        for (int i = isNumbered ? 2 : 1; IsTaken(name); i++) name = $"{stem}_{i}";
        // Files identify a function by its name, so another function of the same name needs a different one.
        List<Metric> namesakes = _metrics.FindAll(m => m.GivenName == metric.GivenName);
        string stored = namesakes.Count == 0 ? metric.GivenName
            : namesakes.Find(m => m.HasFunctionOf(metric))?.StoredName ?? name;
        metric.Rename(name, stored);
        _names.Add(name);
        _metrics.Add(metric);
    }

    bool IsTaken(string name) => _names.Exists(n => n == name || n == $"val_{name}" || name == $"val_{n}");
}
