using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>A row of zeros with a 1 at the index.</summary>
internal sealed class OneHotKernel : IKernel<RowArguments>
{
    public static IEnumerable<GpuLaunch> Bind(Step step, GpuBinding binding)
    {
        (int rows, int columns) = binding.Matrix(step.Root);
        ILGPU.ArrayView<float> indices = binding.View(step.Macro!.Inputs[0]);
        return rows * columns == 0 ? [] : [binding.Items<OneHotKernel, RowArguments>((long)rows * columns, new() { A = indices, B = indices, C = indices, Target = binding.View(step.Root), Rows = rows, Columns = columns })];
    }

    public static void Run(RowArguments a)
    {
        for (int i = Items.First; i < a.Rows * a.Columns; i += Items.Stride)
        {
            int row = i / a.Columns;
            float index = a.A[row];
            bool known = index >= 0f && index < a.Columns;
            a.Target[i] = known && (int)index == i - row * a.Columns ? 1f : 0f;
        }
    }
}
