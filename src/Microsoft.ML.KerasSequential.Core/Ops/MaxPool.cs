using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Onnx;

namespace Microsoft.ML.KerasSequential.Ops;

/// <summary>
/// The largest value in each window, channel by channel: (batch, …spatial, channels) to (batch, …positions, channels).
/// Padding does not count.
/// </summary>
internal sealed record MaxPool(Windows Windows) : Op
{
    public override Dims Infer(IReadOnlyList<Tensor> inputs) =>
        new([.. new Patches(Windows, 0).Infer(inputs).Take(Windows.Values.Count + 1), inputs[0].Dims.Last]);
}

/// <summary>
/// The gradient of <see cref="MaxPool"/>: among equal values in a window the first one gets it, as in Keras. Inputs:
/// the pooling's input, the largest values, the gradient with respect to them.
/// </summary>
[NoOnnx("the gradient of another operation")]
[NoGradient("second derivatives of pooling")]
internal sealed record MaxPoolGradient(Windows Windows) : Op
{
    public override Dims Infer(IReadOnlyList<Tensor> inputs) => inputs[0].Dims;
}
