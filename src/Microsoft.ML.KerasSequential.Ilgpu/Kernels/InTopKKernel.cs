using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>
/// Whether the target's prediction is among the K largest of its row; equal values do not push it out.
/// </summary>
internal sealed class InTopKKernel : IKernel<LookupArguments>
{
    public static IEnumerable<GpuLaunch> Bind(Step step, GpuBinding binding)
    {
        Tensor[] inputs = step.Macro!.Inputs;
        (int rows, int columns) = binding.Matrix(inputs[0]);
        return rows == 0 ? [] : [binding.Items<InTopKKernel, LookupArguments>(rows, new()
        {
            Indices = binding.View(inputs[1]), Values = binding.View(inputs[0]), Target = binding.View(step.Root),
            Flag = binding.Flag(step.Macro), Rows = rows, Columns = columns, Number = ((InTopK)step.Macro.Op).K,
        })];
    }

    public static void Run(LookupArguments a)
    {
        for (int row = Items.First; row < a.Rows; row += Items.Stride)
        {
            long start = (long)row * a.Columns;
            int target = LookupArguments.Checked(a.Indices[row], a.Columns, a.Flag);
            float own = target >= 0 ? a.Values[start + target] : float.NaN;
            int larger = 0;
            for (int i = 0; i < a.Columns; i++)
                if (a.Values[start + i] > own) larger++;
            // Infinity minus infinity is NaN.
            bool finite = own - own == 0f;
            a.Target[row] = finite && larger < a.Number ? 1f : 0f;
        }
    }
}
