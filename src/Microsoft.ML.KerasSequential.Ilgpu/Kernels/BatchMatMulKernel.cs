using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>Many products of the same size in one launch.</summary>
internal static class BatchMatMulKernel
{
    public static IEnumerable<GpuLaunch> Bind(Step step, GpuBinding binding)
    {
        Tensor node = step.Macro!, a = node.Inputs[0], b = node.Inputs[1];
        var op = (BatchMatMul)node.Op;
        (int Rows, int Columns) left = Last(a, binding), right = Last(b, binding);
        var size = new ProductSize(op.TransposeA ? left.Columns : left.Rows, op.TransposeB ? right.Rows : right.Columns,
            op.TransposeA ? left.Rows : left.Columns, binding.Evaluate(node.Dims.Product(0, node.Rank - 2)));
        return MatMulKernel.Product(
            StridedFactor.Of(binding.View(a), left.Columns, op.TransposeA, left.Rows * left.Columns),
            StridedFactor.Of(binding.View(b), right.Columns, op.TransposeB, right.Rows * right.Columns), size,
            Epilogue.Plain(binding, binding.View(node)), binding);
    }

    static (int Rows, int Columns) Last(Tensor tensor, GpuBinding binding) =>
        (binding.Evaluate(tensor.Dims[tensor.Rank - 2]), binding.Evaluate(tensor.Dims.Last));
}
