using System.Globalization;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Onnx.Proto;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Onnx;

/// <summary>
/// Writes a graph with ONNX operators. Each tensor is interpreted as the largest unit that ONNX has an operator for:
/// what its layer declares (<see cref="Tensor.Meaning"/>), a product with its bias, or the plain operation. Whatever
/// depends only on weights is computed at export.
/// </summary>
/// <remarks>
/// Values of convolutions exist with channels first, as in ONNX, with channels last, as here, or both; they are
/// transposed only if an operation needs the other order, so a chain of convolutions, activations and pooling contains
/// no transpositions.
/// </remarks>
internal sealed partial class OnnxWriter(OnnxOptions options)
{
    // The order of the dimensions, the element type.
    sealed class Forms
    {
        public string? Natural, ChannelsFirst, Truth;
    }

    /// <summary>How a tensor is written: as an operation or a composite, with its inputs.</summary>
    readonly record struct Reading(object What, IReadOnlyList<Tensor> Inputs);

    /// <summary>An operation followed by a bias, the last input.</summary>
    sealed record Biased(object Inner);

    readonly Dictionary<Tensor, Forms> _values = new(ReferenceEqualityComparer.Instance);
    readonly Dictionary<Tensor, Reading> _readings = new(ReferenceEqualityComparer.Instance);
    readonly Dictionary<Tensor, int> _uses = new(ReferenceEqualityComparer.Instance);
    readonly HashSet<Variable> _counts = [];
    readonly HashSet<string> _kept = [];
    readonly HashSet<Tensor> _constants = new(ReferenceEqualityComparer.Instance);
    readonly HashSet<Tensor> _weights = new(ReferenceEqualityComparer.Instance);
    readonly Dictionary<(Tensor, int), string> _parts = [];
    readonly HashSet<(Tensor, int)> _wantedParts = [];
    readonly Dictionary<Symbol, (string Value, int Axis)> _symbols = [];
    readonly Dictionary<object, string> _cache = [];
    readonly HashSet<string> _names = [];
    readonly List<NodeProto> _outermost = [];
    readonly List<TensorProto> _initializers = [];
    readonly Dictionary<string, int> _weightAxes = [];
    List<NodeProto> _nodes = null!;
    string _path = "";

    /// <summary>The nodes and initializers of a network, with the names of its input and output.</summary>
    /// <param name="input">The placeholder that the network reads.</param>
    /// <param name="output">The tensor that the network computes.</param>
    /// <param name="inputName">The input's name in the file.</param>
    /// <param name="outputName">The output's name in the file.</param>
    /// <exception cref="NotSupportedException">An operation has no ONNX equivalent; the message names its
    /// layer.</exception>
    public OnnxGraph Write(Tensor input, Tensor output, string inputName, string outputName)
    {
        _nodes = _outermost;
        _names.UnionWith([inputName, outputName]);
        _values[input] = new() { Natural = inputName };
        Place(input.Dims, inputName);
        Emit([output]);
        Rename(output, outputName);
        Prune(outputName);
        return new(_outermost, _initializers, _weightAxes, ValueInfo(inputName, input.Dims),
            ValueInfo(outputName, output.Dims), options.Opset);
    }

    void Emit(IReadOnlyList<Tensor> roots)
    {
        foreach (Tensor node in Topology.Order(roots))
        {
            if (IsConstant(node)) _constants.Add(node);
            if (node is Variable || node.Inputs.Any(_weights.Contains)) _weights.Add(node);
            foreach (Tensor used in node.Inputs) _uses[used] = _uses.GetValueOrDefault(used) + 1;
        }
        List<Tensor> order = Topology.Order(roots, node => IsKnown(node) ? [] : Read(node).Inputs);
        foreach (Tensor node in order)
            if (node.Op is Part part) _wantedParts.Add((node.Inputs[0], part.Index));
        foreach (Tensor node in order)
            if (!IsKnown(node)) Convert(node);
    }

    /// <summary>Whether a tensor depends on no input, random number or variable size, so that it can be computed at
    /// export.</summary>
    bool IsConstant(Tensor node) => node.Op is not (Placeholder or RandomOp or CustomForward or Ops.SizeOf)
        && node.Dims.All(d => d.Constant is not null) && node.Inputs.All(_constants.Contains);

    bool IsKnown(Tensor node) => _constants.Contains(node) || _values.ContainsKey(node);

