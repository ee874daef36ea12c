using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>
/// Whether the target's prediction is among the K largest of its row; equal values do not push it out.
/// </summary>
internal sealed unsafe class InTopKKernel(float* predictions, float* targets, float* result, float* flag, int rows,
    int columns, int k) : RowKernel(rows, columns)
{
    public static Launch Bind(Step step, CpuBinding binding)
    {
        Tensor[] inputs = step.Macro!.Inputs;
        (int rows, int columns) = binding.Matrix(inputs[0]);
        return new InTopKKernel(binding.Address(inputs[0]), binding.Address(inputs[1]), binding.Address(step.Root),
            binding.Flag(step.Macro), rows, columns, ((InTopK)step.Macro.Op).K);
    }

    protected override void Row<T>(int row)
    {
        float* p = predictions + (nint)row * Columns;
        float target = Numbers.Checked(targets[row], Columns, flag);
        if (!(target >= 0f) || !float.IsFinite(p[(int)target]))
        {
            result[row] = 0f;
            return;
        }
        int larger = 0;
        for (int i = 0; i < Columns; i++)
            if (p[i] > p[(int)target]) larger++;
        result[row] = larger < k ? 1f : 0f;
    }
}
