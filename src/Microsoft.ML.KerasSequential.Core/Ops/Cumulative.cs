using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Onnx;

namespace Microsoft.ML.KerasSequential.Ops;

/// <summary>What has come together up to each place along one dimension, from its begin or from its end.</summary>
internal abstract record Cumulative(int Axis, bool Backward) : Op
{
    public override Dims Infer(IReadOnlyList<Tensor> inputs) => inputs[0].Dims;
}

/// <summary>The sums up to each place.</summary>
internal sealed record CumulativeSum(int Axis, bool Backward = false) : Cumulative(Axis, Backward);

/// <summary>The products up to each place.</summary>
internal sealed record CumulativeProduct(int Axis, bool Backward = false) : Cumulative(Axis, Backward);

/// <summary>
/// The gradient of <see cref="CumulativeProduct"/>, without a division, so that zeros are no exception: the product
/// before a place, times what the products behind it
/// bring. Inputs: the factors, the gradient by the products.
/// </summary>
[NoOnnx("the gradient of another operation")]
[NoGradient("second derivatives of products along an axis")]
internal sealed record CumulativeProductGradient(int Axis, bool Backward = false) : Cumulative(Axis, Backward);