    void Convert(Tensor node)
    {
        Reading reading = Read(node);
        _path = node.Name.LastIndexOf('/') is >= 0 and var slash ? node.Name[..slash] : node.Name;
        if (!s_operators.TryGetValue(reading.What.GetType(), out Action<OnnxWriter, Tensor, Reading>? write))
            throw Impossible(node, reading.What);
        write(this, node, reading);
        if (_values.TryGetValue(node, out Forms? forms) && (forms.Natural ?? forms.Truth) is { } name)
            Place(node.Dims, name);
    }

    static NotSupportedException Impossible(Tensor node, object what)
    {
        string name = (what as Op)?.Name ?? what.GetType().Name;
        string why = what.GetType().GetCustomAttributes(typeof(NoOnnxAttribute), false) is [NoOnnxAttribute attribute]
            ? $": {attribute.Reason}" : "";
        return new($"{LayerOf(node)} cannot be exported to ONNX: it uses {name}{why}.");
    }

    static string LayerOf(Tensor node) =>
        node.Name.Contains('/', StringComparison.Ordinal) ? $"Layer {node.Name[..node.Name.LastIndexOf('/')]}"
        : $"The operation {node.Name}";

    // ── Interpreting tensors
    // ────────────────────────────────────────────────────────────────────────────────────────────

    Reading Read(Tensor node)
    {
        if (_readings.TryGetValue(node, out Reading known)) return known;
        return _readings[node] = node.Meaning is { } meaning && CanSay(node, meaning.Composite)
            ? new(meaning.Composite, meaning.Inputs)
            : WithBias(node)
            // The second input is only for gradients.
            ?? (node.Op is Elementwise { Kind: ElementwiseKind.StraightThrough }
                ? new(new Elementwise(ElementwiseKind.Identity), [node.Inputs[0]])
                : node.Op is Recurrent ? ReadRecurrent(node) : IsBackAgain(node)
                ? new(new Elementwise(ElementwiseKind.Identity), node.Inputs[0].Inputs) : new(node.Op, node.Inputs));
    }

    bool CanSay(Tensor node, Composite composite) => composite switch
    {
        NamedFunction function => function.Since <= options.Opset,
        SoftmaxAlong => options.Opset >= 13,
        BatchNormalized batch => batch.Axis == 1 || batch.Axis == node.Rank - 1,
        LayerNormalized => options.Opset >= 17,
        _ => true,
    };

    /// <summary>Whether a tensor is transposed and back again, as sequences between two recurrent layers.</summary>
    static bool IsBackAgain(Tensor node) =>
        node.Op is Transpose transpose && node.Inputs[0].Op is Transpose before
        && transpose.Inverse().Equals(before.Axes);

    /// <summary>A product or convolution with the constant added to its channels, if nothing else needs the result
    /// without it.</summary>
    Reading? WithBias(Tensor node)
    {
        if (node.Op is not Elementwise { Kind: ElementwiseKind.Add }) return null;
        for (int side = 0; side < 2; side++)
        {
            (Tensor sum, Tensor bias) = (node.Inputs[side], node.Inputs[1 - side]);
            if (_constants.Contains(sum) || !_constants.Contains(bias) || bias.Rank != 1
                || !bias.Dims[0].Equals(sum.Dims[^1]) || _uses[sum] > 1 || sum.Dims.Rank != node.Rank)
                continue;
            Reading inner = Read(sum);
            if (inner.What is Convolve or DepthwiseConvolution or GroupedConvolution or TransposedConvolution
                || (inner.What is MatMul && _constants.Contains(inner.Inputs[1])))
                return new(new Biased(inner.What), [.. inner.Inputs, bias]);
        }
        return null;
    }

    // ── Values
    // ──────────────────────────────────────────────────────────────────────────────────────────────────────────

    /// <summary>A value in this library's order of dimensions.</summary>
    string In(Tensor tensor)
    {
        if (_constants.Contains(tensor)) return Constant(tensor);
        Forms forms = _values[tensor];
        if (forms.Natural is null && forms.ChannelsFirst is not null)
            return forms.Natural = Node("Transpose", [forms.ChannelsFirst], ("perm", ToLast(tensor.Rank)));
        return forms.Natural ??= Node("Cast", [forms.Truth!], ("to", (int)TensorProto.Types.DataType.Float));
    }

