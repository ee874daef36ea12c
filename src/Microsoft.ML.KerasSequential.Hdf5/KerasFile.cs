using System.Text.Json;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Saving;
using PureHDF;
using PureHDF.VOL.Native;

namespace Microsoft.ML.KerasSequential.Hdf5;

/// <summary>
/// Looks into files of Keras without loading them (compare Keras 3 <c>keras.saving.KerasFileEditor</c>): what a file
/// contains, and what of it <see cref="Sequential.Load(string, bool)"/> can read.
/// </summary>
public static class KerasFile
{
    const int MostDepth = 32, MostObjects = 100_000;

    /// <summary>Describes a <c>.keras</c> or <c>.h5</c> file of any version of Keras. No layer is executed.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The layers, with the reason for each that cannot be loaded, and the shapes of all arrays.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, or in another format.</exception>
    public static KerasFileDescription Describe(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        return Path.GetExtension(path).Equals(".keras", StringComparison.OrdinalIgnoreCase)
            ? KerasZip.Open(stream, path, (config, version, weights) =>
                Described("Keras 3 model (.keras)", version, config, Arrays(weights)))
            : H5.Read(stream, path, file => OfHdf5(file, path));
    }

    static KerasFileDescription OfHdf5(NativeFile file, string path)
    {
        string? version = H5.Text(file, "keras_version");
        if (H5.Text(file, KerasFiles.ModelConfig) is { } text)
        {
            using JsonDocument config = KerasFiles.Parse(text, path, KerasFiles.ModelConfig);
            return Described("model (.h5)", version, config.RootElement, Arrays(file));
        }
        return LayerFile.Is(file) ? new("weights of layers (.h5)", version, "", [], Arrays(file), null)
            : TreeFile.Is(file) ? new("weights of Keras 3 (.weights.h5)", version, "", [], Arrays(file), null)
            : throw new InvalidDataException($"{path} contains neither a Keras model nor Keras weights.");
    }

    static KerasFileDescription Described(string format, string? version, JsonElement config,
        IReadOnlyList<KerasFileArray> arrays)
    {
        string model = Text(config, "class_name") ?? "Sequential";
        JsonElement settings = config.TryGetProperty("config", out JsonElement inner) ? inner : config;
        JsonElement list = settings.ValueKind == JsonValueKind.Object
            && settings.TryGetProperty("layers", out JsonElement layers) ? layers : settings;
        KerasFileLayer[] described = list.ValueKind == JsonValueKind.Array
            ? [.. list.EnumerateArray().Where(l => l.ValueKind == JsonValueKind.Object).Select(Layer)] : [];
        string? problem = model == "Sequential" ? null : $"The file holds a model of class {model}; a Sequential is a "
            + "chain of layers and cannot hold it.";
        return new(format, version, model, described, arrays, problem);
    }

    static KerasFileLayer Layer(JsonElement element)
    {
        string className = Text(element, "class_name") ?? "";
        string name = element.TryGetProperty("config", out JsonElement config) ? Text(config, "name") ?? "" : "";
        string? problem = null, note = null;
        try
        {
            Layers.Layer layer = LayerRegistry.FromConfig(Keras3Names.Translated(element));
            note = NoteOn(layer);
            (layer as IDisposable)?.Dispose();
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException or InvalidOperationException
            or FormatException)
        {
            problem = e.Message;
        }
        return new(name, className, problem) { Note = note };
    }

    /// <summary>What a layer that takes text or a vocabulary has of it.</summary>
    static string? NoteOn(Layers.Layer layer)
    {
        int? known = layer switch
        {
            Layers.TextVectorization texts => texts.GetVocabulary(includeSpecialTokens: false).Count,
            Layers.StringLookup texts => texts.GetVocabulary(includeSpecialTokens: false).Count,
            Layers.IntegerLookup integers => integers.GetVocabulary(includeSpecialTokens: false).Count,
            _ => null,
        };
        string? vocabulary = known switch
        {
            null => null,
            0 => "no vocabulary in the configuration: call Adapt or SetVocabulary",
            _ => $"a vocabulary of {known} tokens",
        };
        return layer is not Layers.TextLayer ? vocabulary
            : vocabulary is null ? "takes text" : $"takes text; {vocabulary}";
    }

    static string? Text(JsonElement element, string key) => element.ValueKind == JsonValueKind.Object
        && element.TryGetProperty(key, out JsonElement value) && value.ValueKind == JsonValueKind.String
        ? value.GetString() : null;

    /// <summary>All datasets, in the order of the file.</summary>
    static List<KerasFileArray> Arrays(IH5Group root)
    {
        var found = new List<KerasFileArray>();
        int objects = 0;
        Visit(root, "", 0);
        return found;

        void Visit(IH5Group group, string path, int depth)
        {
            if (depth > MostDepth)
                throw new InvalidDataException($"the group {path} is nested more than {MostDepth} levels deep");
            foreach (IH5Object child in group.Children())
            {
                if (++objects > MostObjects)
                    throw new InvalidDataException($"it contains more than {MostObjects} objects");
                string at = $"{path}{child.Name}";
                if (child is IH5Group inner) Visit(inner, $"{at}/", depth + 1);
                else if (child is IH5Dataset dataset)
                    found.Add(new(at, [.. dataset.Space.Dimensions.Select(d => checked((long)d))],
                        dataset.Type.Class.ToString()));
            }
        }
    }
}
