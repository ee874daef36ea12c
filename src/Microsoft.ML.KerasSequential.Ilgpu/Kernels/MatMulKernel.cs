using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>
/// C = A·B in tiles: both factors go through shared memory, the sums stay in registers, and a fused expression is
/// applied to them before they are written.
/// </summary>
internal static class MatMulKernel
{
    public static IEnumerable<GpuLaunch> Bind(Step step, GpuBinding binding)
    {
        Tensor node = step.Macro!, a = node.Inputs[0], b = node.Inputs[1];
        var op = (MatMul)node.Op;
        (int aRows, int aColumns) = binding.Matrix(a);
        (int bRows, int bColumns) = binding.Matrix(b);
        (int rows, int inner) = op.TransposeA ? (aColumns, aRows) : (aRows, aColumns);
        var size = new ProductSize(rows, op.TransposeB ? bRows : bColumns, inner);
        return Product(StridedFactor.Of(binding.View(a), aColumns, op.TransposeA),
            StridedFactor.Of(binding.View(b), bColumns, op.TransposeB), size, Epilogue.Of(step, binding), binding);
    }

    /// <summary>The launches of one product, or of many of the same size.</summary>
    public static IEnumerable<GpuLaunch> Product<TA, TB>(TA a, TB b, ProductSize size, Epilogue epilogue,
        GpuBinding binding)
        where TA : struct, IFactor where TB : struct, IFactor => Products.Of<TA, TB>(a, b, size, epilogue, binding);
}

/// <summary>The sizes of a product, (rows, inner) · (inner, columns), and how many there are.</summary>
internal readonly record struct ProductSize(int Rows, int Columns, int Inner, int Batch = 1)
{
    public int Results => Rows * Columns;

    /// <summary>The distance between rows of the result, if it is part of something wider.</summary>
    public int ResultStride { get; init; } = Columns;
}
