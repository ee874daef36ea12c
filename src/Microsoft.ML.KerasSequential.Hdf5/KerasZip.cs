using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Saving;
using PureHDF;

namespace Microsoft.ML.KerasSequential.Hdf5;

/// <summary>Keras 3's <c>.keras</c> format: a zip file with <c>metadata.json</c>, <c>config.json</c> and
/// <c>model.weights.h5</c>.</summary>
internal static class KerasZip
{
    const string Metadata = "metadata.json", Configuration = "config.json", Weights = "model.weights.h5",
        Optimizer = "optimizer";

    const long MostInMemory = 16 << 20;

    /// <summary>The signature of an HDF5 file.</summary>
    static readonly byte[] s_signature = [0x89, (byte)'H', (byte)'D', (byte)'F', 0x0D, 0x0A, 0x1A, 0x0A];

    public static void Write(Sequential model, Stream stream, bool includeOptimizer)
    {
        bool isCompiled = includeOptimizer && model.Optimizer is not null;
        JsonObject config = Keras3Config.Of(model, isCompiled ? PlainNames.Of(model.TrainingConfig()) : null);
        var file = new H5File();
        TreeFile.Write(model, file);
        // The model itself has no variables, but Keras expects the group.
        if (isCompiled) H5.Put(file, $"{Optimizer}/vars", OptimizerVariables(model));
        var weights = new MemoryStream();
        file.Write(weights);

        using var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        Text(zip, Metadata,
            new JsonObject
            {
                ["keras_version"] = Keras3Config.Version,
                ["date_saved"] = DateTime.UtcNow.ToString("yyyy-MM-dd@HH:mm:ss", CultureInfo.InvariantCulture)
            });
        Text(zip, Configuration, config);
        using Stream entry = zip.CreateEntry(Weights, CompressionLevel.NoCompression).Open();
        weights.WriteTo(entry);
    }

    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static Sequential Read(Stream stream, string source, bool compile)
    {
        using ZipArchive zip = Open(stream, source);
        using JsonDocument written = Written(zip, source, out _);
        using Stream weights = OpenWeights(zip, stream, source);
        using JsonDocument config = KerasVocabularies.Filled(written, zip, weights, source);
        var budget = new NumberBudget(weights);
        Sequential model;
        using (WeightBudget.Limit(budget.Left, source))
            model = Sequential.FromConfig(config.RootElement);
        try
        {
            return H5.Read(weights, $"{source}, {Weights}", file =>
            {
                KerasFiles.Fill(model, TreeFile.Read(model, file, source, WeightMatch.Whole, budget));
                if (!compile || !config.RootElement.TryGetProperty("compile_config", out JsonElement arguments)
                    || arguments.ValueKind != JsonValueKind.Object || !arguments.EnumerateObject().Any())
                    return model;
                model.CompileAs(new Config(Keras3Config.Training(arguments), $"{source}, compile_config"));
                if (H5.Group(file, Optimizer) is { } group && H5.Group(group, "vars") is { } vars)
                    OptimizerWeights.ReadThree(model.Optimizer!, model.TrainableWeights,
                        TreeFile.ReadVariables(vars, budget), source);
                return model;
            });
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static IReadOnlyList<(Variable Weight, NDArray Value)> ReadWeights(Sequential model, Stream stream,
        string source, WeightMatch match)
    {
        using ZipArchive zip = Open(stream, source);
        using Stream weights = OpenWeights(zip, stream, source);
        var budget = new NumberBudget(weights);
        return H5.Read(weights, $"{source}, {Weights}",
            IReadOnlyList<(Variable, NDArray)> (file) =>
                [.. TreeFile.Read(model, file, source, match, budget).Select(v => (v.Weight, v.Value.Read()))]);
    }

    /// <summary>Reads from the configuration, the version of Keras, and the weights, without creating a
    /// model.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static T Open<T>(Stream stream, string source, Func<JsonElement, string?, IH5Group, T> read)
    {
        using ZipArchive zip = Open(stream, source);
        using JsonDocument written = Written(zip, source, out string? version);
        using Stream weights = OpenWeights(zip, stream, source);
        using JsonDocument config = KerasVocabularies.Filled(written, zip, weights, source);
        weights.Position = 0;
        return H5.Read(weights, $"{source}, {Weights}", file => read(config.RootElement, version, file));
    }

    /// <summary>The configuration; one of tf.keras notes its version, which decides what names mean.</summary>
    static JsonDocument Written(ZipArchive zip, string source, out string? version)
    {
        version = null;
        if (zip.GetEntry(Metadata) is not null)
        {
            using JsonDocument metadata = KerasFiles.Parse(Text(zip, Metadata, source), source, Metadata);
            if (metadata.RootElement.ValueKind == JsonValueKind.Object
                && metadata.RootElement.TryGetProperty(Keras3Names.Version, out JsonElement value))
                version = value.ToString();
        }
        JsonDocument config = KerasFiles.Parse(Text(zip, Configuration, source), source, Configuration);
        if (!Keras3Names.IsOfTwo(version) || JsonText.Node(config.RootElement) is not JsonObject noted) return config;
        config.Dispose();
        noted[Keras3Names.Version] = version;
        return JsonDocument.Parse(noted.ToJsonString());
    }

    static H5Group OptimizerVariables(Sequential model)
    {
        IReadOnlyList<(string Name, NDArray Value)> state = OptimizerWeights.Three(model.Optimizer!,
            model.TrainableWeights);
        H5Group group = TreeFile.Variables(TreeFile.Snake(model.Optimizer!.GetType().Name),
            [.. state.Select(s => s.Value)]);
        group["0"] = new H5Dataset((int)state[0].Value.ToArray()[0]);
        return group;
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
                $"{source} is not a .keras file, or is damaged: it is not a zip file ({e.Message}).", e);
        }
    }