    /// <summary>A value with channels first.</summary>
    string InFirst(Tensor tensor)
    {
        Forms forms = _values[tensor];
        return forms.ChannelsFirst ??= Node("Transpose", [In(tensor)], ("perm", ToFirst(tensor.Rank)));
    }

    /// <summary>A value as a Boolean: whether it is not 0.</summary>
    string InTruth(Tensor tensor)
    {
        if (_constants.Contains(tensor))
            return Node("Cast", [Constant(tensor)], ("to", (int)TensorProto.Types.DataType.Bool));
        return _values[tensor].Truth ??= Node("Cast", [In(tensor)], ("to", (int)TensorProto.Types.DataType.Bool));
    }

    /// <summary>Whether the tensor exists only with channels first.</summary>
    bool IsFirst(Tensor tensor) =>
        tensor.Rank >= 3 && _values.TryGetValue(tensor, out Forms? forms)
        && forms is { ChannelsFirst: not null, Natural: null, Truth: null };

    /// <summary>Whether an elementwise operation keeps channels first: an input has them, and the others can.</summary>
    bool StaysFirst(IReadOnlyList<Tensor> inputs)
    {
        int rank = inputs.Max(i => i.Rank);
        return inputs.Any(i => IsFirst(i) && i.Rank == rank)
            && inputs.All(i => _constants.Contains(i) || i.Rank == rank || i.Rank == 0);
    }

    string InFirst(Tensor tensor, int rank) =>
        _constants.Contains(tensor) ? FirstConstant(tensor, rank) : tensor.Rank == 0 ? In(tensor) : InFirst(tensor);

    void Out(Tensor node, string name) => FormsOf(node).Natural = name;

    void OutFirst(Tensor node, string name) => FormsOf(node).ChannelsFirst = name;

    void OutTruth(Tensor node, string name) => FormsOf(node).Truth = name;

    /// <summary>Makes a tensor an alias of another.</summary>
    void OutAlias(Tensor node, Tensor same) =>
        _values[node] = _constants.Contains(same) ? new() { Natural = Constant(same) } : _values[same];

    Forms FormsOf(Tensor node) => _values.TryGetValue(node, out Forms? forms) ? forms : _values[node] = new();

    static int[] ToFirst(int rank) => [0, rank - 1, .. Enumerable.Range(1, rank - 2)];

    static int[] ToLast(int rank) => [0, .. Enumerable.Range(2, rank - 2), 1];

    /// <summary>The position of a dimension with channels first.</summary>
    static int FirstAxis(int axis, int rank) => axis == 0 ? 0 : axis == rank - 1 ? 1 : axis + 1;

    // ── Nodes
    // ───────────────────────────────────────────────────────────────────────────────────────────────────────────

    string Node(string operation, IEnumerable<string> inputs,
        params ReadOnlySpan<(string Name, object Value)> attributes) => Nodes(operation, inputs, [true], attributes)[0];

    /// <summary>Writes a node with several outputs, some of which may be unused.</summary>
    string[] Nodes(string operation, IEnumerable<string> inputs, bool[] wanted,
        params ReadOnlySpan<(string Name, object Value)> attributes)
    {
        string name = NewName($"{_path}/{operation}");
        var node = new NodeProto { OpType = operation, Name = name };
        node.Input.AddRange(inputs);
        while (node.Input.Count > 0 && node.Input[^1].Length == 0) node.Input.RemoveAt(node.Input.Count - 1);
        string[] outputs = [.. wanted.Select((w, i) => w ? $"{name}:{i.ToString(CultureInfo.InvariantCulture)}" : "")];
        node.Output.AddRange(outputs);
        while (node.Output[^1].Length == 0) node.Output.RemoveAt(node.Output.Count - 1);
        foreach ((string key, object value) in attributes) node.Attribute.Add(OnnxAttributes.Of(key, value));
        _nodes.Add(node);
        return outputs;
    }

    string NewName(string wish)
    {
        string name = wish;
        for (int i = 1; !_names.Add(name); i++) name = $"{wish}_{i.ToString(CultureInfo.InvariantCulture)}";
        return name;
    }

