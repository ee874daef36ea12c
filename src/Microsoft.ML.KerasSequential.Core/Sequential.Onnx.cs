using Google.Protobuf;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Onnx;
using Microsoft.ML.KerasSequential.Onnx.Proto;
using Microsoft.ML.KerasSequential.Utils;

namespace Microsoft.ML.KerasSequential;

// The model in ONNX format.
public sealed partial class Sequential
{
    double _trainingSeconds;

    /// <summary>
    /// Exports the model's prediction as an ONNX file, for any engine that supports the standard. The batch size is
    /// variable, as is every variable size of the model. The file is written under a temporary name and renamed;
    /// weights above <see cref="OnnxOptions.ExternalDataFrom"/> are written to a second file, <c>path.data</c>.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="options">The operator set, types and names; the defaults if null.</param>
    /// <exception cref="InvalidOperationException">The model has not been built.</exception>
    /// <exception cref="ArgumentException">An option is out of range, or the input shape does not match the
    /// model.</exception>
    /// <exception cref="NotSupportedException">A layer cannot be written as ONNX operators; the message names it and
    /// says why.</exception>
    /// <exception cref="IOException">The file cannot be written; the existing file stays unchanged.</exception>
    public void ToOnnx(string path, OnnxOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new();
        ModelProto model = OnnxModel(options);
        if (OnnxFile.WeightBytes(model) < options.ExternalDataFrom)
        {
            AtomicFile.Write(path, overwrite: true, stream => model.WriteTo(stream));
            return;
        }
        AtomicFile.Write($"{path}.data", overwrite: true,
            stream => OnnxFile.MoveOut(model, stream, $"{Path.GetFileName(path)}.data"));
        AtomicFile.Write(path, overwrite: true, stream => model.WriteTo(stream));
    }

    /// <summary>
    /// Exports the model's prediction for serving (Keras 3 <c>export</c>). The same as
    /// <see cref="ToOnnx(string, OnnxOptions?)"/> with the default options.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="format"><c>onnx</c>, the only format: the others of Keras hold programs of TensorFlow or
    /// PyTorch.</param>
    /// <exception cref="NotSupportedException">The format is not <c>onnx</c>, or a layer cannot be written as ONNX
    /// operators.</exception>
    /// <exception cref="InvalidOperationException">The model has not been built.</exception>
    /// <exception cref="IOException">The file cannot be written; the existing file stays unchanged.</exception>
    public void Export(string path, string format = "onnx")
    {
        if (format != "onnx")
            throw new NotSupportedException($"The export format \"{format}\" is not available; expected \"onnx\". The "
                + "other formats of Keras hold programs of TensorFlow or PyTorch.");
        ToOnnx(path);
    }

    /// <summary>Exports the model's prediction in ONNX format to a stream.</summary>
    /// <param name="stream">The stream; it stays open.</param>
    /// <param name="options">The operator set, types and names; the defaults if null.</param>
    /// <exception cref="InvalidOperationException">The model has not been built.</exception>
    /// <exception cref="ArgumentException">An option is out of range, the input shape does not match the model, or the
    /// weights are too large for a stream and require a file.</exception>
    /// <exception cref="NotSupportedException">A layer cannot be written as ONNX operators; the message names it and
    /// says why.</exception>
    public void ToOnnx(Stream stream, OnnxOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        options ??= new();
        ModelProto model = OnnxModel(options);
        if (OnnxFile.WeightBytes(model) >= options.ExternalDataFrom)
            throw new ArgumentException($"The weights take {OnnxFile.WeightBytes(model)} bytes, too many for a stream; "
                + "export the model to a path, with a separate file for the weights.", nameof(stream));
        model.WriteTo(stream);
    }

