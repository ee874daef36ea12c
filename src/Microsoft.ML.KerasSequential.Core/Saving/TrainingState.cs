using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Utils;

namespace Microsoft.ML.KerasSequential.Saving;

/// <summary>
/// Everything that training needs to resume as if it had never stopped: a zip file of JSON and safetensors, with a
/// checksum for each entry. The previous file is kept until the new one is complete.
/// </summary>
internal sealed record TrainingState
{
    const string Format = "Microsoft.ML.KerasSequential training";
    const int Version = 1, MaxEntry = int.MaxValue - 64;

    /// <summary>The architecture, which must match that of the model that resumes.</summary>
    public required string Configuration { get; init; }

    /// <summary>The seed, the number of shuffles before training started, and the model's total number of
    /// steps.</summary>
    public required (ulong Seed, ulong Shuffles, ulong Steps) Random { get; init; }

    /// <summary>Where training started, where it is now, and the number of steps per epoch.</summary>
    public required (int First, int Epoch, int Batch, int Steps) Position { get; init; }

    /// <summary>The loss summed over the epoch so far, and the number of samples.</summary>
    public required (double Sum, long Seen) Loss { get; init; }

    /// <summary>The learning rate, unless a schedule sets it.</summary>
    public required double? LearningRate { get; init; }

    /// <summary>The results of the last step.</summary>
    public required double[] Results { get; init; }

    /// <summary>The classes and states of the callbacks.</summary>
    public required IReadOnlyList<(string Class, JsonNode? State)> Callbacks { get; init; }

    /// <summary>The weights by name.</summary>
    public required IReadOnlyList<KeyValuePair<string, NDArray>> Weights { get; init; }

    /// <summary>Everything that a step writes, in order: slots, counters, averages, metric sums, states.</summary>
    public required IReadOnlyList<NDArray> Written { get; init; }

    /// <summary>Writes a temporary file, keeps the old one as <c>path.previous</c>, and renames the new one.</summary>
    public void Write(string path)
    {
        string beside = $"{path}.{Guid.NewGuid():N}.new";
        AtomicFile.Write(beside, overwrite: false, Write);
        try
        {
            if (File.Exists(path)) File.Move(path, $"{path}.previous", overwrite: true);
            File.Move(beside, path, overwrite: true);
        }
        catch
        {
            File.Delete(beside);
            throw;
        }
    }

    /// <summary>Reads a file, or the previous one if it is missing or damaged.</summary>
    /// <exception cref="InvalidDataException">Both are damaged, or in another format.</exception>
    /// <exception cref="FileNotFoundException">Neither exists.</exception>
    public static TrainingState Read(string path)
    {
        string previous = $"{path}.previous";
        if (!File.Exists(path) && !File.Exists(previous))
            throw new FileNotFoundException($"There is no training checkpoint at {path}.", path);
        if (!File.Exists(path)) return ReadFile(previous);
        try
        {
            return ReadFile(path);
        }
        catch (InvalidDataException) when (File.Exists(previous))
        {
            return ReadFile(previous);
        }
    }

    void Write(Stream stream)
    {
        using var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        var checksums = new JsonObject();
        Add("run.json", entry => JsonText.Write(entry, Description()));
        Add("config.json", entry => entry.Write(System.Text.Encoding.UTF8.GetBytes(Configuration)));
        Add("weights.safetensors", entry => Safetensors.Write(entry, Weights));
        Add("written.safetensors",
            entry => Safetensors.Write(entry,
                [.. Written.Select((value, i) =>
                    KeyValuePair.Create(i.ToString("00000", CultureInfo.InvariantCulture), value))]));
        using Stream last = zip.CreateEntry("checksums.json", CompressionLevel.NoCompression).Open();
        JsonText.Write(last, new JsonObject { ["format"] = Format, ["version"] = Version, ["sha256"] = checksums });

        void Add(string name, Action<Stream> write)
        {
            using Stream entry = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
            using var hash = SHA256.Create();
            using (var both = new CryptoStream(entry, hash, CryptoStreamMode.Write, leaveOpen: true)) write(both);
            checksums[name] = Convert.ToHexString(hash.Hash!);
        }
    }

