using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Onnx;

namespace Microsoft.ML.KerasSequential.Ops;

/// <summary>The results that devices made from their shares of a batch, as one, in the order of the devices. On a single device it is the value itself.</summary>
[NoOnnx("what several devices do in training")]
[NoGradient("put in behind the gradients")]
internal sealed record AcrossDevices(ReduceKind Kind) : Op
{
    public override Dims Infer(IReadOnlyList<Tensor> inputs) => inputs[0].Dims;
}
