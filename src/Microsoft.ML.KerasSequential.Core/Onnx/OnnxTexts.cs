using Google.Protobuf;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Onnx.Proto;
using AttributeType = Microsoft.ML.KerasSequential.Onnx.Proto.AttributeProto.Types.AttributeType;
using DataType = Microsoft.ML.KerasSequential.Onnx.Proto.TensorProto.Types.DataType;

namespace Microsoft.ML.KerasSequential.Onnx;

/// <summary>How a layer turns texts into numbers, as far as ONNX has operators for it.</summary>
/// <param name="Keys">The texts with numbers of their own.</param>
/// <param name="Numbers">Their numbers.</param>
/// <param name="Unknown">The number of any other text.</param>
/// <param name="Lowers">Whether texts are converted to lowercase first.</param>
/// <param name="Splits">Whether texts are split at spaces; the empty text then pads the tokens.</param>
/// <param name="Length">The number of tokens of each sample, or null if it is that of the longest one; for layers that
/// keep the shape, there is one number for each text.</param>
/// <param name="Padding">The number that pads the tokens.</param>
internal sealed record OnnxLookup(IReadOnlyList<string> Keys, IReadOnlyList<float> Numbers, float Unknown,
    bool Lowers = false, bool Splits = false, int? Length = null, float Padding = 0);

/// <summary>Adds what turns texts into numbers to the front of a network's graph.</summary>
internal sealed class OnnxTexts
{
    /// <summary>The domain of the operator that looks up texts.</summary>
    public const string MachineLearning = "ai.onnx.ml";

    /// <summary>The version of the domain that has this operator.</summary>
    public const int MachineLearningVersion = 2;

    /// <summary>The first operator set that splits texts.</summary>
    public const int SplitsFrom = 20;

    readonly List<NodeProto> _nodes = [];
    readonly List<TensorProto> _constants = [];
    readonly string _path;

    OnnxTexts(string path) => _path = path;

    /// <summary>The graph with texts as its input.</summary>
    /// <param name="graph">The graph that reads numbers.</param>
    /// <param name="layer">The layer that creates them.</param>
    /// <param name="lookup">How it does.</param>
    /// <param name="input">The name of the input.</param>
    public static OnnxGraph Prepend(OnnxGraph graph, TextLayer layer, OnnxLookup lookup, string input)
    {
        var texts = new OnnxTexts(layer.Name);
        texts.Write(layer, lookup, input, graph.Input.Name);
        ValueInfoProto given = graph.Input.Clone();
        given.Name = input;
        given.Type.TensorType.ElemType = (int)DataType.String;
        if (!layer.KeepsShape) given.Type.TensorType.Shape.Dim[1] = new() { DimValue = 1 };
        return graph with
        {
            Nodes = [.. texts._nodes, .. graph.Nodes],
            Initializers = [.. graph.Initializers, .. texts._constants],
            Input = given,
        };
    }

    void Write(TextLayer layer, OnnxLookup lookup, string input, string output)
    {
        string value = input;
        if (lookup.Lowers)
        {
            value = Node("StringNormalizer", [Node("Reshape", [value, Integers(-1)])], null,
                Text("case_change_action", "LOWER"), Text("locale", "C"));
            value = Node("Reshape", [value, Integers(-1, 1)]);
        }
        if (lookup.Splits)
        {
            value = Node("Reshape", [value, Integers(-1)]);
            // Without a delimiter, ONNX Runtime splits at spaces only. The words are then split at the other
            // characters.
            foreach (string delimiter in new[] { "", "\t", "\n", "\v", "\f", "\r" }) value = Split(value, delimiter);
            value = Together(Node("Flatten", [value], null, Number("axis", 1)));
        }
        var keys = new AttributeProto { Name = "keys_strings", Type = AttributeType.Strings };
        keys.Strings.AddRange(lookup.Keys.Select(ByteString.CopyFromUtf8));
        var numbers = new AttributeProto { Name = "values_floats", Type = AttributeType.Floats };
        numbers.Floats.AddRange(lookup.Numbers);
        bool isDone = layer.KeepsShape;
        value = Node("LabelEncoder", [value], isDone ? output : null, keys, numbers,
            new() { Name = "default_float", Type = AttributeType.Float, F = lookup.Unknown });
        if (isDone) return;
        string padding = Number(lookup.Padding);
        if (lookup.Length is int length)
        {
            value = Node("Pad", [value, Integers(0, 0, 0, length), padding]);
            Node("Slice", [value, Integers(0), Integers(length), Integers(1)], output);
            return;
        }
        // At least one column, as in the layer.
        string size = Node("Gather", [Node("Shape", [value]), Integers(1)], null, Number("axis", 0));
        string missing = Node("Max", [Node("Sub", [Integers(1), size]), Integers(0)]);
        string pads = Node("Concat", [Integers(0, 0, 0), missing], null, Number("axis", 0));
        Node("Pad", [value, pads, padding], output);
    }

