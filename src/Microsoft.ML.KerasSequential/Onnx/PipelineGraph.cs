extern alias internals;

using System.Globalization;
using Google.Protobuf;
using Microsoft.ML.Data;
using Microsoft.ML.KerasSequential.Onnx.Proto;
using DataType = Microsoft.ML.KerasSequential.Onnx.Proto.TensorProto.Types.DataType;
using InternalContext = internals::Microsoft.ML.Model.OnnxConverter.OnnxContext;
using InternalNode = internals::Microsoft.ML.Model.OnnxConverter.OnnxNode;
using InternalVersion = internals::Microsoft.ML.Model.OnnxConverter.OnnxVersion;

namespace Microsoft.ML.KerasSequential.Onnx;

/// <summary>The graph to which the transformers of a pipeline write themselves in order; at any time, a column is a
/// value of the graph or cannot be computed in it.</summary>
internal sealed class PipelineGraph : InternalContext
{
    /// <summary>The operator set that ML.NET's transformers write.</summary>
    public const int Opset = 12;

    /// <summary>The domain of the operators for classical machine learning.</summary>
    public const string MachineLearning = "ai.onnx.ml";

    readonly Dictionary<string, string> _columns = [];
    readonly Dictionary<string, List<long>> _shapes = [];
    readonly Dictionary<string, string> _lost = [];
    readonly HashSet<string> _values = [], _nodes = [];

    /// <summary>The nodes and initializers written so far.</summary>
    public GraphProto Graph { get; } = new();

    /// <summary>The operator set versions, by domain, that the nodes need.</summary>
    public IEnumerable<OperatorSetIdProto> Opsets =>
        Graph.Node.Select(n => n.Domain).Append("").Distinct().Order(StringComparer.Ordinal)
        .Select(
            domain => new OperatorSetIdProto
            {
                Domain = domain,
                Version = domain switch { "" => Opset, MachineLearning => 2, _ => 1 }
            });

    /// <summary>Adds a source column as an input.</summary>
    public void AddInput(DataViewSchema.Column column)
    {
        string name = NewValue(column.Name);
        (_columns[column.Name], _shapes[name]) = (name, OnnxTypes.ShapeOf(column.Type));
        Graph.Input.Add(OnnxTypes.ValueInfo(name, column.Type));
    }

    /// <summary>Adds a column's value as an output.</summary>
    public void AddOutput(DataViewSchema.Column column)
    {
        string name = NewValue($"{column.Name}.output");
        CreateNode("Identity", [GetVariableName(column.Name)], [name], GetNodeName("Identity"), "");
        Graph.Output.Add(OnnxTypes.ValueInfo(name, column.Type));
    }

    /// <summary>Records why a column cannot be computed; a value with its name belongs to another column.</summary>
    public void Lose(string column, string why)
    {
        _columns.Remove(column);
        _lost[column] = why;
    }

    /// <summary>Why a column cannot be computed, or null if it can.</summary>
    public string? WhyLost(string column) => _lost.GetValueOrDefault(column);

    /// <summary>The value of a column, or null.</summary>
    public string? ValueOf(string column) => _columns.GetValueOrDefault(column);

    /// <summary>Sets the value of a column.</summary>
    public void SetValue(string column, string value) => _columns[column] = value;

    /// <summary>Whether a value is computed.</summary>
    public bool IsComputed(string value) =>
        Graph.Node.Any(n => n.Output.Contains(value)) || Graph.Input.Any(i => i.Name == value)
        || Graph.Initializer.Any(i => i.Name == value);

    /// <summary>An unused value name.</summary>
    public string NewValue(string wish) => New(_values, wish);

    public override string GetNodeName(string prefix) => New(_nodes, prefix);

    public override bool IsVariableDefined(string variableName) => _values.Contains(variableName);

    public override bool ContainsColumn(string colName) => _columns.ContainsKey(colName);

    public override void CheckOpSetVersion(int thisTransformerMinumumOpSetVersion, string registerTransformerName)
    {
        if (thisTransformerMinumumOpSetVersion > Opset)
            throw new NotSupportedException($"{registerTransformerName} requires ONNX opset "
                + $"{thisTransformerMinumumOpSetVersion}; pipelines are exported with opset {Opset}.");
    }

    // Value names are never reused: what a writer gave up may already have nodes.
    public override void RemoveColumn(string colName, bool removeVariable = false) => _columns.Remove(colName);

    public override void RemoveVariable(string variableName, bool removeColumn)
    {
        if (!removeColumn) return;
        foreach (string column in _columns.Where(c => c.Value == variableName).Select(c => c.Key).ToArray())
            _columns.Remove(column);
    }

    // Unused inputs are removed at the end anyway.
    public override void RemoveInputVariable(string variableName)
    {
    }

