using Microsoft.ML.KerasSequential.Onnx.Proto;

namespace Microsoft.ML.KerasSequential.Onnx;

/// <summary>A network as nodes and initializers, for a file of its own or for a larger graph to take in.</summary>
/// <param name="Nodes">The operators, in an order that can be computed.</param>
/// <param name="Initializers">The weights and constants.</param>
/// <param name="Weights">Which initializers hold weights, and along which dimension each is scaled where it is stored as whole numbers (−1 for none).</param>
/// <param name="Input">The input's name, type and sizes.</param>
/// <param name="Output">The output's name, type and sizes.</param>
/// <param name="Opset">The version of the operators.</param>
internal sealed record OnnxGraph(IReadOnlyList<NodeProto> Nodes, IReadOnlyList<TensorProto> Initializers, IReadOnlyDictionary<string, int> Weights, ValueInfoProto Input, ValueInfoProto Output, int Opset);
