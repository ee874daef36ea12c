using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;

namespace Microsoft.ML.KerasSequential.Saving;

/// <summary>
/// A model in one zip file: <c>metadata.json</c> with the format version, <c>config.json</c> with the architecture,
/// <c>weights.safetensors</c>, and for a compiled model <c>training.json</c> and <c>optimizer.safetensors</c>.
/// </summary>
internal static class ModelFile
{
    const string Format = "Microsoft.ML.KerasSequential";
    const int Version = 1;

    public static void Write(Stream stream, JsonObject config, JsonObject? training,
        IReadOnlyList<KeyValuePair<string, NDArray>> weights, IReadOnlyList<KeyValuePair<string, NDArray>> slots)
    {
        using var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        Text(zip, "metadata.json", new JsonObject { ["format"] = Format, ["version"] = Version });
        Text(zip, "config.json", config);
        Arrays(zip, "weights.safetensors", weights);
        if (training is null) return;
        Text(zip, "training.json", training);
        Arrays(zip, "optimizer.safetensors", slots);
    }

    /// <exception cref="InvalidDataException">The file is damaged, of another format or of a later version.</exception>
    public static Contents Read(Stream stream, string source)
    {
        ZipArchive zip = Open(stream, source);
        try
        {
            using JsonDocument metadata = Json(zip, "metadata.json", source)
                ?? throw new InvalidDataException($"{source} is not a model of this library: it lacks metadata.json.");
            if (metadata.RootElement.ValueKind != JsonValueKind.Object
                || !metadata.RootElement.TryGetProperty("format", out JsonElement format) || format.ToString() != Format
                || !metadata.RootElement.TryGetProperty("version", out JsonElement v)
                || v.ValueKind != JsonValueKind.Number || !v.TryGetInt32(out int version))
            {
                throw new InvalidDataException(
                    $"{source} is not a model of this library: its metadata specifies another format.");
            }
            if (version is < 1 or > Version)
                throw new InvalidDataException(
                    $"{source} has version {version} of the format; this library reads version {Version}.");
            JsonDocument config = Json(zip, "config.json", source)
                ?? throw new InvalidDataException($"{source} is damaged: it lacks config.json.");
            return new(zip, source, config, Json(zip, "training.json", source));
        }
        catch
        {
            zip.Dispose();
            throw;
        }
    }

    /// <summary>The contents of a file. Arrays are read on demand, directly into their destination.</summary>
    public sealed class Contents(ZipArchive zip, string source, JsonDocument config, JsonDocument? training)
        : IDisposable
    {
        readonly List<Stream> _open = [];

        public JsonDocument Config => config;

        public JsonDocument? Training => training;

        /// <summary>The weights, or null if the file has none.</summary>
        /// <exception cref="InvalidDataException">They are damaged.</exception>
        public SafetensorsReader? OpenWeights() => Open("weights.safetensors");

        /// <summary>The optimizer's step counter and slots.</summary>
        /// <exception cref="InvalidDataException">They are damaged.</exception>
        public Dictionary<string, NDArray> Slots() =>
            Open("optimizer.safetensors") is { } reader ? Safetensors.Read(reader) : [];

        public void Dispose()
        {
            _open.ForEach(stream => stream.Dispose());
            config.Dispose();
            training?.Dispose();
            zip.Dispose();
        }

        SafetensorsReader? Open(string name)
        {
            if (zip.GetEntry(name) is not { } entry) return null;
            if (ZipLimit.Exceeded(entry))
                throw new InvalidDataException(
                    $"{source} is damaged: {name} would expand from {entry.CompressedLength} to {entry.Length} bytes.");
            Stream stream = entry.Open();
            _open.Add(stream);
            return new(stream, $"{source}, {name}", entry.Length);
        }
    }

    static ZipArchive Open(Stream stream, string source)
    {
        try
        {
            return new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException(
                $"{source} is not a model of this library, or is damaged: it is not a zip file ({e.Message}).", e);
        }
    }

    static void Text(ZipArchive zip, string name, JsonObject json)
    {
        using Stream entry = zip.CreateEntry(name).Open();
        JsonText.Write(entry, json);
    }

    static void Arrays(ZipArchive zip, string name, IReadOnlyList<KeyValuePair<string, NDArray>> arrays)
    {
        using Stream entry = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
        Safetensors.Write(entry, arrays);
    }

    static JsonDocument? Json(ZipArchive zip, string name, string source)
    {
        if (zip.GetEntry(name) is not { } entry) return null;
        try
        {
            using Stream stream = entry.Open();
            byte[] text = new byte[Math.Clamp(entry.Length, 0, ZipLimit.OfText(entry)) + 1];
            int length = stream.ReadAtLeast(text, text.Length, throwOnEndOfStream: false);
            if (length == text.Length) throw new InvalidDataException($"it has more than {text.Length - 1} bytes");
            if (!Utf8.IsValid(text.AsSpan(0, length))) throw new InvalidDataException("it is not UTF-8");
            return JsonDocument.Parse(text.AsMemory(0, length), new() { MaxDepth = 256 });
        }
        catch (Exception e) when (e is JsonException or InvalidDataException)
        {
            throw new InvalidDataException($"{source} is damaged: {name} cannot be read ({e.Message}).", e);
        }
    }
}
