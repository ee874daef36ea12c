using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Metrics;
using Placeholder = Microsoft.ML.KerasSequential.Ops.Placeholder;

namespace Microsoft.ML.KerasSequential;

// Losses and metrics that need no targets.
public sealed partial class Sequential
{
    readonly List<Tensor> _addedLosses = [];
    readonly List<(Reduce Metric, Tensor Value)> _addedMetrics = [];
    List<Reduce> _layerMetrics = [];

    /// <summary>
    /// Adds a term to the loss, computed from the model's tensors (<see cref="Inputs"/>, <see cref="Outputs"/>,
    /// <see cref="Microsoft.ML.KerasSequential.Layers.Layer.Weights"/>) without targets (Keras <c>add_loss</c>). During
    /// training, it is computed from the training graph's tensors, with dropout and so on. Rebuilding the model, as
    /// <see cref="Pop"/> does, removes it; files and configurations do not contain it.
    /// </summary>
    /// <param name="loss">A tensor, whose elements are summed.</param>
    /// <exception cref="ArgumentException">The tensor depends on an input that is not the model's.</exception>
    /// <exception cref="InvalidOperationException">The model has not been built, or is being trained.</exception>
    public new void AddLoss(Tensor loss)
    {
        ArgumentNullException.ThrowIfNull(loss);
        using (Change())
        {
            FollowAdapters();
            RequireOwn(loss, nameof(loss));
            _addedLosses.Add(loss);
            DropExecutables();
        }
    }

    /// <summary>Reports a value computed from the model's tensors along with the metrics (Keras
    /// <c>add_metric</c>).</summary>
    /// <param name="value">A tensor, as for <see cref="AddLoss"/>; its mean over the epoch is reported.</param>
    /// <param name="name">The name in <see cref="MetricsNames"/>; numbered if it is already in use.</param>
    /// <exception cref="ArgumentException">The tensor depends on an input that is not the model's.</exception>
    /// <exception cref="InvalidOperationException">The model has not been built, or is being trained.</exception>
    public new void AddMetric(Tensor value, string name = "metric") => AddMetric(value, new Mean(name));

    /// <summary>Reports a value computed from the model's tensors along with the metrics.</summary>
    /// <param name="value">A tensor, as for <see cref="AddLoss"/>.</param>
    /// <param name="metric">The metric that accumulates it: a <see cref="Mean"/> or a <see cref="Sum"/>; its name is
    /// numbered if it is already in use.</param>
    /// <exception cref="ArgumentException">The tensor depends on a foreign input, or the metric already accumulates
    /// another value.</exception>
    /// <exception cref="InvalidOperationException">The model has not been built, or is being trained.</exception>
    public void AddMetric(Tensor value, Reduce metric)
    {
        ArgumentNullException.ThrowIfNull(value);
        ArgumentNullException.ThrowIfNull(metric);
        using (Change())
        {
            FollowAdapters();
            RequireOwn(value, nameof(value));
            if (AddedMetrics.Contains(metric))
                throw new ArgumentException(
                    $"{metric.Name} already accumulates another value: pass one metric for each.", nameof(metric));
            _addedMetrics.Add((metric, value));
            DropExecutables();
            if (Optimizer is not null) ResolveMetrics();
        }
    }

    void RequireOwn(Tensor tensor, string parameter)
    {
        RequireBuilt(_output);
        if (Topology.Order([tensor]).Find(t => t.Op is Placeholder && t != _input) is { } foreign)
            throw new ArgumentException($"The tensor depends on {foreign}, which is not the model's input.", parameter);
    }

    /// <summary>Rebuilds tensors of the prediction graph over another trace of the same layers.</summary>
    IEnumerable<Tensor> Retraced(IReadOnlyList<Tensor> tensors, List<Tensor> trace)
    {
        if (tensors.Count == 0) return [];
        var twins = new Dictionary<Tensor, Tensor>(ReferenceEqualityComparer.Instance);
        for (int i = 0; i < _trace.Count; i++) twins[_trace[i]] = trace[i];
        foreach (Tensor tensor in Topology.Order(tensors))
        {
            if (twins.ContainsKey(tensor)) continue;
            Tensor[] inputs = [.. tensor.Inputs.Select(i => twins[i])];
            twins[tensor] = inputs.AsSpan().SequenceEqual(tensor.Inputs) ? tensor : new Tensor(tensor.Op, inputs);
        }
        return tensors.Select(t => twins[t]);
    }
}
