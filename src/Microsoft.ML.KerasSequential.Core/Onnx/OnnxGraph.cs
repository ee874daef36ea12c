using Microsoft.ML.KerasSequential.Onnx.Proto;

namespace Microsoft.ML.KerasSequential.Onnx;

/// <summary>A network as nodes and initializers, for a separate file or to embed in a larger graph.</summary>
/// <param name="Nodes">The operators, in topological order.</param>
/// <param name="Initializers">The weights and constants.</param>
/// <param name="Weights">The initializers that hold weights, and the axis along which each is scaled if it is quantized
/// (−1 for none).</param>
/// <param name="Input">The input's name, type and shape.</param>
/// <param name="Output">The output's name, type and shape.</param>
/// <param name="Opset">The operator set version.</param>
internal sealed record OnnxGraph(IReadOnlyList<NodeProto> Nodes, IReadOnlyList<TensorProto> Initializers,
    IReadOnlyDictionary<string, int> Weights, ValueInfoProto Input, ValueInfoProto Output, int Opset);
