using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>
/// The first index of the largest value of each row; the first NaN if there is one. One thread per row, which suits
/// metrics over a few classes.
/// </summary>
internal sealed class ArgMaxKernel : IKernel<RowArguments>
{
    public static IEnumerable<GpuLaunch> Bind(Step step, GpuBinding binding)
    {
        (int rows, int columns) = binding.Matrix(step.Macro!.Inputs[0]);
        ILGPU.ArrayView<float> x = binding.View(step.Macro.Inputs[0]);
        return rows == 0 ? [] : [binding.Items<ArgMaxKernel, RowArguments>(rows,
            new() { A = x, B = x, C = x, Target = binding.View(step.Root), Rows = rows, Columns = columns })];
    }

    public static void Run(RowArguments a)
    {
        for (int row = Items.First; row < a.Rows; row += Items.Stride)
        {
            long start = (long)row * a.Columns;
            int best = a.Columns > 0 ? 0 : -1;
            for (int i = 1; i < a.Columns; i++)
            {
                float value = a.A[start + i], largest = a.A[start + best];
                bool wins = value > largest || (float.IsNaN(value) && !float.IsNaN(largest));
                if (wins) best = i;
            }
            a.Target[row] = best;
        }
    }
}
