using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>Whether the target's prediction is among the K largest of its row; values that equal it do not push it out.</summary>
internal sealed class InTopKKernel : IKernel<RowArguments>
{
    public static IEnumerable<GpuLaunch> Bind(Step step, GpuBinding binding)
    {
        Tensor[] inputs = step.Macro!.Inputs;
        (int rows, int columns) = binding.Matrix(inputs[0]);
        ILGPU.ArrayView<float> predictions = binding.View(inputs[0]);
        return rows == 0 ? [] : [binding.Items<InTopKKernel, RowArguments>(rows, new()
        {
            A = predictions, B = binding.View(inputs[1]), C = predictions, Target = binding.View(step.Root), Rows = rows, Columns = columns, Number = ((InTopK)step.Macro.Op).K,
        })];
    }

    public static void Run(RowArguments a)
    {
        for (int row = Items.First; row < a.Rows; row += Items.Stride)
        {
            long start = (long)row * a.Columns;
            float target = a.B[row];
            bool known = target >= 0f && target < a.Columns;
            float own = known ? a.A[start + (int)target] : float.NaN;
            int larger = 0;
            for (int i = 0; i < a.Columns; i++)
                if (a.A[start + i] > own) larger++;
            // Infinity minus itself is no number.
            bool finite = own - own == 0f;
            a.Target[row] = finite && larger < a.Number ? 1f : 0f;
        }
    }
}
