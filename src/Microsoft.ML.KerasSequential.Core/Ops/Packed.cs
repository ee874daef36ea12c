using Microsoft.ML.KerasSequential.Graphs;

namespace Microsoft.ML.KerasSequential.Ops;

/// <summary>
/// The values of a packed tensor in float32, for operations whose kernels do not read its format. Tensors insert it
/// themselves.
/// </summary>
[NoGradient("packed weights are not trained")]
internal sealed record Unpack : Op
{
    public override Dims Infer(IReadOnlyList<Tensor> inputs) => inputs[0].Dims;

    public override bool Reads(int input, ValueFormat format) => true;
}

/// <summary>
/// The matrix product of integers from −128 to 127, whose sums are exact. Other values of the inputs are rounded to
/// such integers, NaN to 0. The first input is read as rows of its last dimension; the second, which may be transposed,
/// is usually a packed weight.
/// </summary>
[NoGradient("integers")]
internal sealed record IntegerMatMul(bool TransposeB) : Op
{
    public override Dims Infer(IReadOnlyList<Tensor> inputs) => new MatMul(false, TransposeB).Infer(inputs);

    public override bool Reads(int input, ValueFormat format) =>
        format == ValueFormat.Float32 || (input == 1 && format == ValueFormat.Int8);
}
