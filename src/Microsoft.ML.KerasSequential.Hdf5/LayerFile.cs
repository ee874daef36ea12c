using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Saving;
using PureHDF;

namespace Microsoft.ML.KerasSequential.Hdf5;

/// <summary>Weights as Keras 1 and 2, tf.keras, and Keras 3's <c>.h5</c> store them: one group per layer, with the
/// names of its weights in order.</summary>
internal static class LayerFile
{
    const string LayerNames = "layer_names", WeightNames = "weight_names", Nested = "model_weights";

    /// <summary>Whether a file is of this kind.</summary>
    public static bool Is(IH5Group root) =>
        H5.Texts(root, LayerNames) is not null || H5.Group(root, Nested) is not null;

    /// <summary>The group that holds the weights.</summary>
    public static IH5Group Weights(IH5Group root) =>
        H5.Texts(root, LayerNames) is not null ? root
        : H5.Group(root, Nested) ?? throw new InvalidDataException("it contains no layer weights");

    /// <summary>Writes the weights of all layers to a group.</summary>
    public static void Write(Sequential model, H5Group group)
    {
        group.Attributes[LayerNames] = H5.Attribute([.. model.Layers.Distinct().Select(l => l.Name)]);
        group.Attributes["backend"] = "tensorflow";
        group.Attributes["keras_version"] = "2.3.1";
        foreach (Layer layer in model.Layers.Distinct())
        {
            var own = new H5Group();
            Dictionary<Variable, string> paths = layer.NamedWeights()
                .ToDictionary(w => w.Weight, w => $"{layer.Name}/{w.Path}:0");
            // Keras 3 reads an adapted kernel where frozen weights are.
            IReadOnlyList<Variable> weights = layer.WithInner().All(l => l.Adapter is null) ? layer.Weights
                : [.. layer.TrainableWeights, .. layer.NonTrainableWeights];
            own.Attributes[WeightNames] = H5.Attribute([.. weights.Select(w => paths[w])]);
            foreach (Variable weight in weights)
                H5.Put(own, paths[weight], H5.Dataset(CuDnnLayout.ForFile(layer, weight)));
            group[layer.Name] = own;
        }
    }

    /// <summary>Reads the values of a model's weights one by one, by the order of the layers with weights, or by layer
    /// names.</summary>
    /// <exception cref="ArgumentException">The layers or weights do not fit.</exception>
    public static IEnumerable<(Variable Weight, StoredNumbers Value)> Read(Sequential model, IH5Group group,
        string path, WeightMatch match, NumberBudget budget)
    {
        string[] names = H5.Texts(group, LayerNames)
            ?? throw new InvalidDataException($"it lacks the attribute {LayerNames}");
        (string Name,
            string[] Weights)[] saved = [
                .. names.Select(
                    n => (n,
                        H5.Texts(H5.Group(group, n) ?? throw new InvalidDataException($"it lacks the group {n}"),
                            WeightNames) ?? []))];
        Layer[] own = [.. model.Layers.Distinct()];
        var pairs = new List<(Layer Layer, string Name, string[] Weights)>();
        if (match.ByName)
        {
            foreach ((string name, string[] weights) in saved)
                if (Array.Find(own, l => l.Name == name) is { } layer) pairs.Add((layer, name, weights));
        }
        else
        {
            own = [.. own.Where(l => l.Weights.Count > 0)];
            saved = [.. saved.Where(s => s.Weights.Length > 0)];
            if (own.Length != saved.Length)
                throw new ArgumentException($"You are trying to load a weight file containing {saved.Length} layers "
                    + $"into a model with {own.Length} layers: {path}.", nameof(path));
            for (int i = 0; i < own.Length; i++) pairs.Add((own[i], saved[i].Name, saved[i].Weights));
        }

        (bool isOlder, bool isOfTheano) = (OlderWeights.AreIn(group), TheanoKernels.AreIn(group));
        foreach ((Layer layer, string name, string[] weights) in pairs)
        {
            int count = layer.Weights.Count;
            if (weights.Length != count && !isOlder)
            {
                if (match.SkipMismatch)
                {
                    IH5Group its = H5.Group(group, name)!;
                    match.Skip(layer.Name, layer.Weights, weights.Select(w => H5.Numbers(its, w, budget).Shape), path);
                    continue;
                }
                throw new ArgumentException(
                    $"Layer {layer.Name} has {count} weights, but {path} has {weights.Length} for it ({name}).",
                    nameof(path));
            }
            int[] places = [.. Enumerable.Range(0, weights.Length)];
            if (weights.Length == count)
            {
                Dictionary<Variable, string> paths = layer.NamedWeights().ToDictionary(w => w.Weight, w => w.Path);
                places = NamedWeights.Match(weights, [.. layer.Weights.Select(w => paths[w])], name,
                    out (string Own, string Stored)? mismatch);
                if (mismatch is var (ownName, storedName))
                {
                    string said = $"Layer {layer.Name}: the names of its weights and of those in {path} "
                        + $"do not match: {ownName} and {storedName}. Give its inner layers the names that they had.";
                    if (!match.SkipMismatch) throw new ArgumentException(said, nameof(path));
                    match.Skip(said);
                    continue;
                }
            }
            IH5Group stored = H5.Group(group, name)!;
            List<StoredNumbers> found = [.. places.Select(place => H5.Numbers(stored, weights[place], budget))];
            if (isOlder) found = OlderWeights.Read(layer, found, path);
            if (found.Count != count)
            {
                if (match.SkipMismatch)
                {
                    match.Skip(layer.Name, layer.Weights, found.Select(f => f.Shape), path);
                    continue;
                }
                throw new ArgumentException(
                    $"Layer {layer.Name} has {count} weights, but {path} has {found.Count} for it ({name}).",
                    nameof(path));
            }
            var values = new Dictionary<Variable, StoredNumbers>();
            for (int i = 0; i < count; i++) values[layer.Weights[i]] = found[i];
            if (isOfTheano) TheanoKernels.Turn(layer, values);
            CuDnnLayout.Convert(layer, values, path);
            if (match.SkipsLayers && !match.FitsOrSkips(layer.Name, layer.Weights,
                [.. layer.Weights.Select(w => values[w].Shape)], path))
                continue;
            for (int i = 0; i < count; i++)
            {
                Variable weight = layer.Weights[i];
                StoredNumbers value = values[weight];
                if (match.Fits(value.Shape, weight.Sizes)) yield return (weight, value);
                else if (match.SkipMismatch) match.Skip(layer.Name, [weight], [value.Shape], path);
                else throw new ArgumentException($"Layer {layer.Name}: the weight "
                    + $"{weight.Name} has shape {Shape.Format(weight.Sizes)}, but {path} has "
                    + $"{Shape.Format(value.Shape)} ({name}).", nameof(path));
            }
        }
    }
}
