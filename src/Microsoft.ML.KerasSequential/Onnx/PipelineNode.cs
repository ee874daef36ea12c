extern alias internals;

using Microsoft.ML.KerasSequential.Onnx.Proto;
using InternalNode = internals::Microsoft.ML.Model.OnnxConverter.OnnxNode;

namespace Microsoft.ML.KerasSequential.Onnx;

/// <summary>A node of a pipeline's graph, as ML.NET's transformers set its attributes.</summary>
internal sealed class PipelineNode(NodeProto node) : InternalNode
{
    public override void AddAttribute(string argName, double value) => Add(argName, (float)value);

    public override void AddAttribute(string argName, long value) => Add(argName, value);

    public override void AddAttribute(string argName, ReadOnlyMemory<char> value) => Add(argName, value.ToString());

    public override void AddAttribute(string argName, string value) => Add(argName, value);

    public override void AddAttribute(string argName, bool value) => Add(argName, value ? 1 : 0);

    public override void AddAttribute(string argName, IEnumerable<double> value) =>
        Add(argName, value.Select(v => (float)v));

    public override void AddAttribute(string argName, IEnumerable<float> value) => Add(argName, value);

    public override void AddAttribute(string argName, IEnumerable<long> value) => Add(argName, value);

    public override void AddAttribute(string argName, IEnumerable<ReadOnlyMemory<char>> value) =>
        Add(argName, value.Select(v => v.ToString()));

    public override void AddAttribute(string argName, string[] value) => Add(argName, value);

    public override void AddAttribute(string argName, IEnumerable<string> value) => Add(argName, value);

    public override void AddAttribute(string argName, IEnumerable<bool> value) =>
        Add(argName, value.Select(v => v ? 1 : 0));

    public override void AddAttribute(string argName, Type t) => Add(argName, (int)OnnxTypes.Of(t));

    void Add(string name, object value) => node.Attribute.Add(OnnxAttributes.Of(name, value));
}