    string Split(string value, string delimiter)
    {
        string tokens = Node("StringSplit", [value], null, delimiter.Length == 0 ? [] : [Text("delimiter", delimiter)]);
        _nodes[^1].Output.Add($"{tokens}/counts");
        return tokens;
    }

    /// <summary>Moves the empty texts of each sample, which pad the splits, to its end, and cuts off what is empty in
    /// all samples.</summary>
    string Together(string tokens)
    {
        var key = new AttributeProto { Name = "keys_strings", Type = AttributeType.Strings };
        key.Strings.Add(ByteString.Empty);
        var one = new AttributeProto { Name = "values_floats", Type = AttributeType.Floats };
        one.Floats.Add(1);
        string isEmpty = Node("LabelEncoder", [tokens], null, key, one,
            new() { Name = "default_float", Type = AttributeType.Float, F = 0 });
        string size = Node("Gather", [Node("Shape", [tokens]), Integers(1)], null, Number("axis", 0));
        string number = Node("Cast", [size], null, Number("to", (int)DataType.Float));
        string places = Node("CumSum", [Node("Expand", [Number(1), Node("Shape", [tokens])]), Integers(1)]);
        string order = Node("TopK", [Node("Add", [places, Node("Mul", [isEmpty, number])]), size], null,
            Number("axis", 1), Number("largest", 0));
        _nodes[^1].Output.Add($"{order}/indices");
        string sorted = Node("GatherElements", [tokens, $"{order}/indices"], null, Number("axis", 1));
        string counts = Node("Sub", [number, Node("ReduceSum", [isEmpty, Integers(1)])]);
        string most = Node("Cast", [Node("ReduceMax", [counts, Integers(0, 1)], null, Number("keepdims", 0))], null,
            Number("to", (int)DataType.Int64));
        return Node("Slice", [sorted, Integers(0), Node("Reshape", [most, Integers(1)]), Integers(1)]);
    }

    string Node(string operation, string[] inputs, string? output = null, params AttributeProto[] attributes)
    {
        string name = $"{_path}/{operation}_{_nodes.Count}";
        output ??= name;
        var node = new NodeProto
        {
            OpType = operation,
            Name = name,
            Domain = operation == "LabelEncoder" ? MachineLearning : ""
        };
        node.Input.AddRange(inputs);
        node.Output.Add(output);
        node.Attribute.AddRange(attributes);
        _nodes.Add(node);
        return output;
    }

    string Integers(params long[] values)
    {
        string name = $"{_path}/integers_{_constants.Count}";
        _constants.Add(OnnxTensors.Int64(name, [values.Length], values));
        return name;
    }

    string Number(float value)
    {
        string name = $"{_path}/number_{_constants.Count}";
        _constants.Add(OnnxTensors.Float(name, new NDArray([value], [])));
        return name;
    }

    static AttributeProto Number(string name, int value) =>
        new() { Name = name, Type = AttributeType.Int, I = value };

    static AttributeProto Text(string name, string value) =>
        new() { Name = name, Type = AttributeType.String, S = ByteString.CopyFromUtf8(value) };
}
