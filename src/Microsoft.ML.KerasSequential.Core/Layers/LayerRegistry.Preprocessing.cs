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

    /// <summary>A lookup of integers, whose hashes a graph cannot compute.</summary>
    static LayerOptions Floormod(Config c, LayerOptions options) =>
        c.String("oov_method") is null or "floormod" ? Dense(c, options)
        : throw new ArgumentException($"{c.Owner}: \"oov_method\" is \"{c.String("oov_method")}\"; only \"floormod\" " +
            "is supported. Look the integers up as text, with StringLookup, which uses FarmHash.");

    static string? MaskValue(Config c) => c.Element("mask_value") is not { } value ? null
        : value.ValueKind == JsonValueKind.Number ? value.GetRawText() : c.String("mask_value");

    static int[]? Ngrams(Config c) => c.Element("ngrams") is { ValueKind: JsonValueKind.Number }
        ? TextVectorization.Upto(c.RequiredInt("ngrams")) : c.Has("ngrams") ? c.RequiredInts("ngrams") : null;

    /// <summary>A name, or null; a function cannot be read.</summary>
    static string? Text(Config c, string key, string otherwise) =>
        c.All.ValueKind != JsonValueKind.Object || !c.All.TryGetProperty(key, out _) ? otherwise
        : c.Element(key) is { ValueKind: JsonValueKind.Object }
        ? throw new ArgumentException($"{c.Owner}: \"{key}\" is a function, which a configuration cannot hold: build " +
            "the model in code and load its weights.") : c.String(key);

    static string[]? Texts(Config c, string key) => c.Element(key) is not { } list ? null
        : list.ValueKind == JsonValueKind.Array && list.EnumerateArray().All(e => e.ValueKind == JsonValueKind.String)
        ? [.. list.EnumerateArray().Select(e => e.GetString()!)]
        : throw new ArgumentException($"{c.Owner}: \"{key}\" must be a list of strings.");

    /// <summary>An integer or a list of integers.</summary>
    static long[]? Integers(Config c, string key) => c.Numbers(key) is not { } numbers ? null
        : System.Array.TrueForAll(numbers, n => n == Math.Floor(n) && Math.Abs(n) < 1L << 53)
        ? [.. numbers.Select(n => (long)n)]
        : throw new ArgumentException($"{c.Owner}: \"{key}\" must be integers; given {c.Element(key)}.");
}