    /// <summary>
    /// Imports a model from an ONNX file, to train further or inspect. A file that this library wrote restores its
    /// layers under their names, with all weights. Other files must contain a graph that is a chain of layers: matrix
    /// products, convolutions, pooling, normalization, activations, recurrent layers. The model is not compiled.
    /// </summary>
    /// <param name="path">The file; an external data file is read if it is in the same folder.</param>
    /// <returns>The model. Custom objects are found by name in a <see cref="CustomObjectScope"/>.</returns>
    /// <exception cref="InvalidDataException">The file is damaged, or in another format.</exception>
    /// <exception cref="NotSupportedException">The graph is not a chain of layers, or an operator does not match a
    /// layer; the message names the node.</exception>
    /// <exception cref="ArgumentException">The file names unknown classes.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Sequential FromOnnx(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        return FromOnnx(stream, Path.GetDirectoryName(Path.GetFullPath(path)), path);
    }

    /// <summary>Imports a model from a stream in ONNX format; see <see cref="FromOnnx(string)"/>.</summary>
    /// <param name="stream">The stream, read to its end; it stays open.</param>
    /// <returns>The model.</returns>
    /// <exception cref="InvalidDataException">The data is damaged, in another format, or incomplete.</exception>
    /// <exception cref="NotSupportedException">The graph is not a chain of layers, or an operator does not match a
    /// layer; the message names the node.</exception>
    /// <exception cref="ArgumentException">The data names unknown classes.</exception>
    public static Sequential FromOnnx(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return FromOnnx(stream, null, "the stream");
    }

    static Sequential FromOnnx(Stream stream, string? folder, string source)
    {
        ModelProto file = OnnxReader.Read(stream, source);
        var arrays = new OnnxArrays(file.Graph, folder, source);
        string? configuration = file.ProducerName == OnnxFile.Producer
            ? file.MetadataProps.FirstOrDefault(p => p.Key == OnnxMetadata.Configuration)?.Value : null;
        return configuration is null ? ForeignModel.Read(file, arrays, source)
            : OwnModel.Read(file, arrays, configuration, source);
    }

    internal ModelProto OnnxModel(OnnxOptions options)
    {
        if (options.Opset is < OnnxOptions.MinOpset or > OnnxOptions.MaxOpset)
            throw new ArgumentOutOfRangeException(nameof(options),
                $"The operator set must be {OnnxOptions.MinOpset} to {OnnxOptions.MaxOpset}; given {options.Opset}.");
        if (!Enum.IsDefined(options.Weights))
            throw new ArgumentOutOfRangeException(nameof(options),
                $"Unknown value of OnnxWeights: {(int)options.Weights}.");
        using (WeightGate.Enter())
        {
            return OnnxFile.Model(OnnxGraph(options), Name, Metadata(options));
        }
    }

    /// <summary>Gets the prediction as a graph.</summary>
    /// <param name="options">The operator set, types and names.</param>
    /// <param name="logits">Whether to omit the sigmoid at the end of the model.</param>
    internal OnnxGraph OnnxGraph(OnnxOptions options, bool logits = false)
    {
        using (WeightGate.Enter())
        {
            Shape sample = SampleShape(options.InputShape);
            using TraceScope scope = TraceScope.BeginExport(_seed);
            // The number of time steps is named; other variable sizes are numbered.
            Dim[] sizes = [
                .. sample.Select((d, i) =>
                    d is int size ? (Dim)size
                    : Dim.Free(new Symbol(i == 0 && sample.Rank <= 2 ? "time" : $"size_{i + 1}")))];
            Tensor input = K.Placeholder(new Dims([FixedBatch is int batch ? batch : Dim.Batch, .. sizes]), InputName);
            Tensor output = Forward(input)[^1];
            if (logits) output = output.Inputs[0];
            Ops.Later.Refuse(Topology.Order([output]));
            string inputName = options.InputName ?? InputName, outputName = options.OutputName ?? OutputName;
            if (inputName.Length == 0 || outputName.Length == 0 || inputName == outputName)
                throw new ArgumentException(
                    $"The input and the output must have different names; given \"{inputName}\" and \"{outputName}\".",
                    nameof(options));
            if (Lookup(options) is not { } lookup)
                return new OnnxWriter(options).Write(input, output, inputName, outputName);
            OnnxGraph graph = new OnnxWriter(options).Write(input, output, $"{inputName}/numbers", outputName);
            return OnnxTexts.Prepend(graph, FirstText!, lookup, inputName);
        }
    }

    /// <summary>How the first layer's texts become numbers in the graph; null if the graph starts at numbers.</summary>
    OnnxLookup? Lookup(OnnxOptions options)
    {
        if (options.TextInput == false) return null;
        if (FirstText is not { } layer)
            return options.TextInput is null ? null
                : throw new ArgumentException($"The model {Name} takes numbers, so its input cannot be text.",
                    nameof(options));
        OnnxLookup? lookup = null;
        // A derived class may look up texts differently.
        string obstacle = $"{layer.GetType().Name} is a class of another library";
        if (layer.GetType().Assembly == typeof(TextLayer).Assembly)
            lookup = layer.ForOnnx(options.Opset, out obstacle);
        if (lookup is null && options.TextInput == true)
            throw new NotSupportedException($"Layer {layer.Name} cannot be exported to ONNX with text as its input: "
                + $"{obstacle}. Without OnnxOptions.TextInput, the graph starts at the numbers that the layer's Call "
                + "returns.");
        return lookup;
    }

    Shape SampleShape(Shape? given)
    {
        Shape own = RequireBuilt(_input).Shape.WithoutBatch();
        if (given is null) return own;
        bool fits = given.Rank == own.Rank && own.Zip(given).All(d => d.First is null || d.First == d.Second)
            && given.All(d => d is null or > 0);
        return fits ? given
            : throw new ArgumentException($"The model expects samples of shape {own}; the options specify {given}.",
                nameof(given));
    }

    IEnumerable<KeyValuePair<string, string>> Metadata(OnnxOptions options)
    {
        if (DescriptionOrNull() is { } description && WithoutAdapters(description))
            yield return new(OnnxMetadata.Configuration, description.ToJsonString());
        yield return new(OnnxMetadata.Weights, options.Weights.ToString());
        yield return new(OnnxMetadata.TrainingSeconds,
            _trainingSeconds.ToString("0.###", System.Globalization.CultureInfo.InvariantCulture));
        foreach ((string key, string value) in options.Metadata ?? new Dictionary<string, string>())
            yield return new(key, value);
    }
}
