using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential.Hdf5;

/// <summary>
/// Vocabularies that Keras' layers have learned: they are not in the configuration but in text files, one token per
/// line, and weights of tokens are among the model's weights.
/// </summary>
internal static class KerasVocabularies
{
    static readonly string[] s_lookups = ["TextVectorization", "StringLookup", "IntegerLookup"];

    /// <summary>The configuration with all vocabularies.</summary>
    /// <exception cref="InvalidDataException">A file is damaged.</exception>
    public static JsonDocument Filled(JsonDocument config, ZipArchive zip, Stream weights, string source)
    {
        var found = new List<(string Path, JsonObject Settings)>();
        JsonNode root = JsonNode.Parse(config.RootElement.GetRawText(), documentOptions: new() { MaxDepth = 256 })!;
        Find(root, "", found);
        foreach ((string path, JsonObject settings) in found)
        {
            if (zip.GetEntry($"assets/{path}vocabulary.txt") is not { } entry) continue;
            bool isText = settings["vocabulary_dtype"]?.ToString() != "int64";
            List<string> lines = Lines(entry, source);
            settings["vocabulary"] = new JsonArray([.. lines.Select(line => isText ? (JsonNode)line
                : long.TryParse(line, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long token)
                ? token
                : throw new InvalidDataException($"{source} is damaged: the vocabulary {entry.FullName} contains " +
                    $"\"{line}\", which is not an integer."))]);
            if (settings["output_mode"]?.ToString() != "tf_idf") continue;
            float[] idf = H5.Read(weights, source, file => H5.Numbers(file, $"{path}vars/{TreeFile.Idf}",
                new NumberBudget(weights)).Read().ToArray());
            settings[TreeFile.Idf] = new JsonArray([.. idf.Take(lines.Count).Select(w => (JsonNode)w)]);
            weights.Position = 0;
        }
        return JsonDocument.Parse(JsonText.Bytes(root), new() { MaxDepth = 256 });
    }

    /// <summary>The lookups without a vocabulary, by their paths in the tree of a model.</summary>
    static void Find(JsonNode? model, string path, List<(string, JsonObject)> found)
    {
        if (model?["config"]?["layers"] is not JsonArray layers) return;
        var used = new Dictionary<string, int>();
        foreach (JsonNode? layer in layers)
        {
            if (layer is not JsonObject made || made["class_name"]?.ToString() is not { } name) continue;
            if (name == "InputLayer") continue;
            string part = TreeFile.Snake(name);
            int count = used[part] = used.GetValueOrDefault(part, -1) + 1;
            string inner = $"{path}layers/{(count == 0 ? part : $"{part}_{count}")}/";
            if (s_lookups.Contains(name) && made["config"] is JsonObject settings && settings["vocabulary"] is null)
                found.Add((inner, settings));
            Find(made, inner, found);
        }
    }

    static List<string> Lines(ZipArchiveEntry entry, string source)
    {
        if (ZipLimit.Exceeded(entry))
            throw new InvalidDataException($"{source} is damaged: {entry.FullName} would expand from " +
                $"{entry.CompressedLength} to {entry.Length} bytes.");
        using var reader = new StreamReader(entry.Open());
        List<string> lines = [.. reader.ReadToEnd().Split('\n').Select(line => line.TrimEnd('\r'))];
        while (lines is [.., ""]) lines.RemoveAt(lines.Count - 1);
        return lines;
    }
}
