using Google.Protobuf;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Onnx;
using Microsoft.ML.KerasSequential.Onnx.Proto;
using Microsoft.ML.KerasSequential.Utils;

namespace Microsoft.ML.KerasSequential;

// The model in the format of ONNX.
public sealed partial class Sequential
{
    double _trainingSeconds;

    /// <summary>
    /// Writes the model's prediction as an ONNX file, for any engine that reads the standard. The batch is free, as is every size that the
    /// model leaves open. The file is written beside its place and renamed; weights above
    /// <see cref="OnnxOptions.ExternalDataFrom"/> go to a second file, <c>path.data</c>.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Operators, types, names; the defaults if null.</param>
    /// <exception cref="InvalidOperationException">The model has not been built.</exception>
    /// <exception cref="ArgumentException">An option is out of range, or the input shape does not fit the model.</exception>
    /// <exception cref="NotSupportedException">A layer cannot be written in operators of ONNX; the message names it and says why.</exception>
    /// <exception cref="IOException">The file cannot be written; what was there stays.</exception>
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
        AtomicFile.Write($"{path}.data", overwrite: true, stream => OnnxFile.MoveOut(model, stream, $"{Path.GetFileName(path)}.data"));
        AtomicFile.Write(path, overwrite: true, stream => model.WriteTo(stream));
    }

    /// <summary>Writes the model's prediction in the format of ONNX to a stream.</summary>
    /// <param name="stream">The stream; it stays open.</param>
    /// <param name="options">Operators, types, names; the defaults if null.</param>
    /// <exception cref="InvalidOperationException">The model has not been built.</exception>
    /// <exception cref="ArgumentException">An option is out of range, the input shape does not fit the model, or the weights are more than a stream can hold: they need a file.</exception>
    /// <exception cref="NotSupportedException">A layer cannot be written in operators of ONNX; the message names it and says why.</exception>
    public void ToOnnx(Stream stream, OnnxOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        options ??= new();
        ModelProto model = OnnxModel(options);
        if (OnnxFile.WeightBytes(model) >= options.ExternalDataFrom)
            throw new ArgumentException($"The weights take {OnnxFile.WeightBytes(model)} bytes, more than one stream can hold; write the model to a path, beside which they get a file of their own.", nameof(stream));
        model.WriteTo(stream);
    }

    /// <summary>
    /// A model from an ONNX file, to be trained on or looked at. A file that this library wrote gives back its layers under their names, with
    /// all weights. From other files graphs that are a chain of layers are read: products, convolutions, poolings, normalizations,
    /// activations, recurrent layers. The model is not compiled.
    /// </summary>
    /// <param name="path">The file; values that lie in another are read if that is beside it.</param>
    /// <returns>The model. Objects of your own are found by name in a <see cref="CustomObjectScope"/>.</returns>
    /// <exception cref="InvalidDataException">The file is damaged, or of another format.</exception>
    /// <exception cref="NotSupportedException">The graph is no chain of layers, or an operator is no layer; the message names the node.</exception>
    /// <exception cref="ArgumentException">The file names classes that are not known.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Sequential FromOnnx(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        return FromOnnx(stream, Path.GetDirectoryName(Path.GetFullPath(path)), path);
    }

    /// <summary>A model from a stream in the format of ONNX; see <see cref="FromOnnx(string)"/>.</summary>
    /// <param name="stream">The stream, read to its end; it stays open.</param>
    /// <returns>The model.</returns>
    /// <exception cref="InvalidDataException">The data are damaged, of another format, or not all in the stream.</exception>
    /// <exception cref="NotSupportedException">The graph is no chain of layers, or an operator is no layer; the message names the node.</exception>
    /// <exception cref="ArgumentException">The data name classes that are not known.</exception>
    public static Sequential FromOnnx(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return FromOnnx(stream, null, "the stream");
    }

    static Sequential FromOnnx(Stream stream, string? folder, string source)
    {
        ModelProto file = OnnxReader.Read(stream, source);
        var arrays = new OnnxArrays(file.Graph, folder, source);
        string? configuration = file.ProducerName == OnnxFile.Producer ? file.MetadataProps.FirstOrDefault(p => p.Key == OnnxMetadata.Configuration)?.Value : null;
        return configuration is null ? ForeignModel.Read(file, arrays, source) : OwnModel.Read(file, arrays, configuration, source);
    }

    internal ModelProto OnnxModel(OnnxOptions options)
    {
        if (options.Opset is < OnnxOptions.MinOpset or > OnnxOptions.MaxOpset)
            throw new ArgumentOutOfRangeException(nameof(options), $"The operator set must be {OnnxOptions.MinOpset} to {OnnxOptions.MaxOpset}; given {options.Opset}.");
        if (!Enum.IsDefined(options.Weights)) throw new ArgumentOutOfRangeException(nameof(options), $"There is no way to store weights that is numbered {(int)options.Weights}.");
        using (WeightGate.Enter())
        {
            return OnnxFile.Model(OnnxGraph(options), Name, Metadata(options));
        }
    }

    /// <summary>The prediction as a graph.</summary>
    /// <param name="options">Operators, types, names.</param>
    /// <param name="logits">Whether to leave out the sigmoid that ends the model.</param>
    internal OnnxGraph OnnxGraph(OnnxOptions options, bool logits = false)
    {
        using (WeightGate.Enter())
        {
            Shape sample = SampleShape(options.InputShape);
            using TraceScope scope = TraceScope.BeginExport(_seed);
            // Whole sequences have a time; other open sizes have numbers.
            Dim[] sizes = [.. sample.Select((d, i) => d is int size ? (Dim)size : Dim.Free(new Symbol(i == 0 && sample.Rank <= 2 ? "time" : $"size_{i + 1}")))];
            Tensor input = K.Placeholder(new Dims([FixedBatch is int batch ? batch : Dim.Batch, .. sizes]), InputName);
            Tensor output = Forward(input)[^1];
            if (logits) output = output.Inputs[0];
            Ops.Later.Refuse(Topology.Order([output]));
            string inputName = options.InputName ?? InputName, outputName = options.OutputName ?? OutputName;
            if (inputName.Length == 0 || outputName.Length == 0 || inputName == outputName)
                throw new ArgumentException($"The input and the output need two different names; given \"{inputName}\" and \"{outputName}\".", nameof(options));
            return new OnnxWriter(options).Write(input, output, inputName, outputName);
        }
    }

    Shape SampleShape(Shape? given)
    {
        Shape own = RequireBuilt(_input).Shape.WithoutBatch();
        if (given is null) return own;
        bool fits = given.Rank == own.Rank && own.Zip(given).All(d => d.First is null || d.First == d.Second) && given.All(d => d is null or > 0);
        return fits ? given : throw new ArgumentException($"The model takes samples of shape {own}; the options ask for {given}.", nameof(given));
    }

    IEnumerable<KeyValuePair<string, string>> Metadata(OnnxOptions options)
    {
        if (DescriptionOrNull() is { } description) yield return new(OnnxMetadata.Configuration, description.ToJsonString());
        yield return new(OnnxMetadata.Weights, options.Weights.ToString());
        yield return new(OnnxMetadata.TrainingSeconds, _trainingSeconds.ToString("0.###", System.Globalization.CultureInfo.InvariantCulture));
        foreach ((string key, string value) in options.Metadata ?? new Dictionary<string, string>())
            yield return new(key, value);
    }
}
