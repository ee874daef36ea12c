using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Reading;
using Microsoft.ML.KerasSequential.Saving;
using Microsoft.ML.KerasSequential.Tasks;

namespace Microsoft.ML.KerasSequential.Scoring;

/// <summary>A <see cref="ScorerState"/> as JSON.</summary>
internal static class ScorerFile
{
    const int Version = 1;

    /// <summary>Far more than any state needs.</summary>
    const int MaxBytes = 64 << 20;

    public static byte[] Write(ScorerState state) => JsonSerializer.SerializeToUtf8Bytes(new JsonObject
    {
        ["version"] = Version,
        ["task"] = state.Task.Name,
        ["features"] = new JsonArray([.. state.FeatureColumnNames.Select(n => (JsonNode)n)]),
        ["sample_shape"] = Config.Sizes(state.SampleShape),
        ["example_weight"] = state.ExampleWeightColumnName,
        ["output"] = state.OutputColumnName,
        ["takes_logits"] = state.TakesLogits,
        ["label"] = state.Label is not { } label ? null : new JsonObject
        {
            ["name"] = label.Name,
            ["kind"] = label.Kind.ToString(),
            ["size"] = label.Size,
            ["is_vector"] = label.IsVector,
            ["key_type"] = label.Values?.ItemType.ToString(),
            ["key_values"] = label.Values is not { } values ? null
                : new JsonArray([.. values.Names.Select(n => (JsonNode)n)]),
        },
    });

    /// <exception cref="InvalidDataException">The data is not JSON.</exception>
    public static JsonElement Parse(Stream stream)
    {
        try
        {
            var text = new MemoryStream();
            byte[] part = new byte[1 << 16];
            for (int read; (read = stream.Read(part)) > 0;)
            {
                text.Write(part, 0, read);
                if (text.Length > MaxBytes) throw new InvalidDataException($"it has more than {MaxBytes} bytes");
            }
            return JsonDocument.Parse(text.ToArray()).RootElement;
        }
        catch (Exception e) when (e is JsonException or InvalidDataException)
        {
            throw Damaged(e.Message, e);
        }
    }

    /// <exception cref="InvalidDataException">Something is missing, has a wrong type, or is from a later
    /// version.</exception>
    public static ScorerState Read(JsonElement json)
    {
        try
        {
            int version = json.GetProperty("version").GetInt32();
            if (version is < 1 or > Version)
                throw new InvalidDataException(
                    $"it has version {version} of the format; this library reads version {Version}");
            JsonElement label = json.GetProperty("label");
            int[] shape = [.. json.GetProperty("sample_shape").EnumerateArray().Select(d => d.GetInt32())];
            if (shape.Any(d => d < 1) || shape.Aggregate(1.0, (p, d) => p * d) > Array.MaxLength)
                throw new InvalidDataException($"the sample shape ({string.Join(", ", shape)}) is invalid");
            string[] features = [.. json.GetProperty("features").EnumerateArray().Select(Text)];
            if (features.Length == 0) throw new InvalidDataException("there are no feature columns");
            return new(PredictionTask.Named(Text(json.GetProperty("task"))), features, shape,
                label.ValueKind == JsonValueKind.Null ? null : Label(label),
                json.GetProperty("example_weight").GetString(), Text(json.GetProperty("output")),
                json.GetProperty("takes_logits").GetBoolean());
        }
        catch (Exception e) when (e is InvalidDataException or InvalidOperationException or KeyNotFoundException
            or FormatException or OverflowException)
        {
            throw Damaged(e.Message, e);
        }
    }

    static LabelSchema Label(JsonElement json)
    {
        KeyValues? values = null;
        if (json.GetProperty("key_type").GetString() is { } type)
        {
            values = new(KeyValues.TypeNamed(type), [.. json.GetProperty("key_values").EnumerateArray().Select(Text)]);
            values.AddTo(new(), KeyValues.Annotation);
        }
        if (!Enum.TryParse(Text(json.GetProperty("kind")), out LabelKind kind) || !Enum.IsDefined(kind))
            throw new InvalidDataException($"the label has an unknown kind, {json.GetProperty("kind")}");
        int size = json.GetProperty("size").GetInt32();
        if (size < 1) throw new InvalidDataException($"the label has {size} values");
        return new(Text(json.GetProperty("name")), kind, size, json.GetProperty("is_vector").GetBoolean(), values);
    }

    static string Text(JsonElement json) => json.GetString() ?? throw new InvalidDataException("a text is null");

    static InvalidDataException Damaged(string why, Exception inner) =>
        new("The model file is damaged, or from a later version: the description of its Keras network cannot be read: "
            + $"{why}.", inner);
}
