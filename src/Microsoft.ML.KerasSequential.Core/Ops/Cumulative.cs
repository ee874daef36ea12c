using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Onnx;

namespace Microsoft.ML.KerasSequential.Ops;

/// <summary>A cumulative operation along one dimension, from its start or from its end.</summary>
internal abstract record Cumulative(int Axis, bool Backward) : Op
{
    public override Dims Infer(IReadOnlyList<Tensor> inputs) => inputs[0].Dims;
}

/// <summary>Cumulative sums.</summary>
internal sealed record CumulativeSum(int Axis, bool Backward = false) : Cumulative(Axis, Backward);

/// <summary>Cumulative products.</summary>
internal sealed record CumulativeProduct(int Axis, bool Backward = false) : Cumulative(Axis, Backward);

/// <summary>
/// The gradient of <see cref="CumulativeProduct"/>, without division, so that zeros are not a special case: the product
/// before a position times the contribution of the products after it. Inputs: the factors, the gradient with respect to
/// the products.
/// </summary>
[NoOnnx("the gradient of another operation")]
[NoGradient("second derivatives of products along an axis")]
internal sealed record CumulativeProductGradient(int Axis, bool Backward = false) : Cumulative(Axis, Backward);
