using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Onnx.Proto;

namespace Microsoft.ML.KerasSequential.Onnx;

/// <summary>
/// Creates a model from any graph that is a chain of layers, whatever tool wrote it. The value passed along the chain
/// may have its dimensions in a different order than the model's (<see cref="_view"/>): graphs transpose images to
/// channels first, and sequences to time steps first.
/// </summary>
internal sealed partial class ForeignModel
{
    // More values in one sample than any real model has.
    const long LargestSample = 1 << 28;

    readonly ModelProto _file;
    readonly OnnxArrays _arrays;
    readonly string _source;
    readonly int _opset;
    readonly Sequential _model;
    readonly Dictionary<string, List<NodeProto>> _readers = [];
    string _value;

    // The position of each dimension of the value in the model's output.
    int[] _view;

    // Whether a global pooling left dimensions of size 1 that the model's output does not have.
    bool _hasOnes;

    ForeignModel(Sequential model, ModelProto file, OnnxArrays arrays, string source)
    {
        (_model, _file, _arrays, _source) = (model, file, arrays, source);
        _opset = (int)Math.Clamp(file.OpsetImport.FirstOrDefault(o => o.Domain.Length == 0)?.Version ?? 1, 0, 1000);
        foreach (NodeProto node in file.Graph.Node)
            foreach (string input in node.Input.Distinct())
                if (input.Length > 0)
                    (_readers.TryGetValue(input, out List<NodeProto>? list) ? list : _readers[input] = []).Add(node);
        Shape input0 = OnnxReader.InputShape(file.Graph, source);
        _value = OnnxReader.Input(file.Graph, source).Name;
        _view = [.. Enumerable.Range(0, input0.Rank)];
        if (input0.Rank < 2)
            throw new NotSupportedException(
                $"{source}: the input has {input0.Rank} dimensions; a batch of samples must have at least two.");
        _model.Add(new InputLayer(inputShape: input0.WithoutBatch()));
        CheckSample();
    }

    public static Sequential Read(ModelProto file, OnnxArrays arrays, string source)
    {
        var model = new Sequential();
        try
        {
            new ForeignModel(model, file, arrays, source).Follow();
            return model;
        }
        catch (Exception e)
        {
            model.Dispose();
            // What a layer rejects is an error in the graph.
            if (e is ArgumentException or InvalidOperationException or OverflowException)
                throw new InvalidDataException($"{source}: {e.Message}", e);
            throw;
        }
    }

    void Follow()
    {
        string output = _file.Graph.Output is [var only] ? only.Name
            : throw new NotSupportedException(
                $"{_source}: the graph has {_file.Graph.Output.Count} outputs; a Sequential has one.");
        for (int nodes = _file.Graph.Node.Count; _value != output; nodes--)
        {
            if (nodes == 0) throw new InvalidDataException($"{_source} is damaged: its nodes form a cycle.");
            NodeProto node = Next()
                ?? throw new NotSupportedException($"{_source}: the graph is not a chain of layers; the value "
                    + $"\"{_value}\" does not lead to the output.");
            if (node.Domain is not ("" or "ai.onnx")) throw Unknown(node, $"its domain is {node.Domain}");
            if (!s_operators.TryGetValue(node.OpType, out Action<ForeignModel, NodeProto>? read))
                throw Unknown(node, "no layer matches it");
            if (node.Input.Count == 0 || node.Output.Count == 0)
                throw new InvalidDataException(
                    $"{_source} is damaged: the node \"{node.Name}\" has no input or no output.");
            read(this, node);
            CheckSample();
        }
        Turn();
        if (_model.Layers.Count == 0) throw new NotSupportedException($"{_source}: the graph has no layers.");
    }

    /// <summary>The only node that reads the value.</summary>
    NodeProto? Next() => !_readers.TryGetValue(_value, out List<NodeProto>? readers) ? null
        : readers is [var node] ? node
        : throw new NotSupportedException($"{_source}: the graph is not a chain of layers; the value \"{_value}\" goes "
            + $"to {readers.Count} nodes ({string.Join(", ", readers.Select(r => r.OpType))}).");

    void Add(Layer layer, params NDArray[] weights)
    {
        _model.Add(layer);
        if (weights.Length > 0) layer.SetWeights(weights);
    }