    JsonObject Description() => new()
    {
        ["seed"] = Text(Random.Seed),
        ["shuffles"] = Text(Random.Shuffles),
        ["model_steps"] = Text(Random.Steps),
        ["first_epoch"] = Position.First,
        ["epoch"] = Position.Epoch,
        ["batch"] = Position.Batch,
        ["steps_per_epoch"] = Position.Steps,
        ["loss_sum"] = Exact.Of(Loss.Sum),
        ["loss_samples"] = Loss.Seen,
        ["learning_rate"] = LearningRate is double rate ? Exact.Of(rate) : null,
        ["results"] = new JsonArray([.. Results.Select(r => (JsonNode)Exact.Of(r))]),
        ["callbacks"] =
            new JsonArray([
                .. Callbacks.Select(c =>
                    (JsonNode)new JsonObject { ["class_name"] = c.Class, ["state"] = c.State?.DeepClone() })]),
    };

    static string Text(ulong number) => number.ToString(CultureInfo.InvariantCulture);

    static TrainingState ReadFile(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            using var zip = new ZipArchive(stream, ZipArchiveMode.Read);
            using JsonDocument checksums = JsonDocument.Parse(Bytes(zip, "checksums.json", stream.Length));
            if (checksums.RootElement.GetProperty("format").GetString() != Format
                || checksums.RootElement.GetProperty("version").GetInt32() != Version)
                throw new InvalidDataException("it has another format or version");
            byte[] Checked(string name)
            {
                byte[] bytes = Bytes(zip, name, stream.Length);
                return Convert.ToHexString(SHA256.HashData(bytes))
                    == checksums.RootElement.GetProperty("sha256").GetProperty(name).GetString() ? bytes
                    : throw new InvalidDataException($"the checksum of {name} does not match");
            }
            using JsonDocument run = JsonDocument.Parse(Checked("run.json"));
            JsonElement r = run.RootElement;
            return new()
            {
                Configuration = System.Text.Encoding.UTF8.GetString(Checked("config.json")),
                Random = (Number(r, "seed"), Number(r, "shuffles"), Number(r, "model_steps")),
                Position = (r.GetProperty("first_epoch").GetInt32(), r.GetProperty("epoch").GetInt32(),
                    r.GetProperty("batch").GetInt32(), r.GetProperty("steps_per_epoch").GetInt32()),
                Loss = (Exact.Read(r.GetProperty("loss_sum")), r.GetProperty("loss_samples").GetInt64()),
                LearningRate = r.GetProperty("learning_rate") is { ValueKind: JsonValueKind.String } rate
                    ? Exact.Read(rate) : null,
                Results = [.. r.GetProperty("results").EnumerateArray().Select(Exact.Read)],
                Callbacks = [.. r.GetProperty("callbacks").EnumerateArray()
                    .Select(c => (c.GetProperty("class_name").GetString()!, JsonText.Node(c.GetProperty("state"))))],
                Weights = [.. Safetensors.Read(new MemoryStream(Checked("weights.safetensors")), path)],
                Written = [.. Safetensors.Read(new MemoryStream(Checked("written.safetensors")), path)
                    .OrderBy(v => v.Key, StringComparer.Ordinal).Select(v => v.Value)],
            };
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or KeyNotFoundException
            or InvalidOperationException or FormatException or OverflowException or ArgumentException
            or EndOfStreamException)
        {
            throw new InvalidDataException($"{path} is not a training checkpoint, or is damaged: {e.Message}.", e);
        }
    }

    static ulong Number(JsonElement run, string key) =>
        ulong.Parse(run.GetProperty(key).GetString()!, NumberStyles.None, CultureInfo.InvariantCulture);

    /// <summary>Reads an entry, which is never larger than the file, because nothing in it is compressed.</summary>
    static byte[] Bytes(ZipArchive zip, string name, long most)
    {
        ZipArchiveEntry entry = zip.GetEntry(name) ?? throw new InvalidDataException($"it lacks {name}");
        if (entry.Length > Math.Min(most, MaxEntry))
            throw new InvalidDataException($"{name} cannot have {entry.Length} bytes");
        byte[] bytes = new byte[entry.Length];
        using Stream stream = entry.Open();
        stream.ReadExactly(bytes);
        return bytes;
    }
}
