extern alias internals;

using System.Runtime.InteropServices;
using Microsoft.ML.KerasSequential.Onnx.Proto;
using Microsoft.ML.KerasSequential.Reading;
using Microsoft.ML.KerasSequential.Scoring;
using DataType = Microsoft.ML.KerasSequential.Onnx.Proto.TensorProto.Types.DataType;
using InternalContext = internals::Microsoft.ML.Model.OnnxConverter.OnnxContext;
using InternalNode = internals::Microsoft.ML.Model.OnnxConverter.OnnxNode;

namespace Microsoft.ML.KerasSequential.Onnx;

/// <summary>A network's part of a pipeline's graph, ML.NET's or <see cref="PipelineGraph"/>: the features combined to
/// one input, the network, and its output converted to columns.</summary>
internal sealed class ScoreGraph
{
    readonly InternalContext _graph;
    readonly Sequential _model;
    readonly ScorerState _state;
    readonly IReadOnlyList<ScoreColumn> _columns;
    readonly string _features;

    ScoreGraph(InternalContext graph, Sequential model, ScorerState state, DataViewSchema input,
        IReadOnlyList<ScoreColumn> columns)
    {
        (_graph, _model, _state, _columns) = (graph, model, state, columns);
        _features = Features(input);
    }

    /// <summary>Whether the network ends in a sigmoid.</summary>
    public bool EndsInSigmoid => _model.EndsInSigmoid;

    /// <summary>The number of outputs of the network per row.</summary>
    public int Outputs => NetworkScores.ShapeFor(_model, _state.SampleShape).Aggregate(1, (p, d) => p * d);

    /// <summary>Whether the network's outputs are logits.</summary>
    public bool TakesLogits => _state.TakesLogits;

    /// <summary>Writes a scorer into a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="model">The network.</param>
    /// <param name="state">The task and its columns.</param>
    /// <param name="input">The input columns.</param>
    /// <param name="columns">The output columns.</param>
    /// <exception cref="NotSupportedException">A layer, or an input column, cannot be exported.</exception>
    public static void Write(InternalContext graph, Sequential model, ScorerState state, DataViewSchema input,
        IReadOnlyList<ScoreColumn> columns)
    {
        graph.CheckOpSetVersion(OnnxOptions.MinOpset, nameof(KerasSequentialTransformer));
        state.Task.Write(new(graph, model, state, input, columns));
    }

    /// <summary>The value of an output column, for the node that computes it.</summary>
    public string Column(int index) => _graph.AddIntermediateVariable(_columns[index].Type, _columns[index].Name);

    /// <summary>Writes the network.</summary>
    /// <param name="into">The value for its output; a new one if null.</param>
    /// <param name="logits">Whether to omit the final sigmoid.</param>
    /// <returns>The output's value.</returns>
    public string Network(string? into = null, bool logits = false)
    {
        OnnxGraph network = _model.OnnxGraph(
            new()
            {
                Opset = OnnxOptions.MinOpset,
                InputShape = _model.FirstText is { KeepsShape: false } ? null
                    : new([.. _state.SampleShape.Select(d => (int?)d)]),
                TextInput = _model.FirstText is null ? null : true,
                InputName = "(features)",
                OutputName = "(output)"
            }, logits);
        var values = new Dictionary<string, string>
        {
            [""] = "",
            [network.Input.Name] = _features,
            [network.Output.Name] = into ?? Inner("output")
        };
        foreach (TensorProto tensor in network.Initializers) values[tensor.Name] = Keep(tensor);
        foreach (NodeProto node in network.Nodes)
        {
            string[] inputs = [.. node.Input.Select(i => values[i])],
                outputs = [
                    .. node.Output.Select(o =>
                        values.TryGetValue(o, out string? known) ? known : values[o] = Inner(o))];
            InternalNode written = _graph.CreateNode(node.OpType, inputs, outputs, _graph.GetNodeName(Path(node.Name)),
                node.Domain);
            foreach (AttributeProto attribute in node.Attribute) Copy(attribute, written, node);
        }
        return values[network.Output.Name];
    }

    /// <summary>Writes an operator with one output.</summary>
    /// <param name="operation">The operator's name in ONNX.</param>
    /// <param name="inputs">The operator's inputs.</param>
    /// <param name="into">The value for its output; a new one if null.</param>
    /// <param name="attributes">The operator's attributes: integers, or lists of them.</param>
    /// <returns>The output's value.</returns>
    public string Node(string operation, IReadOnlyList<string> inputs, string? into = null,
        params ReadOnlySpan<(string Name, object Value)> attributes)
    {
        into ??= Inner(operation);
        InternalNode node = _graph.CreateNode(operation, inputs, [into], _graph.GetNodeName(Path(operation)), "");
        foreach ((string name, object value) in attributes)
        {
            if (value is int number) node.AddAttribute(name, number);
            else node.AddAttribute(name, (long[])value);
        }
        return into;
    }

