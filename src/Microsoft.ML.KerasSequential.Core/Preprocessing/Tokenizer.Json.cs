using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential.Preprocessing;

// Saves and loads the tokenizer as Keras' JSON.
public sealed partial class Tokenizer
{
    /// <summary>Gets the settings and words under Keras' keys; tables are strings of JSON, as in Keras (Keras
    /// <c>get_config</c>).</summary>
    /// <returns>A JSON object.</returns>
    public JsonObject GetConfig() => new()
    {
        ["num_words"] = _numWords,
        ["filters"] = _filters,
        ["lower"] = _lower,
        ["split"] = _split,
        ["char_level"] = _charLevel,
        ["oov_token"] = _oovToken,
        ["document_count"] = DocumentCount,
        ["word_counts"] = Table(_wordOrder.Select(w => (w, (JsonNode)_wordCounts[w]))),
        ["word_docs"] = Table(_wordDocs.Select(w => (w.Key, (JsonNode)w.Value))),
        ["index_docs"] = Table(_indexDocs.Select(i => (PlainNumber(i.Key), (JsonNode)i.Value))),
        ["index_word"] = Table(_indexWord.Select(i => (PlainNumber(i.Key), (JsonNode)i.Value))),
        ["word_index"] = Table(_wordIndex.Select(w => (w.Key, (JsonNode)w.Value))),
    };

    /// <summary>Gets the settings and words as JSON that Keras' <c>tokenizer_from_json</c> reads (Keras
    /// <c>to_json</c>).</summary>
    /// <returns>The text.</returns>
    public string ToJson() => Config.Wrap(nameof(Tokenizer), GetConfig()).ToJsonString();

    /// <summary>Creates a tokenizer from JSON written by <see cref="ToJson"/> or Keras (Keras
    /// <c>tokenizer_from_json</c>).</summary>
    /// <param name="json">The text.</param>
    /// <returns>A tokenizer with the same settings and words.</returns>
    /// <exception cref="ArgumentException">The text is not the JSON of a tokenizer.</exception>
    public static Tokenizer FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        JsonElement root = Parsed(json, "the text");
        (string name, JsonElement settings) = Config.Open(root, "a tokenizer");
        if (name != nameof(Tokenizer))
            throw new ArgumentException($"Expected the configuration of a Tokenizer; given that of a {name}.",
                nameof(json));
        return FromConfig(settings);
    }

    /// <summary>Creates a tokenizer from what <see cref="GetConfig"/> returned.</summary>
    /// <param name="config">The settings and tables under Keras' keys.</param>
    /// <returns>A tokenizer with the same settings and words.</returns>
    /// <exception cref="ArgumentException">A key is missing or its value is wrong.</exception>
    public static Tokenizer FromConfig(JsonElement config)
    {
        var c = new Config(config, nameof(Tokenizer));
        if (config.ValueKind != JsonValueKind.Object) throw c.Missing("word_index");
        var made = new Tokenizer(c.OptionalInt("num_words"), c.String("filters") ?? Text.Filters, c.Bool("lower", true),
            c.String("split") ?? " ", c.Bool("char_level", false), c.String("oov_token"))
        {
            DocumentCount = c.Int("document_count", 0),
        };
        foreach ((string word, JsonElement count) in Table(c, "word_counts"))
        {
            if (made._wordCounts.TryAdd(word, Count(count, "word_counts"))) made._wordOrder.Add(word);
        }
        foreach ((string word, JsonElement count) in Table(c, "word_docs"))
            made._wordDocs[word] = Count(count, "word_docs");
        foreach ((string index, JsonElement count) in Table(c, "index_docs"))
            made._indexDocs[Number(index, "index_docs")] = Count(count, "index_docs");
        foreach ((string index, JsonElement word) in Table(c, "index_word"))
            made._indexWord[Number(index, "index_word")] = word.ValueKind == JsonValueKind.String ? word.GetString()!
                : throw Wrong("index_word", word.GetRawText());
        foreach ((string word, JsonElement index) in Table(c, "word_index"))
            made._wordIndex[word] = Count(index, "word_index");
        return made;
    }

    static string Table(IEnumerable<(string Key, JsonNode Value)> entries)
    {
        var table = new JsonObject();
        foreach ((string key, JsonNode value) in entries) table[key] = value;
        return table.ToJsonString();
    }

    /// <summary>Reads the entries of a table written as a JSON string.</summary>
    static IEnumerable<(string Key, JsonElement Value)> Table(Config config, string key)
    {
        JsonElement table = Parsed(config.String(key) ?? throw config.Missing(key), $"\"{key}\"");
        if (table.ValueKind != JsonValueKind.Object) throw Wrong(key, table.GetRawText());
        return table.EnumerateObject().Select(entry => (entry.Name, entry.Value));
    }

    static JsonElement Parsed(string json, string what)
    {
        try
        {
            return JsonDocument.Parse(json).RootElement;
        }
        catch (JsonException e)
        {
            throw new ArgumentException($"Tokenizer: {what} is not JSON: {e.Message}", nameof(json), e);
        }
    }

    static string PlainNumber(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    static int Number(string text, string key) =>
        int.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out int number) ? number
            : throw Wrong(key, text);

    static int Count(JsonElement value, string key) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int count) ? count
            : throw Wrong(key, value.GetRawText());

    static ArgumentException Wrong(string key, string given) =>
        new($"Tokenizer: \"{key}\" contains an invalid value: {given}.");
}
