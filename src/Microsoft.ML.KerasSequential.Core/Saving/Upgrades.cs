using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Saving;

/// <summary>
/// What other versions of Keras call the settings of a layer: 1 (other names), tf.keras and 3 (more settings, whose other values cannot be
/// had here). A configuration of 2.3 passes through untouched.
/// </summary>
internal static class Upgrades
{
    /// <summary>Keras 1's names, of all layers that have them.</summary>
    static readonly Dictionary<string, string> s_names = new()
    {
        ["batch_shape"] = "batch_input_shape",
        ["nb_filter"] = "filters",
        ["filter_length"] = "kernel_size",
        ["subsample"] = "strides",
        ["subsample_length"] = "strides",
        ["stride"] = "strides",
        ["border_mode"] = "padding",
        ["dim_ordering"] = "data_format",
        ["pool_length"] = "pool_size",
        ["length"] = "size",
        ["init"] = "kernel_initializer",
        ["inner_init"] = "recurrent_initializer",
        ["inner_activation"] = "recurrent_activation",
        ["forget_bias_init"] = "unit_forget_bias",
        ["W_regularizer"] = "kernel_regularizer",
        ["U_regularizer"] = "recurrent_regularizer",
        ["b_regularizer"] = "bias_regularizer",
        ["W_constraint"] = "kernel_constraint",
        ["U_constraint"] = "recurrent_constraint",
        ["b_constraint"] = "bias_constraint",
        ["bias"] = "use_bias",
        ["p"] = "rate",
        ["sigma"] = "stddev",
        ["dropout_W"] = "dropout",
        ["dropout_U"] = "recurrent_dropout",
    };

    /// <summary>Names that mean something else in some layers.</summary>
    static readonly Dictionary<(string Layer, string Name), string> s_ownNames = new()
    {
        [("Dense", "output_dim")] = "units",
        [("SimpleRNN", "output_dim")] = "units",
        [("GRU", "output_dim")] = "units",
        [("LSTM", "output_dim")] = "units",
        [("Embedding", "init")] = "embeddings_initializer",
        [("Embedding", "W_regularizer")] = "embeddings_regularizer",
        [("Embedding", "W_constraint")] = "embeddings_constraint",
        [("LeakyReLU", "negative_slope")] = "alpha",
    };

    /// <summary>Settings of later versions that change what a layer computes: none but the value given can be had.</summary>
    static readonly (string Name, JsonNode Only, Func<string, bool> IsIn)[] s_fixed =
    [
        ("groups", 1, layer => layer.Contains("Conv", StringComparison.Ordinal)),
        ("keepdims", false, _ => true),
        ("renorm", false, _ => true),
        ("rms_scaling", false, _ => true),
        ("time_major", false, _ => true),
        ("mode", 0, layer => layer == "BatchNormalization"),
    ];

    static readonly Dictionary<string, string> s_formats = new() { ["tf"] = "channels_last", ["th"] = "channels_first" };

    static readonly string[] s_convolutions = ["nb_row", "nb_col"], s_volumes = ["kernel_dim1", "kernel_dim2", "kernel_dim3"];

    /// <summary>The settings of a layer under the names of 2.3.</summary>
    /// <param name="layer">The layer's class.</param>
    /// <param name="settings">Its settings.</param>
    /// <exception cref="ArgumentException">A setting has a value that changes what the layer computes, and cannot be had.</exception>
    public static JsonElement Apply(string layer, JsonElement settings)
    {
        if (settings.ValueKind != JsonValueKind.Object) return settings;
        CheckFixed(layer, settings);
        if (!settings.EnumerateObject().Any(p => IsOld(layer, p))) return settings;

        var upgraded = new JsonObject();
        foreach (JsonProperty property in settings.EnumerateObject())
        {
            string name = s_ownNames.GetValueOrDefault((layer, property.Name)) ?? s_names.GetValueOrDefault(property.Name, property.Name);
            upgraded[name] = Value(name, property.Value);
        }
        foreach (string[] sizes in new[] { s_convolutions, s_volumes })
        {
            if (!sizes.All(upgraded.ContainsKey)) continue;
            upgraded["kernel_size"] = new JsonArray([.. sizes.Select(s => upgraded[s]?.DeepClone())]);
            foreach (string size in sizes) upgraded.Remove(size);
        }
        return JsonText.Element(upgraded);
    }

    static bool IsOld(string layer, JsonProperty property) => s_ownNames.ContainsKey((layer, property.Name)) || s_names.ContainsKey(property.Name)
        || s_convolutions.Contains(property.Name) || s_volumes.Contains(property.Name) || (property.Name == "axis" && IsList(property.Value, 1) && layer == "BatchNormalization")
        || (property.Value.ValueKind == JsonValueKind.Object && property.Value.TryGetProperty("name", out _) && !property.Value.TryGetProperty("class_name", out _));

    static bool IsList(JsonElement value, int length) => value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == length;

    static JsonNode? Value(string name, JsonElement value) => name switch
    {
        "data_format" when value.ValueKind == JsonValueKind.String => s_formats.GetValueOrDefault(value.GetString()!, value.GetString()!),
        // Gates began to forget nothing, or everything.
        "unit_forget_bias" when value.ValueKind == JsonValueKind.String => value.GetString() is "one" or "ones",
        "axis" when IsList(value, 1) => Node(value[0]),
        _ when (name.EndsWith("_regularizer", StringComparison.Ordinal) || name.EndsWith("_constraint", StringComparison.Ordinal)) && value.ValueKind == JsonValueKind.Object => Wrapped(value),
        _ => Node(value),
    };

    static JsonNode? Node(JsonElement value) => JsonText.Node(value);

    /// <summary>Keras 1 put the class beside its settings.</summary>
    static JsonNode? Wrapped(JsonElement value)
    {
        if (!value.TryGetProperty("name", out JsonElement name) || value.TryGetProperty("class_name", out _) || name.ValueKind != JsonValueKind.String) return Node(value);
        var settings = (JsonObject)Node(value)!;
        settings.Remove("name");
        if (settings.Remove("m", out JsonNode? most)) settings["max_value"] = most;
        return Config.Wrap(name.GetString()!.EndsWith("Regularizer", StringComparison.Ordinal) ? "L1L2" : name.GetString()!, settings);
    }

    static void CheckFixed(string layer, JsonElement settings)
    {
        foreach ((string name, JsonNode only, Func<string, bool> isIn) in s_fixed)
        {
            if (!settings.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null || !isIn(layer)) continue;
            if (!JsonNode.DeepEquals(Node(value), only)) throw new ArgumentException($"layer {layer}: \"{name}\" is {value.GetRawText()}, of a later or older version of Keras; here it can only be {only.ToJsonString()}.");
        }
    }
}