    /// <summary>Gives the network's output the requested name.</summary>
    void Rename(Tensor output, string name)
    {
        string own = In(output);
        if (_outermost.Find(n => n.Output.Contains(own)) is not { } source)
        {
            _path = name;
            _nodes.Add(
                new NodeProto
                {
                    OpType = "Identity",
                    Name = NewName($"{name}/Identity"),
                    Input = { own },
                    Output = { name }
                });
            return;
        }
        source.Output[source.Output.IndexOf(own)] = name;
        foreach (NodeProto node in _outermost)
            for (int i = 0; i < node.Input.Count; i++)
                if (node.Input[i] == own) node.Input[i] = name;
    }

    /// <summary>Removes what nothing reads: zero states, with which recurrent operators start anyway.</summary>
    void Prune(string output)
    {
        var read = new HashSet<string>(_kept) { output };
        for (int i = _outermost.Count - 1; i >= 0; i--)
        {
            if (_outermost[i].Output.Any(read.Contains)) read.UnionWith(KerasOnnx.Reads(_outermost[i]));
            else _outermost.RemoveAt(i);
        }
        _initializers.RemoveAll(t => !read.Contains(t.Name));
    }

    // ── Constants
    // ───────────────────────────────────────────────────────────────────────────────────────────────────────

    string Constant(Tensor tensor) => Constant(tensor, null);

    /// <summary>Stores a constant that depends only on weights and numbers, arranged as the operator
    /// requires.</summary>
    string Constant(Tensor tensor, Func<Tensor, Tensor>? arrange, string? label = null)
    {
        if (arrange is null && _cache.TryGetValue(tensor, out string? known)) return known;
        NDArray value = Value(arrange is null ? tensor : arrange(tensor));
        string wish = label is not null ? $"{_path}/{label}" : tensor is Variable variable ? variable.Name
            : $"{_path}/constant";
        string name = !_weights.Contains(tensor) ? Number(value, wish) : Keep(value, wish);
        if (arrange is null) _cache[tensor] = name;
        return name;
    }

    /// <summary>Stores a weight tensor as the options specify; scaled along an axis if it is quantized.</summary>
    string Weight(Tensor tensor, Func<Tensor, Tensor>? arrange, int channelAxis, string? label = null)
    {
        NDArray value = Value(arrange is null ? tensor : arrange(tensor));
        string wish = label is not null ? $"{_path}/{label}" : tensor is Variable variable ? variable.Name
            : $"{_path}/kernel";
        // Layers that share weights also share the tensor.
        object key = (tensor, wish, channelAxis);
        if (_cache.TryGetValue(key, out string? known)) return known;
        string name = NewName(wish);
        if (_weights.Contains(tensor)) _weightAxes[name] = channelAxis;
        switch (options.Weights)
        {
            case OnnxWeights.Float16 when Quantized.FitsHalf(value):
                _initializers.Add(OnnxTensors.Half(name, value));
                return _cache[key] = Outermost(() =>
                    Node("Cast", [name], ("to", (int)TensorProto.Types.DataType.Float)));
            case OnnxWeights.Int8:
                return _cache[key] = Outermost(() => ScaledBack(name, value, channelAxis));
            default:
                _initializers.Add(OnnxTensors.Float(name, value));
                return _cache[key] = name;
        }
    }

    string ScaledBack(string name, NDArray value, int axis)
    {
        (string whole, string scales, NDArray scaleValues) = Whole(name, value, axis);
        if (options.Opset >= 13) return Node("DequantizeLinear", [whole, scales], ("axis", axis));
        int[] along = [.. Enumerable.Range(0, value.Rank).Select(i => i == axis ? value.Shape[i] : 1)];
        return Node("Mul",
            [Node("Cast", [whole], ("to", (int)TensorProto.Types.DataType.Float)),
                Number(scaleValues.Reshape(along), $"{name}_scale")]);
    }

    (string Whole, string Scales, NDArray ScaleValues) Whole(string name, NDArray value, int axis)
    {
        (sbyte[] whole, NDArray scales) = Quantized.ByChannel(value, axis);
        (string wholeName, string scaleName) = (NewName($"{name}_quantized"), NewName($"{name}_scale"));
        _initializers.Add(OnnxTensors.Int8(wholeName, value.Shape, whole));
        _initializers.Add(OnnxTensors.Float(scaleName, scales));
        return (wholeName, scaleName, scales);
    }

    string Keep(NDArray value, string wish)
    {
        string name = NewName(wish);
        _initializers.Add(OnnxTensors.Float(name, value));
        _weightAxes[name] = -1;
        return name;
    }

