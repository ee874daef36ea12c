using System.Collections;
using System.Runtime.CompilerServices;
using Microsoft.ML.KerasSequential.Metrics;

namespace Microsoft.ML.KerasSequential;

/// <summary>The metrics given to <c>compile</c>: one, a list, or a dictionary by output name. A Sequential has one
/// output.</summary>
/// <remarks>
/// C# does not allow lambdas next to names and objects in brackets; in braces it does:
/// <c>metrics: new() { "accuracy", (t, p) =&gt; K.Mean(K.Abs(t - p), axis: -1) }</c>.
/// </remarks>
[CollectionBuilder(typeof(MetricSet), nameof(Create))]
public sealed class MetricSet : IEnumerable<Metric>
{
    readonly List<Metric> _metrics;
    readonly IReadOnlyList<string> _outputs;

    MetricSet(IReadOnlyList<Metric> metrics, IReadOnlyList<string>? outputs = null)
    {
        if (metrics.Contains(null!)) throw new ArgumentException("A metric cannot be null.", nameof(metrics));
        (_metrics, _outputs) = ([.. metrics], outputs ?? []);
    }

    /// <summary>Makes an empty list, for names, objects and functions in braces.</summary>
    public MetricSet() : this([])
    {
    }

    /// <summary>Adds a metric. Not allowed after the list was passed to a model.</summary>
    /// <param name="metric">The metric, or its Keras name.</param>
    public void Add(Metric metric)
    {
        ArgumentNullException.ThrowIfNull(metric);
        _metrics.Add(metric);
    }

    /// <summary>Adds a metric given as a function. It takes the method's name, or <c>metric</c> for a lambda.</summary>
    /// <param name="function">A function from targets and predictions to one value per sample.</param>
    public void Add(Func<Tensor, Tensor, Tensor> function) => _metrics.Add(function);

    /// <summary>Makes a list of metrics (the target of collection expressions).</summary>
    /// <param name="metrics">The metrics.</param>
    /// <returns>The set.</returns>
    public static MetricSet Create(ReadOnlySpan<Metric> metrics) => new(metrics.ToArray());

    /// <summary>One metric by its Keras name.</summary>
    /// <param name="name">The name.</param>
    public static implicit operator MetricSet(string name) => new([(Metric)name]);

    /// <summary>One metric.</summary>
    /// <param name="metric">The metric.</param>
    public static implicit operator MetricSet(Metric metric) => new([metric]);

    /// <summary>Metrics by Keras names.</summary>
    /// <param name="names">The names.</param>
    public static implicit operator MetricSet(string[] names)
    {
        ArgumentNullException.ThrowIfNull(names);
        return new([.. names.Select(n => (Metric)n)]);
    }

    /// <summary>One metric given as a function.</summary>
    /// <param name="function">A function from targets and predictions to one value per sample.</param>
    public static implicit operator MetricSet(Func<Tensor, Tensor, Tensor> function) => new([(Metric)function]);

    /// <summary>Metrics given as functions.</summary>
    /// <param name="functions">Functions from targets and predictions to one value per sample.</param>
    public static implicit operator MetricSet(Func<Tensor, Tensor, Tensor>[] functions)
    {
        ArgumentNullException.ThrowIfNull(functions);
        return new([.. functions.Select(f => (Metric)f)]);
    }

    /// <summary>A list of metrics.</summary>
    /// <param name="metrics">The metrics.</param>
    public static implicit operator MetricSet(Metric[] metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        return new([.. metrics]);
    }

    /// <summary>Metrics by output name.</summary>
    /// <param name="metrics">The metrics.</param>
    public static implicit operator MetricSet(Dictionary<string, Metric[]> metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        return new([.. metrics.Values.SelectMany(m => m)], [.. metrics.Keys]);
    }

    /// <summary>Metrics with the same settings and their own state.</summary>
    internal MetricSet Copy() => new([.. _metrics.Select(m => m.Copy())], _outputs);

    /// <summary>Removes repeated metrics: the same object, or the same Keras name.</summary>
    internal MetricSet WithoutRepeats() =>
        new([.. _metrics.Where((m, i) => !_metrics.Take(i).Any(m.Repeats))], _outputs);

    /// <summary>Copies objects that another list also holds, because each metric accumulates its own values.</summary>
    internal MetricSet ApartFrom(MetricSet? others, string parameter) =>
        new([.. _metrics.Select(m => others?.Contains(m) == true ? Twin(m, parameter) : m)], _outputs);

    static Metric Twin(Metric metric, string parameter) =>
        metric.Copy() is { } twin && twin != metric ? twin
            : throw new ArgumentException(
                $"The metric {metric.Name} is given both as a metric and as a weighted metric, but has only one state: "
                + "pass two objects.", parameter);

    /// <inheritdoc/>
    public IEnumerator<Metric> GetEnumerator() => _metrics.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal void CheckOutputs(string outputName, string parameter)
    {
        if (_outputs.FirstOrDefault(o => o != outputName) is { } unknown)
            throw new ArgumentException(
                $"Unknown entry in metrics dictionary: \"{unknown}\". The model's output is \"{outputName}\".",
                parameter);
    }
}
