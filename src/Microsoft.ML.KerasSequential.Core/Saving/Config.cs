using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Saving;

/// <summary>Reads one object of a Keras configuration, with errors that name the key.</summary>
internal readonly struct Config(JsonElement element, string owner)
{
    readonly JsonElement _element = element;

    public string Owner { get; } = owner;

    /// <summary>The whole object.</summary>
    public JsonElement All => _element;

    public bool Has(string key) =>
        _element.ValueKind == JsonValueKind.Object && _element.TryGetProperty(key, out JsonElement value)
        && value.ValueKind != JsonValueKind.Null;

    public JsonElement? Element(string key) => Has(key) ? _element.GetProperty(key) : null;

    public double Double(string key, double otherwise) => Element(key) is { } e
        ? e.ValueKind == JsonValueKind.Number ? e.GetDouble() : throw Wrong(key, "a number", e) : otherwise;

    public double? OptionalDouble(string key) => Has(key) ? Double(key, 0) : null;

    public int Int(string key, int otherwise) => OptionalInt(key) ?? otherwise;

    public int? OptionalInt(string key)
    {
        if (Element(key) is not { } e) return null;
        if (e.ValueKind == JsonValueKind.Number && e.GetDouble() is var d && d == Math.Floor(d)
            && Math.Abs(d) <= int.MaxValue)
            return (int)d;
        throw Wrong(key, "an integer", e);
    }

    public int RequiredInt(string key) => OptionalInt(key) ?? throw Missing(key);

    public bool Bool(string key, bool otherwise) => Element(key) is { } e
        ? e.ValueKind is JsonValueKind.True or JsonValueKind.False ? e.GetBoolean()
        : throw Wrong(key, "true or false", e) : otherwise;

    public string? String(string key) => Element(key) is { } e
        ? e.ValueKind == JsonValueKind.String ? e.GetString() : throw Wrong(key, "a string", e) : null;

    /// <summary>A string; null if the key has the value null.</summary>
    public string? StringOr(string key, string otherwise) =>
        _element.ValueKind == JsonValueKind.Object && _element.TryGetProperty(key, out _) ? String(key) : otherwise;

    /// <summary>A seed: a number, or the generator that starts with it.</summary>
    public int? Seed(string key = "seed")
    {
        if (Element(key) is not { ValueKind: JsonValueKind.Object } generator) return OptionalInt(key);
        (string name, JsonElement settings) = Open(generator, $"the seed of {Owner}");
        return name == "SeedGenerator" ? new Config(settings, name).OptionalInt("seed")
            : throw Wrong(key, "a number or a SeedGenerator", generator);
    }

    /// <summary>A number, or a list of numbers.</summary>
    public double[]? Numbers(string key)
    {
        if (Element(key) is not { } e) return null;
        if (e.ValueKind == JsonValueKind.Number) return [e.GetDouble()];
        return e.ValueKind == JsonValueKind.Array
            && e.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Number)
            ? [.. e.EnumerateArray().Select(item => item.GetDouble())]
            : throw Wrong(key, "a number or a list of numbers", e);
    }

    /// <summary>A list of sizes; null for a size that can vary.</summary>
    public int?[]? Sizes(string key)
    {
        if (Element(key) is not { } e) return null;
        if (e.ValueKind != JsonValueKind.Array) throw Wrong(key, "a list of sizes", e);
        string owner = Owner;
        return [.. e.EnumerateArray().Select(item => item.ValueKind switch
        {
            JsonValueKind.Null => (int?)null,
            JsonValueKind.Number when item.TryGetInt32(out int size) => size,
            _ => throw new ArgumentException($"{owner}: \"{key}\" must be a list of sizes; given {e.GetRawText()}."),
        })];
    }

    public int[] RequiredInts(string key) =>
        [.. (Sizes(key) ?? throw Missing(key))
            .Select(s => s ?? throw new ArgumentException($"a size in \"{key}\" is null."))];

    public ArgumentException Missing(string key) => new($"{Owner}: the configuration lacks \"{key}\".");

    ArgumentException Wrong(string key, string expected, JsonElement given) =>
        new($"{Owner}: \"{key}\" must be {expected}; given {given.GetRawText()}.");

    /// <summary>An object as Keras writes it: its class and settings, or just a name.</summary>
    public static (string ClassName, JsonElement Settings) Open(JsonElement element, string what)
    {
        if (element.ValueKind == JsonValueKind.String) return (element.GetString()!, default);
        if (element.ValueKind == JsonValueKind.Object && element.TryGetProperty("class_name", out JsonElement name)
            && name.ValueKind == JsonValueKind.String)
            return (name.GetString()!, element.TryGetProperty("config", out JsonElement settings) ? settings : default);
        throw new ArgumentException($"The configuration of {what} must be a name or an object with \"class_name\" and "
            + $"\"config\"; given {element.ToString()}.");
    }

    public static JsonObject Wrap(string className, JsonObject settings) =>
        new() { ["class_name"] = className, ["config"] = settings };

    public static JsonArray Sizes(IEnumerable<int> sizes) => [.. sizes.Select(s => (JsonNode)s)];

    public static JsonArray Sizes(IEnumerable<int?> sizes) => [.. sizes.Select(s => (JsonNode?)s)];

    public static JsonElement Parse(JsonNode node) => JsonText.Element(node);
}
