using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Saving;

/// <summary>
/// Translates layer settings from other versions of Keras: 1 (other names), tf.keras and 3 (more settings, of which
/// only some values are supported). A 2.3 configuration passes through unchanged.
/// </summary>
internal static class Upgrades
{
    /// <summary>The Keras 1 names, for all layers that have them.</summary>
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

    /// <summary>Names with a different meaning in some layers.</summary>
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
        // Preprocessing layers of tf.keras before 2.6.
        [("IntegerLookup", "max_values")] = "max_tokens",
        [("IntegerLookup", "mask_value")] = "mask_token",
        [("IntegerLookup", "oov_value")] = "oov_token",
        [("CategoryEncoding", "max_tokens")] = "num_tokens",
        [("Discretization", "bins")] = "bin_boundaries",
        // Not the old name of something else.
        [("RandomGaussianBlur", "sigma")] = "sigma",
    };

    /// <summary>Settings of later versions that change what a layer computes; only the given value is
    /// supported.</summary>
    static readonly (string Name, JsonNode? Only, Func<string, bool> IsIn)[] s_fixed =
    [
        ("groups", 1, layer => layer.Contains("Conv", StringComparison.Ordinal)
            && layer is not ("Conv1D" or "Conv2D" or "Conv3D")),
        ("lora_rank", null, layer => layer is not ("Dense" or "EinsumDense" or "Embedding" or "ReversibleEmbedding"
            or "Conv1D" or "Conv2D" or "Conv3D")),
        ("quantization_config", null, _ => true),
        ("gptq_unpacked_column_size", null, _ => true),
        ("renorm", false, layer => layer != "BatchNormalization"),
        ("time_major", false, _ => true),
        ("mode", 0, layer => layer == "BatchNormalization"),
    ];

    static readonly Dictionary<string, string> s_formats = new()
    {
        ["tf"] = "channels_last",
        ["th"] = "channels_first"
    };

    static readonly string[] s_convolutions = ["nb_row", "nb_col"],
        s_volumes = ["kernel_dim1", "kernel_dim2", "kernel_dim3"];

    /// <summary>Returns the settings of a layer under their 2.3 names.</summary>
    /// <param name="layer">The layer's class.</param>
    /// <param name="settings">Its settings.</param>
    /// <exception cref="ArgumentException">A setting has an unsupported value that changes what the layer
    /// computes.</exception>
    public static JsonElement Apply(string layer, JsonElement settings)
    {
        if (settings.ValueKind != JsonValueKind.Object) return settings;
        CheckFixed(layer, settings);
        if (!settings.EnumerateObject().Any(p => IsOld(layer, p))) return settings;

        var upgraded = new JsonObject();
        foreach (JsonProperty property in settings.EnumerateObject())
        {
            string name = s_ownNames.GetValueOrDefault((layer, property.Name))
                ?? s_names.GetValueOrDefault(property.Name, property.Name);
            upgraded[name] = Value(name, property.Value);
        }
        foreach (string[] sizes in new[] { s_convolutions, s_volumes })
        {
            if (!sizes.All(upgraded.ContainsKey)) continue;
            upgraded["kernel_size"] = new JsonArray([.. sizes.Select(s => upgraded[s]?.DeepClone())]);
            foreach (string size in sizes) upgraded.Remove(size);
        }
        // The number of ranges had the name of the boundaries.
        if (layer == "Discretization" && upgraded["bin_boundaries"] is JsonValue)
        {
            upgraded["num_bins"] = upgraded["bin_boundaries"]!.DeepClone();
            upgraded.Remove("bin_boundaries");
        }
        return JsonText.Element(upgraded);
    }

    static bool IsOld(string layer, JsonProperty property) =>
        s_ownNames.ContainsKey((layer, property.Name)) || s_names.ContainsKey(property.Name)
        || s_convolutions.Contains(property.Name) || s_volumes.Contains(property.Name)
        || (property.Name == "axis" && IsList(property.Value, 1) && layer == "BatchNormalization")
        || (property.Value.ValueKind == JsonValueKind.Object && property.Value.TryGetProperty("name", out _)
            && !property.Value.TryGetProperty("class_name", out _));

    static bool IsList(JsonElement value, int length) =>
        value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == length;

    static JsonNode? Value(string name, JsonElement value) => name switch
    {
        "data_format" when value.ValueKind == JsonValueKind.String =>
            s_formats.GetValueOrDefault(value.GetString()!, value.GetString()!),
        // Keras 1 names an initializer here.
        "unit_forget_bias" when value.ValueKind == JsonValueKind.String => value.GetString() is "one" or "ones",
        "axis" when IsList(value, 1) => Node(value[0]),
        _ when (name.EndsWith("_regularizer", StringComparison.Ordinal)
            || name.EndsWith("_constraint", StringComparison.Ordinal)) && value.ValueKind == JsonValueKind.Object =>
                Wrapped(value),
        _ => Node(value),
    };

    static JsonNode? Node(JsonElement value) => JsonText.Node(value);

    /// <summary>Keras 1 wrote the class among its settings.</summary>
    static JsonNode? Wrapped(JsonElement value)
    {
        if (!value.TryGetProperty("name", out JsonElement name) || value.TryGetProperty("class_name", out _)
            || name.ValueKind != JsonValueKind.String)
            return Node(value);
        var settings = (JsonObject)Node(value)!;
        settings.Remove("name");
        if (settings.Remove("m", out JsonNode? most)) settings["max_value"] = most;
        return Config.Wrap(name.GetString()!.EndsWith("Regularizer", StringComparison.Ordinal) ? "L1L2"
            : name.GetString()!, settings);
    }

    static void CheckFixed(string layer, JsonElement settings)
    {
        foreach ((string name, JsonNode? only, Func<string, bool> isIn) in s_fixed)
        {
            if (!settings.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null
                || !isIn(layer))
                continue;
            if (name == "quantization_config" && Quantization.IsDefault(value)) continue;
            if (!JsonNode.DeepEquals(Node(value), only))
                throw new ArgumentException($"layer {layer}: \"{name}\" is {value.GetRawText()}, from a later or older "
                    + $"version of Keras; only {only?.ToJsonString() ?? "null"} is supported.");
        }
    }
}
