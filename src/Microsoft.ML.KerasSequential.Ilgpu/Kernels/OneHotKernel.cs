using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>A row of zeros with a 1 at the index.</summary>
internal sealed class OneHotKernel : IKernel<LookupArguments>
{
    public static IEnumerable<GpuLaunch> Bind(Step step, GpuBinding binding)
    {
        (int rows, int columns) = binding.Matrix(step.Root);
        return rows * columns == 0 ? [] : [binding.Items<OneHotKernel, LookupArguments>((long)rows * columns, new()
        {
            Indices = binding.View(step.Macro!.Inputs[0]), Values = binding.View(step.Macro.Inputs[0]),
            Target = binding.View(step.Root), Flag = binding.Flag(step.Macro), Rows = rows, Columns = columns,
        })];
    }

    public static void Run(LookupArguments a)
    {
        for (int i = Items.First; i < a.Rows * a.Columns; i += Items.Stride)
        {
            int row = i / a.Columns;
            a.Target[i] = LookupArguments.Checked(a.Indices[row], a.Columns, a.Flag) == i - row * a.Columns ? 1f : 0f;
        }
    }
}
