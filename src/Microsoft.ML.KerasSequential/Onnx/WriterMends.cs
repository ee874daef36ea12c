using Microsoft.ML.Data;
using Microsoft.ML.KerasSequential.Interop;
using Microsoft.ML.KerasSequential.Onnx.Proto;
using Microsoft.ML.KerasSequential.Reading;
using Microsoft.ML.Transforms;
using DataType = Microsoft.ML.KerasSequential.Onnx.Proto.TensorProto.Types.DataType;

namespace Microsoft.ML.KerasSequential.Onnx;

/// <summary>
/// Corrects what an ML.NET transformer writes, where it differs from what it computes: lost rows, shapes and types that
/// differ from the column's, missing values. ML.NET's writers expect columns to be vectors, so they get vectors; their
/// results get the shape of the column.
/// </summary>
/// <param name="graph">The graph to which the transformer writes itself.</param>
/// <param name="transformer">The transformer.</param>
internal sealed partial class WriterMends(PipelineGraph graph, ITransformer transformer)
{
    readonly Dictionary<string, DataViewType> _read = [];
    readonly Dictionary<string, (string Flat, string Whole)> _flattened = [];
    int _start;

    /// <summary>Provides the columns that a transformer reads as vectors, whatever their dimensions.</summary>
    public void Before(IEnumerable<DataViewSchema.Column> columns)
    {
        foreach (DataViewSchema.Column column in columns)
        {
            if (graph.ValueOf(column.Name) is not { } value) continue;
            if (SeveralDimensions(column.Type))
            {
                string flat = Reshape(value, [-1, ColumnReader.SizeOf(column.Type)!.Value]);
                graph.SetValue(column.Name, flat);
                _flattened[column.Name] = (flat, value);
                value = flat;
            }
            _read[value] = column.Type;
        }
        _start = graph.Graph.Node.Count;
    }

    /// <summary>Corrects the nodes written since, and sets the shapes of the columns that they create.</summary>
    public void After(IReadOnlyList<DataViewSchema.Column> made)
    {
        foreach ((string column, (string flat, string whole)) in _flattened)
            if (graph.ValueOf(column) == flat) graph.SetValue(column, whole);
        NodeProto[] written = [.. graph.Graph.Node.Skip(_start)];
        while (graph.Graph.Node.Count > _start) graph.Graph.Node.RemoveAt(graph.Graph.Node.Count - 1);
        // Word embeddings are written with operators that ONNX has removed.
        if (Array.Exists(written, n => n.OpType == "Scale"))
            foreach (DataViewSchema.Column column in made) graph.RemoveColumn(column.Name);
        else
            foreach (NodeProto node in written) Write(node, written, made);
    }

    void Write(NodeProto node, NodeProto[] written, IReadOnlyList<DataViewSchema.Column> made)
    {
        DataViewSchema.Column? column = made.Select(c => (DataViewSchema.Column?)c)
            .FirstOrDefault(c => graph.ValueOf(c!.Value.Name) is { } value && node.Output.Contains(value));
        switch (node.OpType)
        {
            case "GatherElements":
                Gather(node);
                break;
            case "Identity" when Constant(node.Input[0]) is { } constant && column is { } empty && _read.Count > 0:
                Repeat(node, constant, empty);
                return;
            case "Reshape" when Constant(node.Input[1]) is { } shape && Makes(written, node.Input[0], "Tokenizer"):
                // Keep the first dimension instead of 1.
                (shape.Int64Data[0], shape.Int64Data[1]) = (0, -1);
                break;
            case "LabelEncoder":
                SayMissing(node, written);
                break;
            case "Tokenizer" when Attribute(node, "mark")?.I == 1:
                // An empty text has no marks.
                _isKnown = IsText(node.Input[0]);
                break;
            case "TfIdfVectorizer":
                OrderWeights(node);
                break;
            case "FeatureVectorizer":
                Join(node);
                break;
            case "MurmurHash3":
                RememberMissing(node);
                break;
            case "Cast" when column is not null && _isKnown is not null:
                node.Input[0] = Add("Mul", [node.Input[0], _isKnown]);
                break;
            case "Normalizer" when Text(node, "norm") == "MAX":
                DivideByLargest(node);
                break;
            case "ReduceMax" when transformer is LpNormNormalizingTransformer:
                node.Input[0] = Add("Abs", [node.Input[0]]);
                break;
            case "Div" when transformer is LpNormNormalizingTransformer:
                node.Input[1] = Divisor(node.Input[1]);
                break;
        }
        Keep(node, column);
    }

    /// <summary>Keeps a node, and gives its result the type and shape of its column.</summary>
    void Keep(NodeProto node, DataViewSchema.Column? column)
    {
        graph.Graph.Node.Add(node);
        if (column is not { } made || ColumnReader.SizeOf(made.Type) is null) return;
        DataType type = OnnxTypes.Of(made.Type);
        // This operator converts all numbers to float32.
        if (node.OpType == "Scaler" && type != DataType.Float)
            Behind((inner, final) => Add("Cast", [inner], final, ("to", (int)type)));
        // Norms omit their factor.
        if (transformer is LpNormNormalizingTransformer norm && MLNet.ScaleOf(norm, made.Name) is not 1 and var scale)
            Behind((inner, final) => Add("Mul", [inner, graph.AddInitializer(scale, "scale")], final));
        if (node.OpType == "OneHotEncoder" || SeveralDimensions(made.Type))
            Behind((inner, final) => Reshape(inner, OnnxTypes.ShapeOf(made.Type), final));
    }

    /// <summary>Appends a node that replaces the result of the last one.</summary>
    void Behind(Func<string, string, string> write)
    {
        NodeProto last = graph.Graph.Node[^1];
        (string final, string inner) = (last.Output[0], graph.NewValue(last.Output[0]));
        last.Output[0] = inner;
        write(inner, final);
    }

    string Reshape(string value, List<long> shape, string? into = null) =>
        Add("Reshape", [value, graph.AddInitializer(shape, [shape.Count], "shape")], into);

    string Add(string operation, IReadOnlyList<string> inputs, string? into = null,
        params ReadOnlySpan<(string Name, object Value)> attributes)
    {
        var node = new NodeProto { OpType = operation, Name = graph.GetNodeName(operation) };
        node.Input.AddRange(inputs);
        node.Output.Add(into ?? graph.NewValue(operation));
        foreach ((string name, object value) in attributes) node.Attribute.Add(OnnxAttributes.Of(name, value));
        graph.Graph.Node.Add(node);
        return node.Output[0];
    }

    TensorProto? Constant(string value) => graph.Graph.Initializer.FirstOrDefault(t => t.Name == value);

    static bool SeveralDimensions(DataViewType type) =>
        type is VectorDataViewType { IsKnownSize: true, Dimensions.Length: > 1 };

    static bool Makes(NodeProto[] nodes, string value, string operation) =>
        Array.Exists(nodes, n => n.OpType == operation && n.Output.Contains(value));

    static AttributeProto? Attribute(NodeProto node, string name) => node.Attribute.FirstOrDefault(a => a.Name == name);

    static string? Text(NodeProto node, string name) => Attribute(node, name)?.S.ToStringUtf8();
}
