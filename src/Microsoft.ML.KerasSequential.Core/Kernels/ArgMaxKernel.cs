using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>The first index of the largest value of each row; the first NaN if there is one.</summary>
internal sealed unsafe class ArgMaxKernel(float* x, float* target, int rows, int columns) : RowKernel(rows, columns)
{
    public static Launch Bind(Step step, CpuBinding binding)
    {
        (int rows, int columns) = binding.Matrix(step.Macro!.Inputs[0]);
        return new ArgMaxKernel(binding.Address(step.Macro.Inputs[0]), binding.Address(step.Root), rows, columns);
    }

    protected override void Row<T>(int row) =>
        target[row] = System.Numerics.Tensors.TensorPrimitives.IndexOfMax(
            new ReadOnlySpan<float>(x + (nint)row * Columns, Columns));
}
