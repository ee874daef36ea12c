using Microsoft.ML.Data;
using Microsoft.ML.KerasSequential.Onnx.Proto;
using AttributeType = Microsoft.ML.KerasSequential.Onnx.Proto.AttributeProto.Types.AttributeType;
using DataType = Microsoft.ML.KerasSequential.Onnx.Proto.TensorProto.Types.DataType;

namespace Microsoft.ML.KerasSequential.Onnx;

/// <content>Corrections to single nodes.</content>
internal sealed partial class WriterMends
{
    // 1 if a hashed value exists, 0 if it is missing.
    string? _isKnown;

    /// <summary>Gathers slots of all rows: GatherElements returns one element per index, and has the indices of one
    /// row.</summary>
    void Gather(NodeProto node)
    {
        TensorProto slots = Constant(node.Input[1])!;
        node.OpType = "Gather";
        slots.Dims.Clear();
        slots.Dims.Add(slots.Int64Data.Count);
    }

    /// <summary>A column without selected slots is a single 0 in each row.</summary>
    void Repeat(NodeProto node, TensorProto constant, DataViewSchema.Column column)
    {
        string sizes = Add("Shape", [_read.Keys.First()]);
        string rows = Add("Gather", [sizes, graph.AddInitializer(new long[] { 0 }, [1], "first")]);
        string shape = Add("Concat", [rows, graph.AddInitializer(new long[] { 1 }, [1], "one")], null, ("axis", 0));
        string value = Add("Cast", [constant.Name], null, ("to", (int)OnnxTypes.Of(column.Type)));
        Add("Expand", [value, shape], node.Output[0]);
    }

    /// <summary>
    /// A missing key has a missing value: empty text, NaN, or 0 if numbers cannot be missing. The ONNX default is the
    /// text "_Unused".
    /// </summary>
    static void SayMissing(NodeProto node, NodeProto[] written)
    {
        bool saysDefault = node.Attribute.Any(a => a.Name.StartsWith("default_", StringComparison.Ordinal));
        if (saysDefault || Attribute(node, "keys_int64s") is null) return;
        NodeProto? cast = Array.Find(written, n => n.OpType == "Cast" && n.Input[0] == node.Output[0]);
        bool isBoolean = cast is not null && (DataType)Attribute(cast, "to")!.I == DataType.Bool;
        if (Attribute(node, "values_strings") is not null) Set("default_string", cast is null ? "" : "0");
        else if (Attribute(node, "values_floats") is not null && !isBoolean) Set("default_float", float.NaN);

        void Set(string name, object value) => node.Attribute.Add(OnnxAttributes.Of(name, value));
    }

    /// <summary>The weights must be in the order of the n-grams in the pool, but are in that of the slots.</summary>
    static void OrderWeights(NodeProto node)
    {
        if (Attribute(node, "weights") is not { Type: AttributeType.Floats } weights) return;
        if (Attribute(node, "ngram_indexes") is not { } slots) return;
        float[] ordered = [.. slots.Ints.Select(slot => weights.Floats[(int)slot])];
        weights.Floats.Clear();
        weights.Floats.AddRange(ordered);
    }

    /// <summary>Concatenates vectors in their own type: FeatureVectorizer supports few types, and converts them to
    /// float32.</summary>
    static void Join(NodeProto node)
    {
        (node.OpType, node.Domain) = ("Concat", "");
        node.Attribute.Clear();
        node.Attribute.Add(OnnxAttributes.Of("axis", 1));
    }

    /// <summary>The hash of a missing value is a missing key.</summary>
    void RememberMissing(NodeProto node)
    {
        string value = node.Input[0];
        _isKnown = _read.TryGetValue(value, out DataViewType? type) ? OnnxTypes.Of(type) switch
        {
            DataType.String => IsText(value),
            DataType.Float or DataType.Double => IsNumber(value),
            _ => null,
        } : null;
    }

    string IsNumber(string value) =>
        Add("Cast", [Add("Not", [Add("IsNaN", [value])])], null, ("to", (int)DataType.Int64));

    /// <summary>1 for text, 0 for empty text. The ONNX comparison does not support text in this opset.</summary>
    string IsText(string value)
    {
        string known = Add("LabelEncoder", [value], null,
            ("keys_strings", new[] { "" }), ("values_int64s", new long[] { 0 }), ("default_int64", 1));
        graph.Graph.Node[^1].Domain = PipelineGraph.MachineLearning;
        return known;
    }

    /// <summary>The maximum norm is the largest absolute value; the operator uses the largest value.</summary>
    void DivideByLargest(NodeProto node)
    {
        string largest = Add("ReduceMax", [Add("Abs", [node.Input[0]])], null, ("axes", new long[] { 1 }));
        (node.OpType, node.Domain) = ("Div", "");
        node.Input.Add(Divisor(largest));
        node.Attribute.Clear();
    }

    /// <summary>The divisor; 1 instead of 0, because ML.NET leaves such rows unchanged.</summary>
    string Divisor(string value) =>
        Add("Where", [Add("Equal", [value, Number(0)]), Number(1), value]);

    string Number(float value) => graph.AddInitializer([value], [1], "number");
}
