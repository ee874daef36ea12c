using Microsoft.ML.KerasSequential.Graphs;

namespace Microsoft.ML.KerasSequential.Ops;

/// <summary>
/// A square matrix with 1 on and below the diagonal and 0 above it, which tells which time steps come before which.
/// </summary>
[NoGradient("a constant, except for its size")]
internal sealed record LowerTriangle(Dim Size) : Op
{
    public override Dims Infer(IReadOnlyList<Tensor> inputs) => new(Size, Size);
}
