using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential;

// What follows when layers are adapted after the model was built or compiled.
public sealed partial class Sequential
{
    int _tracedAdapters;

    /// <summary>The low-rank adapters of all layers.</summary>
    IEnumerable<LowRank> Adapters =>
        _layers.Distinct().SelectMany(l => l.WithInner()).Select(l => l.Adapter).OfType<LowRank>();

    /// <summary>
    /// The weights that training changes, as of the time when the model was compiled; an adapted kernel is replaced by
    /// its adapter.
    /// </summary>
    IReadOnlyList<Variable>? CollectedWeights
    {
        get
        {
            if (_collectedWeights is { } collected && collected.Any(w => !w.Trainable))
            {
                Dictionary<Variable, LowRank> adapters = Adapters.Distinct().ToDictionary(a => a.Kernel);
                _collectedWeights = [.. collected.SelectMany(w => w.Trainable ? [w]
                    : adapters.TryGetValue(w, out LowRank? adapter) ? new[] { adapter.A, adapter.B } : [])];
            }
            return _collectedWeights;
        }
    }

    /// <summary>Traces the prediction graph again if a layer was adapted since the last time.</summary>
    void FollowAdapters()
    {
        if (_output is null || _tracedAdapters == Adapters.Count()) return;
        using (WeightGate.Enter())
        {
            using TraceScope scope = TraceScope.Begin(training: false, _seed);
            List<Tensor> trace = Forward(_input!, null, out _outputMask);
            Tensor[] losses = [.. Retraced(_addedLosses, trace)];
            Tensor[] values = [.. Retraced([.. _addedMetrics.Select(m => m.Value)], trace)];
            for (int i = 0; i < losses.Length; i++) _addedLosses[i] = losses[i];
            for (int i = 0; i < values.Length; i++) _addedMetrics[i] = (_addedMetrics[i].Metric, values[i]);
            (_trace, _output, _tracedAdapters) = (trace, trace[^1], Adapters.Count());
        }
    }
}
