using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Onnx;

namespace Microsoft.ML.KerasSequential.Ops;

/// <summary>
/// Combines the results that devices computed from their shares of a batch, in the order of the devices. On a single
/// device it is the value itself.
/// </summary>
[NoOnnx("an exchange between devices in training")]
[NoGradient("inserted after the gradients")]
internal sealed record AcrossDevices(ReduceKind Kind) : Op
{
    public override Dims Infer(IReadOnlyList<Tensor> inputs) => inputs[0].Dims;
}