    void Goes(NodeProto node) => _value = node.Output[0];

    int Rank => _model.OutputShape.Rank;

    int? Size(int axis) => _model.OutputShape[axis];

    void CheckSample()
    {
        double size = _model.OutputShape.Skip(1).Aggregate(1.0, (product, d) => product * (d ?? 1));
        if (size > LargestSample)
            throw new InvalidDataException(
                $"{_source} is damaged: a sample of shape {_model.OutputShape} would have {size:0} values.");
    }

    // ── The order of the dimensions
    // ─────────────────────────────────────────────────────────────────────────────────────

    bool IsPlain => _view.Select((d, i) => d == i).All(same => same);

    bool HasChannelsFirst => Rank > 2 && _view.SequenceEqual([0, Rank - 1, .. Enumerable.Range(1, Rank - 2)]);

    bool HasStepsFirst => _view is [1, 0, 2];

    /// <summary>Converts the model's output to the graph's order of dimensions.</summary>
    void Turn()
    {
        if (_hasOnes)
            throw new NotSupportedException(
                $"{_source}: the result of a global pooling must be flattened before \"{_value}\" is used.");
        if (IsPlain) return;
        if (_view[0] != 0)
            throw new NotSupportedException(
                $"{_source}: the value \"{_value}\" does not have the batch as its first axis, as all layers require.");
        Add(new Permute([.. _view.Skip(1)]));
        _view = [.. Enumerable.Range(0, Rank)];
    }

    /// <summary>The data format for a spatial layer that takes the model's output unchanged: channels last if the graph
    /// transposed it, otherwise channels first.</summary>
    string DataFormat()
    {
        if (HasChannelsFirst) return "channels_last";
        Turn();
        return "channels_first";
    }

    int[] Places(string format) =>
        [.. (format == "channels_last" ? _model.OutputShape.Skip(1).SkipLast(1) : _model.OutputShape.Skip(2))
            .Select(d => d
                ?? throw new NotSupportedException(
                    $"{_source}: convolutions need an input of known sizes; given {_model.OutputShape}."))];

    // ── Attributes and inputs of nodes
    // ──────────────────────────────────────────────────────────────────────────────────────────────────

    NotSupportedException Unknown(NodeProto node, string why) =>
        new($"{_source}: the node \"{node.Name}\" ({node.OpType}) cannot be converted to a layer: {why}.");

    static AttributeProto? Attribute(NodeProto node, string name) => node.Attribute.FirstOrDefault(a => a.Name == name);

    static float Number(NodeProto node, string name, float missing) => Attribute(node, name) is { } a ? a.F : missing;

    static long Integer(NodeProto node, string name, long missing) => Attribute(node, name) is { } a ? a.I : missing;

    static string Word(NodeProto node, string name, string missing) =>
        Attribute(node, name) is { } a ? a.S.ToStringUtf8() : missing;

    int[] Integers(NodeProto node, string name, Func<int[]> missing)
    {
        if (Attribute(node, name) is not { } attribute) return missing();
        if (attribute.Ints.Any(i => i is < int.MinValue or > int.MaxValue))
            throw new InvalidDataException(
                $"{_source} is damaged: {name} of the node \"{node.Name}\" is {string.Join(", ", attribute.Ints)}.");
        return [.. attribute.Ints.Select(i => (int)i)];
    }

    static bool Has(NodeProto node, int input) => input < node.Input.Count && node.Input[input].Length > 0;

    NDArray Constant(NodeProto node, int input) =>
        _arrays.Has(node.Input[input]) ? _arrays.Floats(node.Input[input])
        : throw Unknown(node, $"its input {input} is computed");

    /// <summary>Axes or sizes, which are attributes in older operators and inputs in newer ones.</summary>
    long[]? Integers(NodeProto node, int input, string attribute)
    {
        if (Attribute(node, attribute) is { } given) return [.. given.Ints];
        if (!Has(node, input)) return null;
        return _arrays.Has(node.Input[input]) ? _arrays.Integers(node.Input[input])
            : throw Unknown(node, $"its input {input} is computed");
    }

    void Require(NodeProto node, bool condition, string why)
    {
        if (!condition) throw Unknown(node, why);
    }
}
