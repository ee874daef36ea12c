using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Saving;

/// <summary>The modes of quantization, and how Keras 3's configurations state them.</summary>
internal static class Quantization
{
    const string Int8 = "int8", PolicyClass = "QuantizedDTypePolicy", Source = "float32";

    /// <summary>The modes of Keras that this library does not have, with the reason.</summary>
    static readonly Dictionary<string, string> s_others = new()
    {
        ["int4"] = "weights of 4 bits are not supported",
        ["float8"] = "processors without float8 would have to simulate it",
        ["gptq"] = "it requires a calibration that this library does not have",
        ["awq"] = "it requires a calibration that this library does not have",
    };

    /// <exception cref="ArgumentException">The mode is unknown or not supported.</exception>
    public static void CheckMode(string mode, string parameter)
    {
        ArgumentNullException.ThrowIfNull(mode, parameter);
        if (mode == Int8) return;
        if (s_others.TryGetValue(mode, out string? reason))
            throw new ArgumentException($"Quantization to {mode} is not supported: {reason}. Use \"int8\".", parameter);
        throw new ArgumentException("Invalid quantization mode. Expected \"int8\". Received: mode=" + mode, parameter);
    }

    /// <summary>The type of the weights of a quantized layer.</summary>
    public static JsonObject Policy(string mode) => new()
    {
        ["module"] = "keras.dtype_policies",
        ["class_name"] = PolicyClass,
        ["config"] = new JsonObject { ["mode"] = mode, ["source_name"] = Source },
        ["registered_name"] = null,
    };

    /// <summary>The mode that the settings of a layer state; null if it is not quantized.</summary>
    /// <exception cref="ArgumentException">The mode is unknown or not supported.</exception>
    public static string? ModeOf(JsonElement settings, string layer)
    {
        if (settings.ValueKind != JsonValueKind.Object || !settings.TryGetProperty("dtype", out JsonElement policy))
            return null;
        (string? mode, string? source) = Stated(policy);
        if (mode is null) return null;
        if (mode != Int8 || source is not (null or Source))
            throw new ArgumentException($"Layer {layer} is quantized to {mode} from {source ?? Source}; only int8 " +
                $"from {Source} is supported.", nameof(settings));
        return mode;
    }

    static (string? Mode, string? Source) Stated(JsonElement policy)
    {
        if (policy.ValueKind == JsonValueKind.String)
            return policy.GetString()!.Split("_from_") is [var mode, var source] ? (mode, source) : default;
        if (policy.ValueKind != JsonValueKind.Object || !policy.TryGetProperty("config", out JsonElement config)
            || config.ValueKind != JsonValueKind.Object)
            return default;
        // Policies of the parts of a layer: if one of them is quantized, the layer is.
        if (config.TryGetProperty("policy_map", out JsonElement parts) && parts.ValueKind == JsonValueKind.Object)
            return parts.EnumerateObject().Select(p => Stated(p.Value)).FirstOrDefault(p => p.Mode is not null);
        return config.TryGetProperty("mode", out JsonElement stated) && stated.ValueKind == JsonValueKind.String
            ? (stated.GetString(), config.TryGetProperty("source_name", out JsonElement from) ? from.ToString() : null)
            : default;
    }

    /// <summary>Whether a configuration of quantizers is the one that Keras uses if none is given.</summary>
    public static bool IsDefault(JsonElement quantizers) =>
        quantizers.ValueKind == JsonValueKind.Object
        && quantizers.TryGetProperty("class_name", out JsonElement name)
        && name.ToString() == "Int8QuantizationConfig"
        && quantizers.TryGetProperty("config", out JsonElement config)
        && config.ValueKind == JsonValueKind.Object
        && (!config.TryGetProperty("weight_quantizer", out JsonElement weights)
            || weights.ValueKind == JsonValueKind.Null)
        && config.TryGetProperty("activation_quantizer", out JsonElement inputs)
        && inputs.ValueKind == JsonValueKind.Object
        && inputs.TryGetProperty("class_name", out JsonElement inputName) && inputName.ToString() == "AbsMaxQuantizer"
        && inputs.TryGetProperty("config", out JsonElement s) && s.ValueKind == JsonValueKind.Object
        && s.EnumerateObject().All(IsDefault);

    static bool IsDefault(JsonProperty setting) => setting.Name switch
    {
        "value_range" => setting.Value is { ValueKind: JsonValueKind.Array } range && range.GetArrayLength() == 2
            && range[0].ToString() == "-127" && range[1].ToString() == "127",
        "epsilon" => setting.Value.ValueKind == JsonValueKind.Number && setting.Value.GetDouble() == 1e-7,
        "output_dtype" => setting.Value.ToString() == Int8,
        "axis" => setting.Value.ToString() is "-1" or "[-1]",
        _ => false,
    };
}
