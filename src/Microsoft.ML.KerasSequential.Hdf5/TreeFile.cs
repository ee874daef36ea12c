using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Saving;
using PureHDF;

namespace Microsoft.ML.KerasSequential.Hdf5;

/// <summary>
/// Weights as Keras 3's <c>.weights.h5</c> stores them: the tree of objects, each with its numbered variables in
/// <c>vars</c>. Layers of a model are named by class and order, parts of a layer by their attribute.
/// </summary>
internal static partial class TreeFile
{
    /// <summary>The weights of tokens, by which Keras' class finds them.</summary>
    public const string Idf = "idf_weights";

    const string Layers = "layers", Vars = "vars", OlderLayers = "_layer_checkpoint_dependencies";

    static readonly string[] s_attention = ["query_dense", "key_dense", "value_dense", "output_dense"];

    /// <summary>Whether a file is of this kind.</summary>
    public static bool Is(IH5Group root) =>
        H5.Group(root, Layers) is not null || H5.Group(root, OlderLayers) is not null;

    /// <summary>Writes the weights of a model, without those of its optimizer.</summary>
    public static void Write(Sequential model, H5Group root)
    {
        foreach (Part part in Parts(model, "", Layers))
        {
            H5Group values = Named(part.Name, [.. part.Weights.Select(w => w == part.Adapter?.Kernel
                ? H5.Dataset(part.Adapter.Merged()) : H5.Dataset(w))]);
            if (part.Idf is not null) values[Idf] = H5.Dataset(part.Idf);
            H5.Put(root, part.Path + Vars, values);
        }
    }

    /// <summary>A group of numbered variables under the name of their owner.</summary>
    public static H5Group Variables(string name, IReadOnlyList<NDArray> values) =>
        Named(name, [.. values.Select(H5.Dataset)]);

    static H5Group Named(string name, IReadOnlyList<H5Dataset> values)
    {
        var group = new H5Group();
        group.Attributes["name"] = name;
        for (int i = 0; i < values.Count; i++) group[i.ToString(CultureInfo.InvariantCulture)] = values[i];
        return group;
    }

    /// <summary>Reads the values of a model's weights one by one.</summary>
    /// <exception cref="ArgumentException">The weights do not match.</exception>
    public static IEnumerable<(Variable Weight, StoredNumbers Value)> Read(Sequential model, IH5Group root,
        string source, WeightMatch match, NumberBudget budget)
    {
        string layers = H5.Group(root, Layers) is null ? OlderLayers : Layers;
        foreach (Part part in Parts(model, "", layers))
        {
            List<StoredNumbers> stored = [];
            if (match.SkipsLayers)
            {
                while (root.LinkExists($"{part.Path}{Vars}/{stored.Count}"))
                    stored.Add(H5.Numbers(root, $"{part.Path}{Vars}/{stored.Count}", budget));
                if (!match.FitsOrSkips(part.Name, part.Weights, [.. stored.Select(s => s.Shape)], source)) continue;
            }
            for (int i = 0; i < part.Weights.Count; i++)
            {
                Variable weight = part.Weights[i];
                string path = $"{part.Path}{Vars}/{i}";
                if (match.SkipMismatch && !root.LinkExists(path)) continue;
                StoredNumbers value = match.SkipsLayers ? stored[i] : H5.Numbers(root, path, budget);
                if (match.Fits(value.Shape, weight.Sizes))
                {
                    yield return (weight, value);
                    // As in Keras, the file holds the sum, and nothing is added to it.
                    if (part.Adapter is not { } adapter || adapter.Kernel != weight) continue;
                    foreach (Variable factor in new[] { adapter.A, adapter.B })
                        yield return (factor, new(factor.Sizes.ToArray(), () => new float[factor.Size]));
                }
                else if (!match.SkipMismatch) throw new ArgumentException($"{source}: the weight {weight.Name} has "
                    + $"shape {Shape.Format(weight.Sizes)}, but the file has {Shape.Format(value.Shape)} at {path}.",
                    nameof(root));
            }
        }
    }

    /// <summary>The numbered variables of an object, such as the optimizer.</summary>
    public static List<NDArray> ReadVariables(IH5Group group, NumberBudget budget)
    {
        var values = new List<NDArray>();
        while (group.LinkExists(values.Count.ToString(CultureInfo.InvariantCulture)))
            values.Add(H5.Numbers(group, values.Count.ToString(CultureInfo.InvariantCulture), budget).Read());
        return values;
    }

    /// <summary>An object of the tree with its own weights: the trainable ones first. The factors of its adapter are
    /// part of the kernel.</summary>
    sealed record Part(string Path, string Name, IReadOnlyList<Variable> Weights, NDArray? Idf = null,
        LowRank? Adapter = null);

    static IEnumerable<Part> Parts(Layer layer, string path, string layers)
    {
        Variable[] own = [.. layer.NamedWeights().Select(w => w.Weight)
            .Except(layer.Inner.SelectMany(l => l.NamedWeights()).Select(w => w.Weight))];
        LowRank? adapter = layer.Adapter;
        own = [.. own.Where(w => w != adapter?.A && w != adapter?.B)];
        // Keras lists those of a quantized layer in the order in which they are created.
        if (layer.QuantizationMode is null)
            own = [.. own.OrderBy(w => w.Trainable || w == adapter?.Kernel ? 0 : 1)];
        if (layer is MultiHeadAttention && own.Length % s_attention.Length == 0)
        {
            int each = own.Length / s_attention.Length;
            for (int i = 0; i < s_attention.Length; i++)
                yield return new($"{path}{s_attention[i]}/", s_attention[i], own[(i * each)..((i + 1) * each)]);
            own = [];
        }
        NDArray? idf = (layer as IWeighsTokens)?.IdfWeights;
        yield return new(path, layer.Name, own, idf, adapter);
        if (idf is not null && layer is TextVectorization)
            yield return new($"{path}_lookup_layer/", "string_lookup", [], idf);
        foreach ((string name, Layer inner) in Children(layer, layers))
            foreach (Part part in Parts(inner, $"{path}{name}/", layers)) yield return part;
    }

    /// <summary>The parts of a layer by their attribute in Keras.</summary>
    static IEnumerable<(string Name, Layer Layer)> Children(Layer layer, string layers) => layer switch
    {
        Sequential model => Numbered(layers, [.. model.Layers.Distinct()]),
        StackedRNNCells => Numbered("cells", layer.Inner),
        RNN rnn => [("cell", rnn.Cell)],
        Bidirectional => [("forward_layer", layer.Inner[0]), ("backward_layer", layer.Inner[1])],
        TimeDistributed => [("layer", layer.Inner[0])],
        _ => Numbered("parts", layer.Inner),
    };

    static IEnumerable<(string, Layer)> Numbered(string container, IReadOnlyList<Layer> layers)
    {
        var used = new Dictionary<string, int>();
        foreach (Layer layer in layers)
        {
            string name = Snake(layer.ClassName);
            int count = used[name] = used.GetValueOrDefault(name, -1) + 1;
            yield return ($"{container}/{(count == 0 ? name : $"{name}_{count}")}", layer);
        }
    }

    /// <summary>Keras 3's <c>to_snake_case</c>.</summary>
    internal static string Snake(string name) =>
        Inner().Replace(Word().Replace(name, "$1_$2"), "$1_$2").ToLowerInvariant();

    [GeneratedRegex("(.)([A-Z][a-z]+)")]
    private static partial Regex Word();

    [GeneratedRegex("([a-z])([A-Z])")]
    private static partial Regex Inner();
}
