using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>A row of zeros with a 1 at the index.</summary>
internal sealed unsafe class OneHotKernel(float* indices, float* target, float* flag, int rows, int depth)
    : RowKernel(rows, depth)
{
    public static Launch Bind(Step step, CpuBinding binding)
    {
        (int rows, int columns) = binding.Matrix(step.Root);
        return new OneHotKernel(binding.Address(step.Macro!.Inputs[0]), binding.Address(step.Root),
            binding.Flag(step.Macro), rows, columns);
    }

    protected override void Row<T>(int row)
    {
        var to = new Span<float>(target + (nint)row * Columns, Columns);
        to.Clear();
        float index = Numbers.Checked(indices[row], Columns, flag);
        if (index >= 0f) to[(int)index] = 1f;
    }
}
