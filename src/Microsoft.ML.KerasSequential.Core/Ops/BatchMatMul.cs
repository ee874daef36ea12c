using Microsoft.ML.KerasSequential.Graphs;

namespace Microsoft.ML.KerasSequential.Ops;

/// <summary>
/// Matrix products one by one: (…, m, k) · (…, k, n), with equal leading dimensions. Either matrix may be transposed.
/// </summary>
internal sealed record BatchMatMul(bool TransposeA, bool TransposeB) : Op, IProductOp
{
    public FloatPrecision? Precision { get; } = TraceScope.Current?.Precision;

    public override Dims Infer(IReadOnlyList<Tensor> inputs)
    {
        Dims a = inputs[0].Dims, b = inputs[1].Dims;
        bool fits = a.Rank >= 3 && a.Rank == b.Rank && Dims.MayEqual(new([.. a.SkipLast(2)]), new([.. b.SkipLast(2)]))
            && Dim.MayEqual(a[a.Rank - (TransposeA ? 2 : 1)], b[b.Rank - (TransposeB ? 1 : 2)]);
        if (!fits)
            throw new ArgumentException($"BatchMatMul: the shapes {inputs[0].Shape}{(TransposeA ? "ᵀ" : "")} · " +
                $"{inputs[1].Shape}{(TransposeB ? "ᵀ" : "")} are incompatible.");
        return new([.. a.SkipLast(2), a[a.Rank - (TransposeA ? 1 : 2)], b[b.Rank - (TransposeB ? 2 : 1)]]);
    }
}
