using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Onnx;

namespace Microsoft.ML.KerasSequential.Ops;

/// <summary>The largest value that each window sees, each channel for itself: (batch, …places, channels) to (batch, …positions, channels). What lies beyond the edge does not count.</summary>
internal sealed record MaxPool(Windows Windows) : Op
{
    public override Dims Infer(IReadOnlyList<Tensor> inputs) =>
        new([.. new Patches(Windows, 0).Infer(inputs).Take(Windows.Values.Count + 1), inputs[0].Dims.Last]);
}

/// <summary>The gradient of <see cref="MaxPool"/>: of equal values in a window the first gets it, as in Keras. Inputs: the places, the largest values, the gradient by them.</summary>
[NoOnnx("the gradient of another operation")]
[NoGradient("second derivatives of a pooling")]
internal sealed record MaxPoolGradient(Windows Windows) : Op
{
    public override Dims Infer(IReadOnlyList<Tensor> inputs) => inputs[0].Dims;
}
