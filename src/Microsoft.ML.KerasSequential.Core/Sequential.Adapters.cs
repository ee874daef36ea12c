using System.Text.Json.Nodes;
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

    /// <summary>Removes the adapters from a configuration, for a file with the sums of the weights.</summary>
    /// <returns>true.</returns>
    static bool WithoutAdapters(JsonNode? node)
    {
        if (node is JsonArray list)
        {
            foreach (JsonNode? item in list) WithoutAdapters(item);
        }
        else if (node is JsonObject part)
        {
            part.Remove("lora_rank");
            part.Remove("lora_alpha");
            foreach ((_, JsonNode? value) in part) WithoutAdapters(value);
        }
        return true;
    }

    /// <summary>Traces the prediction graph again if a layer was adapted since the last time.</summary>
    void FollowAdapters()
    {
        if (_output is null || _tracedAdapters == Adapters.Count()) return;
        using (WeightGate.Enter()) Retrace();
    }
}