    /// <summary>Stores a constant that is not a weight; equal ones are stored once.</summary>
    string Number(NDArray value, string wish)
    {
        byte[] hash = System.Security.Cryptography.SHA256.HashData(
            System.Runtime.InteropServices.MemoryMarshal.AsBytes(value.Span));
        string key = $"{Shape.Format(value.Shape)} {System.Convert.ToHexString(hash)}";
        if (_cache.TryGetValue(key, out string? known)) return known;
        string name = NewName(wish);
        _initializers.Add(OnnxTensors.Float(name, value));
        return _cache[key] = name;
    }

    string Number(float value) => Number(new NDArray([value], []), value.ToString(CultureInfo.InvariantCulture));

    string Integers(params long[] values) => Integers([values.Length], values);

    string Integers(int[] shape, long[] values)
    {
        string key = $"int64 {string.Join(',', shape)}: {string.Join(',', values)}";
        if (_cache.TryGetValue(key, out string? known)) return known;
        string name = NewName(values.Length == 0 ? "[]" : string.Join('_', values));
        _initializers.Add(OnnxTensors.Int64(name, shape, values));
        return _cache[key] = name;
    }

    string FirstConstant(Tensor tensor, int rank)
    {
        if (tensor.Dims.Size.Constant == 1) return Constant(tensor, x => K.Flatten(x));
        return Constant(tensor,
            x => K.PermuteDimensions(
                new Tensor(new Reshape(new([.. Enumerable.Repeat((Dim)1, rank - x.Rank), .. x.Dims])), x),
                ToFirst(rank)));
    }

    /// <summary>Computes a tensor that needs no input.</summary>
    static NDArray Value(Tensor tensor) => tensor switch
    {
        Variable variable => variable.GetValue(),
        { Op: Constant constant } => constant.Value,
        { Op: Scalar scalar } => new NDArray([scalar.Value], []),
        _ => K.Evaluate(tensor),
    };

    // ── Shapes
    // ──────────────────────────────────────────────────────────────────────────────────────────────────────────

    /// <summary>Remembers where variable sizes can be read.</summary>
    void Place(Dims dims, string value)
    {
        if (_nodes != _outermost) return;
        for (int i = 0; i < dims.Rank; i++)
            if (dims[i].Symbol is { } symbol) _symbols.TryAdd(symbol, (value, i));
    }

    /// <summary>Sizes as an integer vector.</summary>
    string SizesOf(Dims dims)
    {
        if (dims.All(d => d.Constant is not null)) return Integers([.. dims.Select(d => (long)d.Constant!.Value)]);
        return dims.Rank == 1 ? SizeOf(dims[0]) : Node("Concat", [.. dims.Select(SizeOf)], ("axis", 0));
    }

    /// <summary>A size as a vector of one integer.</summary>
    string SizeOf(Dim dim)
    {
        if (dim.Constant is int constant) return Integers(constant);
        string? product = dim.Factor == 1 ? null : Integers(dim.Factor);
        foreach (Symbol symbol in dim.Symbols)
        {
            string size = SizeOf(symbol);
            product = product is null ? size : Node("Mul", [product, size]);
        }
        return product!;
    }

    string SizeOf(Symbol symbol)
    {
        if (_cache.TryGetValue(symbol, out string? known)) return known;
        (string value, int axis) = _symbols[symbol];
        return _cache[symbol] = Outermost(() => Node("Gather", [Node("Shape", [value]), Integers(axis)], ("axis", 0)));
    }

    /// <summary>Writes nodes outside any loop, where the whole graph can see them.</summary>
    string Outermost(Func<string> write)
    {
        List<NodeProto> inner = _nodes;
        _nodes = _outermost;
        string name = write();
        _nodes = inner;
        return name;
    }

    static ValueInfoProto ValueInfo(string name, Dims dims)
    {
        var shape = new TensorShapeProto();
        foreach (Dim dim in dims)
            shape.Dim.Add(dim.Constant is int size ? new TensorShapeProto.Types.Dimension { DimValue = size }
                : new TensorShapeProto.Types.Dimension { DimParam = dim.ToString() });
        return new()
        {
            Name = name,
            Type = new() { TensorType = new() { ElemType = (int)TensorProto.Types.DataType.Float, Shape = shape } }
        };
    }
}