    static ZipArchiveEntry Entry(ZipArchive zip, string name, string source)
    {
        ZipArchiveEntry entry = zip.GetEntry(name)
            ?? throw new InvalidDataException($"{source} is damaged, or not a .keras file: it lacks {name}.");
        return ZipLimit.Exceeded(entry)
            ? throw new InvalidDataException(
                $"{source} is damaged: {name} would expand from {entry.CompressedLength} to {entry.Length} bytes.")
                : entry;
    }

    /// <summary>
    /// Opens the weights as a seekable stream, as HDF5 requires. Keras stores them uncompressed, so they are read in
    /// place; otherwise they are decompressed, large ones to a temporary file that is deleted when closed.
    /// </summary>
    static Stream OpenWeights(ZipArchive zip, Stream stream, string source)
    {
        ZipArchiveEntry entry = Entry(zip, Weights, source);
        using Stream packed = entry.Open();
        Span<byte> first = stackalloc byte[s_signature.Length];
        if (entry.CompressedLength == entry.Length
            && packed.ReadAtLeast(first, first.Length, throwOnEndOfStream: false) == first.Length
            && first.SequenceEqual(s_signature))
        {
            // The archive has just read these bytes, so its stream is positioned after them.
            var section = new StreamSection(stream, stream.Position - first.Length, entry.Length);
            if (section.ReadAtLeast(first, first.Length, throwOnEndOfStream: false) == first.Length
                && first.SequenceEqual(s_signature))
            {
                section.Position = 0;
                return section;
            }
        }
        using Stream again = entry.Open();
        Stream bytes = entry.Length <= MostInMemory ? new MemoryStream((int)entry.Length)
            : new FileStream(Path.GetTempFileName(), FileMode.Open, FileAccess.ReadWrite, FileShare.None, 1 << 16,
                FileOptions.DeleteOnClose);
        again.CopyTo(bytes);
        bytes.Position = 0;
        return bytes;
    }

    static string Text(ZipArchive zip, string name, string source)
    {
        ZipArchiveEntry entry = Entry(zip, name, source);
        if (entry.Length > ZipLimit.OfText(entry))
            throw new InvalidDataException($"{source} is damaged: {name} has {entry.Length} bytes.");
        using var reader = new StreamReader(entry.Open());
        return reader.ReadToEnd();
    }

    static void Text(ZipArchive zip, string name, JsonObject json)
    {
        using Stream entry = zip.CreateEntry(name).Open();
        JsonSerializer.Serialize(entry, json);
    }
}
