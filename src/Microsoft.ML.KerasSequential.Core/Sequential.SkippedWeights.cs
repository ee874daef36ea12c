using Microsoft.ML.KerasSequential.Diagnostics;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential;

// Loading the weights that fit.
public sealed partial class Sequential
{
    /// <summary>
    /// Sets the weights of the layers that fit those in a file, layer by layer in order, and skips the others.
    /// </summary>
    /// <exception cref="ArgumentException">The file has another number of layers; nothing is changed.</exception>
    void SetFitting(Dictionary<string, NDArray> values, string path, WeightMatch match)
    {
        Layer[] layers = [.. _layers.Distinct().Where(l => l.Weights.Count > 0)];
        (string Name, NDArray Value)[][] stored = StoredLayers(values, layers, path);
        List<(Variable Weight, NDArray Value)> found = [];
        foreach ((Layer layer, (string Name, NDArray Value)[] its) in layers.Zip(stored))
        {
            (string Path, Variable Weight)[] own = [.. layer.NamedWeights()];
            Dictionary<string, NDArray> named = its.Where(s => s.Name.Length > 0).ToDictionary(s => s.Name,
                s => s.Value);
            // Names decide, whatever the order, if they are the layer's; numbered arrays are in the order of
            // GetWeights.
            if (named.Count == 0) own = [.. layer.Weights.Select(w => own.Single(o => o.Weight == w))];
            bool byName = own.Length == named.Count && own.All(w => named.ContainsKey(w.Path));
            NDArray[] arrays = byName ? [.. own.Select(w => named[w.Path])] : [.. its.Select(s => s.Value)];
            Variable[] weights = [.. own.Select(w => w.Weight)];
            if (match.FitsOrSkips(layer.Name, weights, [.. arrays.Select(a => a.Shape.ToArray())], path))
                found.AddRange(weights.Zip(arrays, (w, a) => (w, Shaped(a, w))));
        }
        foreach ((Variable weight, NDArray value) in found) weight.SetValue(value);
    }

    /// <summary>The arrays of each layer in a file, with their names in the layer; empty names for numbered
    /// arrays.</summary>
    (string Name, NDArray Value)[][] StoredLayers(Dictionary<string, NDArray> values, Layer[] layers, string path)
    {
        if (values.Keys.Select((name, i) => name == $"arr_{i}").All(isNumbered => isNumbered))
        {
            int count = layers.Sum(l => l.Weights.Count), at = 0;
            if (count != values.Count)
                throw new ArgumentException(
                    $"{path} contains {values.Count} weights, but the model {Name} has {count}; "
                    + "numbered arrays do not say which layer they belong to.", nameof(path));
            NDArray[] all = [.. values.Values];
            return [.. layers.Select(l => all[at..(at += l.Weights.Count)].Select(a => ("", a)).ToArray())];
        }
        (string Name, NDArray Value)[][] stored = [.. values.GroupBy(v => v.Key[..Slash(v.Key)])
            .Select(g => g.Select(v => (v.Key[Math.Min(v.Key.Length, Slash(v.Key) + 1)..], v.Value)).ToArray())];
        return stored.Length == layers.Length ? stored : throw new ArgumentException("You are trying to load a weight "
            + $"file containing {stored.Length} layers into a model with {layers.Length} layers: {path}.",
            nameof(path));

        static int Slash(string name) => name.IndexOf('/') is var slash and >= 0 ? slash : name.Length;
    }

    /// <summary>Says what was not loaded.</summary>
    void WarnOfSkipped(WeightMatch match)
    {
        foreach (string line in match.Skipped)
        {
            Console.Error.WriteLine(line);
            Logger.WeightsAreSkipped(line);
        }
    }
}
