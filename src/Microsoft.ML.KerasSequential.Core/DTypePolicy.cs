using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential;

/// <summary>
/// The types in which a layer computes and keeps its weights (Keras <c>keras.DTypePolicy</c>,
/// <c>keras.mixed_precision.Policy</c>).
/// </summary>
/// <remarks>
/// A mixed policy affects the matrix products and convolutions of a layer, and those of its gradient, on NVIDIA GPUs
/// with compute capability 8.0 or later: tensor cores multiply factors rounded to the compute type and add in float32.
/// Everything else, the results included, is float32, and so are weights and updates. Other GPUs and the CPU compute
/// in float32, which is more exact than Keras.
/// </remarks>
public sealed class DTypePolicy : IEquatable<DTypePolicy>
{
    internal static readonly DTypePolicy Float32 = new("float32");

    static readonly string[] s_types = ["float16", "bfloat16", "float64", "bool", "int8", "int16", "int32", "int64",
        "uint8", "uint16", "uint32", "uint64", "string", "complex64", "complex128"];

    static DTypePolicy s_global = Float32;

    /// <summary>Creates a policy.</summary>
    /// <param name="name"><c>float32</c>, <c>mixed_bfloat16</c>, or <c>mixed_float16</c>; the global policy by
    /// default (see <see cref="K.SetDtypePolicy"/>).</param>
    /// <exception cref="ArgumentException">The name is another type, in which weights cannot be kept, or
    /// unknown.</exception>
    public DTypePolicy(string? name = null)
    {
        Name = name ?? s_global.Name;
        Precision = Name switch
        {
            "float32" => null,
            "mixed_bfloat16" => FloatPrecision.BFloat16,
            "mixed_float16" => FloatPrecision.Float16,
            _ when s_types.Contains(Name) => throw new ArgumentException($"The dtype policy \"{Name}\" is not "
                + "available, because weights, sums, and results are always float32. Expected \"float32\""
                + (Name is "float16" or "bfloat16" ? $", or \"mixed_{Name}\", which multiplies in {Name}." : ", "
                + "\"mixed_bfloat16\", or \"mixed_float16\"."), nameof(name)),
            _ => throw new ArgumentException($"Unknown dtype policy \"{Name}\". Expected \"float32\", "
                + "\"mixed_bfloat16\", or \"mixed_float16\".", nameof(name)),
        };
    }

    /// <summary>Gets the name.</summary>
    public string Name { get; }

    /// <summary>Gets the type of factors in matrix products and convolutions: <c>float32</c>, <c>bfloat16</c>, or
    /// <c>float16</c>.</summary>
    public string ComputeDtype => Precision switch
    {
        FloatPrecision.BFloat16 => "bfloat16",
        FloatPrecision.Float16 => "float16",
        _ => "float32",
    };

    /// <summary>Gets the type of weights: always <c>float32</c>.</summary>
    public string VariableDtype => "float32";

    /// <summary>The policy of layers that are created without one.</summary>
    internal static DTypePolicy Global
    {
        get => Volatile.Read(ref s_global);
        set => Volatile.Write(ref s_global, value);
    }

    /// <summary>The precision of products; null for the model's.</summary>
    internal FloatPrecision? Precision { get; }

    /// <summary>Converts a name to a policy.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="ArgumentException">The name is unknown or not available.</exception>
    public static implicit operator DTypePolicy(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return new(name);
    }

    /// <summary>Gets the settings, under Keras' keys.</summary>
    /// <returns>A JSON object with the name.</returns>
    public JsonObject GetConfig() => new() { ["name"] = Name };

    /// <summary>Creates a policy from a name, from <see cref="GetConfig"/>, or from Keras' configuration.</summary>
    /// <param name="config">The name, the settings, or <c>{"class_name", "config"}</c>.</param>
    /// <returns>The policy.</returns>
    /// <exception cref="ArgumentException">The name is unknown or not available.</exception>
    public static DTypePolicy FromConfig(JsonElement config)
    {
        if (config.ValueKind == JsonValueKind.String) return new(config.GetString());
        if (config.ValueKind == JsonValueKind.Object && config.TryGetProperty("class_name", out _))
            (_, config) = Config.Open(config, "a dtype policy");
        var settings = new Config(config, "dtype policy");
        return new(settings.String("name") ?? throw settings.Missing("name"));
    }

    /// <summary>
    /// The policy that a layer's configuration states; null if it states none. Files of other versions state the type
    /// of the values there; here they are computed in float32.
    /// </summary>
    internal static DTypePolicy? OfLayer(JsonElement settings)
    {
        if (settings.ValueKind != JsonValueKind.Object || !settings.TryGetProperty("dtype", out JsonElement dtype))
            return null;
        if (dtype.ValueKind == JsonValueKind.Object)
        {
            if (!dtype.TryGetProperty("config", out dtype) || dtype.ValueKind != JsonValueKind.Object
                || !(dtype.TryGetProperty("name", out JsonElement name)
                    || dtype.TryGetProperty("source_name", out name)))
                return null;
            dtype = name;
        }
        return dtype.ValueKind != JsonValueKind.String ? null
            : s_types.Contains(dtype.GetString()) ? Float32 : new(dtype.GetString());
    }

    /// <summary>What a layer's configuration contains: the object of Keras 3, or the plain type.</summary>
    internal JsonNode Serialize() => Precision is null ? Name
        : new JsonObject
        {
            ["module"] = "keras",
            ["class_name"] = nameof(DTypePolicy),
            ["config"] = GetConfig(),
            ["registered_name"] = null,
        };

    /// <inheritdoc/>
    public bool Equals(DTypePolicy? other) => other is not null && Name == other.Name;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as DTypePolicy);

    /// <inheritdoc/>
    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => $"<DTypePolicy \"{Name}\">";
}
