using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential.Preprocessing;

// Saves and loads the generator, with its series, as Keras' JSON.
public sealed partial class TimeseriesGenerator
{
    /// <summary>
    /// Gets the series and settings under Keras' keys; the series are strings of JSON, as in Keras (Keras
    /// <c>get_config</c>). <c>start_index</c> is the given value; Keras 2.3.1 writes the first target's row, which
    /// shifts the windows when the text is read.
    /// </summary>
    /// <returns>A JSON object.</returns>
    /// <exception cref="InvalidOperationException">The series contain NaN or infinity, which JSON cannot
    /// represent.</exception>
    public JsonObject GetConfig() => new()
    {
        ["data"] = NestedLists.Write(Data, "The series").ToJsonString(),
        ["targets"] = NestedLists.Write(Targets, "The series of the targets").ToJsonString(),
        ["length"] = Length,
        ["sampling_rate"] = SamplingRate,
        ["stride"] = Stride,
        ["start_index"] = StartIndex,
        ["end_index"] = EndIndex,
        ["shuffle"] = Shuffle,
        ["reverse"] = Reverse,
        ["batch_size"] = BatchSize,
    };

    /// <summary>
    /// Gets the series and settings as JSON that Keras' <c>timeseries_generator_from_json</c> reads (Keras
    /// <c>to_json</c>).
    /// </summary>
    /// <returns>The text.</returns>
    /// <exception cref="InvalidOperationException">The series contain NaN or infinity, which JSON cannot
    /// represent.</exception>
    public string ToJson() => Config.Wrap(nameof(TimeseriesGenerator), GetConfig()).ToJsonString();

    /// <summary>
    /// Creates a generator from JSON written by <see cref="ToJson"/> or Keras (Keras
    /// <c>timeseries_generator_from_json</c>).
    /// </summary>
    /// <param name="json">The text.</param>
    /// <returns>A generator with the same series and settings.</returns>
    /// <exception cref="ArgumentException">The text is not the JSON of a generator.</exception>
    public static TimeseriesGenerator FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        using JsonDocument document = Parsed(json, "the text");
        (string name, JsonElement settings) = Config.Open(document.RootElement, "a generator");
        if (name != nameof(TimeseriesGenerator))
        {
            throw new ArgumentException(
                $"Expected the configuration of a TimeseriesGenerator; given that of a {name}.", nameof(json));
        }
        return FromConfig(settings);
    }

    /// <summary>Creates a generator from what <see cref="GetConfig"/> returned.</summary>
    /// <param name="config">The settings under Keras' keys.</param>
    /// <returns>A generator with the same series and settings.</returns>
    /// <exception cref="ArgumentException">A key is missing or its value is wrong.</exception>
    public static TimeseriesGenerator FromConfig(JsonElement config)
    {
        var c = new Config(config, nameof(TimeseriesGenerator));
        return new(Series(c, "data"), Series(c, "targets"), c.RequiredInt("length"), c.Int("sampling_rate", 1),
            c.Int("stride", 1), c.Int("start_index", 0), c.OptionalInt("end_index"), c.Bool("shuffle", false),
            c.Bool("reverse", false), c.Int("batch_size", 128));
    }

    /// <summary>Reads a series written as a JSON string.</summary>
    static NDArray Series(Config config, string key)
    {
        using JsonDocument lists = Parsed(config.String(key) ?? throw config.Missing(key), $"\"{key}\"");
        return NestedLists.Read(lists.RootElement, $"{nameof(TimeseriesGenerator)}: \"{key}\"");
    }

    static JsonDocument Parsed(string json, string what)
    {
        try
        {
            return JsonDocument.Parse(json);
        }
        catch (JsonException e)
        {
            throw new ArgumentException($"TimeseriesGenerator: {what} is not JSON: {e.Message}", nameof(json), e);
        }
    }
}