    /// <summary>Writes a type conversion.</summary>
    public string Cast(string value, DataType type, string? into = null) =>
        Node("Cast", [value], into, ("to", (int)type));

    /// <summary>Adds a number as a constant.</summary>
    public string Number(float value) => _graph.AddInitializer([value], [1], Path("number"));

    /// <summary>Adds integers as a constant.</summary>
    public string Integers(params long[] values) => _graph.AddInitializer(values, [values.Length], Path("numbers"));

    /// <summary>Combines the feature columns to one value in the shape of the network's input.</summary>
    string Features(DataViewSchema input)
    {
        FeatureColumns columns = FeatureColumns.Find(input, _state.FeatureColumnNames, _state.SampleShape,
            _model.FirstText);
        string[] values = [.. columns.In(input).Select(Feature)];
        long[] sample = _model.FirstText is { KeepsShape: false } ? [-1, 1]
            : [-1, .. _state.SampleShape.Select(d => (long)d)];
        if (values is [var only]) return Node("Reshape", [only, Integers(sample)]);
        // Whatever ML.NET's writers produce for a column, it is a vector here: their one-hot columns have one more
        // dimension than the type.
        string[] flat = [.. values.Zip(columns.Sizes, (value, size) => Node("Reshape", [value, Integers(-1, size)]))];
        string all = Node("Concat", flat, null, ("axis", 1));
        return sample.Length == 2 ? all : Node("Reshape", [all, Integers(sample)]);
    }

    /// <summary>The value of a column, as numbers or text.</summary>
    string Feature(DataViewSchema.Column column)
    {
        // PipelineGraph knows why a column is lost; ML.NET's own graph does not.
        if (_graph is not PipelineGraph && !_graph.ContainsColumn(column.Name))
            throw new NotSupportedException($"The network's column \"{column.Name}\" cannot be exported to ONNX: the "
                + "transformer that creates it has no ONNX equivalent.");
        string value = _graph.GetVariableName(column.Name);
        return OnnxTypes.Of(column.Type) is DataType.Float or DataType.String ? value : Cast(value, DataType.Float);
    }

    string Keep(TensorProto tensor) => (DataType)tensor.DataType switch
    {
        DataType.Float => _graph.AddInitializer(MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray(),
            tensor.Dims, Path(tensor.Name)),
        DataType.Int64 => _graph.AddInitializer(MemoryMarshal.Cast<byte, long>(tensor.RawData.Span).ToArray(),
            tensor.Dims, Path(tensor.Name)),
        DataType other => throw new NotSupportedException(
            $"{_model.Name}: a constant of {other} cannot be written to a pipeline's graph."),
    };

    void Copy(AttributeProto attribute, InternalNode node, NodeProto source)
    {
        switch (attribute.Type)
        {
            case AttributeProto.Types.AttributeType.Float:
                node.AddAttribute(attribute.Name, (double)attribute.F);
                break;
            case AttributeProto.Types.AttributeType.Int:
                node.AddAttribute(attribute.Name, attribute.I);
                break;
            case AttributeProto.Types.AttributeType.String:
                node.AddAttribute(attribute.Name, attribute.S.ToStringUtf8());
                break;
            case AttributeProto.Types.AttributeType.Floats:
                node.AddAttribute(attribute.Name, attribute.Floats);
                break;
            case AttributeProto.Types.AttributeType.Ints:
                node.AddAttribute(attribute.Name, attribute.Ints);
                break;
            case AttributeProto.Types.AttributeType.Strings:
                node.AddAttribute(attribute.Name, attribute.Strings.Select(s => s.ToStringUtf8()));
                break;
            default:
                throw new NotSupportedException($"{source.Name} is a {source.OpType} with a {attribute.Type} "
                    + "attribute, which the graph of an ML.NET pipeline cannot contain; export only the network "
                    + "(transformer.ToOnnx).");
        }
    }

    string Inner(string name) => _graph.AddIntermediateVariable(null, Path(name), skip: true);

    /// <summary>A name that no data column has.</summary>
    string Path(string name) => $"{_model.Name}/{name}";
}
