using System.Text.Json;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential.Layers;

// Settings of preprocessing layers.
internal static partial class LayerRegistry
{
    /// <summary>A number or nested lists, or an array that Keras has wrapped as <c>__numpy__</c>.</summary>
    static NDArray? Array(Config c, string key)
    {
        if (c.Element(key) is not { } value) return null;
        if (value.ValueKind == JsonValueKind.Object)
        {
            (string name, JsonElement settings) = Config.Open(value, $"\"{key}\"");
            if (name != "__numpy__" || !settings.TryGetProperty("value", out value))
                throw new ArgumentException($"{c.Owner}: \"{key}\" must be a number or an array; given {name}.");
        }
        return NestedLists.Read(value, $"{c.Owner}: \"{key}\"");
    }

    /// <summary>The axes of a normalization: Keras writes a list, older versions also a number or null.</summary>
    static int[] Axes(Config c) => c.All.ValueKind == JsonValueKind.Object && c.All.TryGetProperty("axis", out _)
        ? Sizes(c, "axis")?.ToArray() ?? [] : [-1];

    /// <summary>The options of a layer whose output cannot be sparse.</summary>
    static LayerOptions Dense(Config c, LayerOptions options) => !c.Bool("sparse", false) ? options
        : throw new ArgumentException($"{c.Owner}: \"sparse\" is true, but there are no sparse tensors here.");
}
