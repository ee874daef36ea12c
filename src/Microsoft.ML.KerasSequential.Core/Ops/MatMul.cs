using Microsoft.ML.KerasSequential.Graphs;

namespace Microsoft.ML.KerasSequential.Ops;

/// <summary>
/// The matrix product. Each input is read as a matrix of all its leading dimensions by its last one; either may be
/// transposed. So (batch, time, in) · (in, out) is (batch, time, out), and its gradient with respect to the second
/// factor sums over batch and time.
/// </summary>
internal sealed record MatMul(bool TransposeA, bool TransposeB) : Op, IProductOp
{
    public FloatPrecision? Precision { get; } = TraceScope.Current?.Precision;

    public override Dims Infer(IReadOnlyList<Tensor> inputs)
    {
        Dims a = inputs[0].Dims, b = inputs[1].Dims;
        if (a.Rank < 2 || b.Rank < 2)
            throw new ArgumentException($"MatMul needs two tensors of at least 2 dimensions; given {inputs[0].Shape} " +
                $"and {inputs[1].Shape}.");
        Dim inner = TransposeA ? a.Product(0, a.Rank - 1) : a.Last;
        Dim other = TransposeB ? b.Last : b.Product(0, b.Rank - 1);
        if (!Dim.MayEqual(inner, other))
            throw new ArgumentException($"MatMul: the inner sizes differ: {inputs[0].Shape}{(TransposeA ? "ᵀ" : "")} " +
                $"· {inputs[1].Shape}{(TransposeB ? "ᵀ" : "")}.");
        Dim columns = TransposeB ? b.Product(0, b.Rank - 1) : b.Last;
        return TransposeA ? new(a.Last, columns) : new([.. a.Take(a.Rank - 1), columns]);
    }
}