    public override string GetVariableName(string colName) => ValueOf(colName)
        ?? throw new NotSupportedException(
            $"The column \"{colName}\" cannot be exported to ONNX: {WhyLost(colName) ?? "nothing creates it"}.");

    public override string AddIntermediateVariable(DataViewType? type, string colName, bool skip = false)
    {
        string name = NewValue(colName);
        _columns[colName] = name;
        _lost.Remove(colName);
        if (type is not null && !skip) _shapes[name] = OnnxTypes.ShapeOf(type);
        return name;
    }

    public override InternalNode CreateNode(string opType, IEnumerable<string> inputs, IEnumerable<string> outputs,
        string name, string? domain = null)
    {
        var node = new NodeProto { OpType = opType, Name = name, Domain = domain ?? MachineLearning };
        node.Input.AddRange(inputs);
        node.Output.AddRange(outputs);
        Graph.Node.Add(node);
        return new PipelineNode(node);
    }

    public override InternalVersion GetOnnxVersion() => InternalVersion.Stable;

    public override List<long>? RetrieveShapeOrNull(string variableName) => _shapes.GetValueOrDefault(variableName);

    public override string AddInitializer(bool value, string? name = null, bool makeUniqueName = true) =>
        AddInitializer([value], [], name, makeUniqueName);

    public override string AddInitializer(float value, string? name = null, bool makeUniqueName = true) =>
        AddInitializer([value], [], name, makeUniqueName);

    public override string AddInitializer(int value, Type type, string? name = null, bool makeUniqueName = true) =>
        AddInitializer([value], type, [], name, makeUniqueName);

    public override string AddInitializer(string value, string? name = null, bool makeUniqueName = true) =>
        AddInitializer([value], [], name, makeUniqueName);

    public override string AddInitializer(long value, string? name = null, bool makeUniqueName = true) =>
        AddInitializer([value], [], name, makeUniqueName);

    public override string AddInitializer(double value, string? name = null, bool makeUniqueName = true) =>
        AddInitializer([value], [], name, makeUniqueName);

    public override string AddInitializer(ulong value, bool isUint64, string? name = null,
        bool makeUniqueName = true) => AddInitializer([value], isUint64, [], name, makeUniqueName);

    public override string AddInitializer(IEnumerable<bool> values, IEnumerable<long> dims, string? name = null,
        bool makeUniqueName = true) =>
        Keep(DataType.Bool, dims, name, makeUniqueName, t => t.Int32Data.AddRange(values.Select(v => v ? 1 : 0)));

    public override string AddInitializer(IEnumerable<float> values, IEnumerable<long> dims, string? name = null,
        bool makeUniqueName = true) =>
        Keep(DataType.Float, dims, name, makeUniqueName, t => t.FloatData.AddRange(values));

    public override string AddInitializer(IEnumerable<int> values, Type type, IEnumerable<long> dims,
        string? name = null, bool makeUniqueName = true) =>
        Keep(OnnxTypes.Of(type), dims, name, makeUniqueName, t => t.Int32Data.AddRange(values));

    public override string AddInitializer(IEnumerable<string> values, IEnumerable<long> dims, string? name = null,
        bool makeUniqueName = true) =>
        Keep(DataType.String, dims, name, makeUniqueName,
            t => t.StringData.AddRange(values.Select(ByteString.CopyFromUtf8)));

    public override string AddInitializer(IEnumerable<long> values, IEnumerable<long> dims, string? name = null,
        bool makeUniqueName = true) =>
        Keep(DataType.Int64, dims, name, makeUniqueName, t => t.Int64Data.AddRange(values));

    public override string AddInitializer(IEnumerable<double> values, IEnumerable<long> dims, string? name = null,
        bool makeUniqueName = true) =>
        Keep(DataType.Double, dims, name, makeUniqueName, t => t.DoubleData.AddRange(values));

    public override string AddInitializer(IEnumerable<ulong> values, bool isUint64, IEnumerable<long> dims,
        string? name = null, bool makeUniqueName = true) =>
        Keep(isUint64 ? DataType.Uint64 : DataType.Uint32, dims, name, makeUniqueName,
            t => t.Uint64Data.AddRange(values));

    string Keep(DataType type, IEnumerable<long> dims, string? name, bool makeUniqueName, Action<TensorProto> fill)
    {
        name ??= "constant";
        if (makeUniqueName) name = NewValue(name);
        else if (!_values.Add(name)) return name;
        var tensor = new TensorProto { Name = name, DataType = (int)type };
        tensor.Dims.AddRange(dims);
        fill(tensor);
        Graph.Initializer.Add(tensor);
        return name;
    }

    static string New(HashSet<string> taken, string wish)
    {
        string name = wish;
        for (int i = 1; !taken.Add(name); i++) name = $"{wish}_{i.ToString(CultureInfo.InvariantCulture)}";
        return name;
    }
}
