using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>The gradient with respect to the logits, for class indices.</summary>
internal sealed class SparseSoftmaxCrossentropyGradientKernel : IKernel<RowArguments>
{
    public static IEnumerable<GpuLaunch> Bind(Step step, GpuBinding binding)
    {
        (int rows, int columns) = binding.Matrix(step.Root);
        if (rows * columns == 0) return [];
        Tensor[] inputs = step.Macro!.Inputs;
        bool clip = ((SparseSoftmaxCrossentropyGradient)step.Macro.Op).Clip;
        return
        [
            binding.Items<SparseSoftmaxCrossentropyGradientKernel, RowArguments>((long)rows * columns, new()
            {
                A = binding.View(inputs[0]),
                B = binding.View(inputs[1]),
                C = binding.View(inputs[2]),
                Target = binding.View(step.Root),
                Rows = rows,
                Columns = columns,
                Low = clip ? SoftmaxCrossentropy.Epsilon : float.NegativeInfinity,
                High = clip ? 1f - SoftmaxCrossentropy.Epsilon : float.PositiveInfinity,
            }),
        ];
    }

    public static void Run(RowArguments a)
    {
        for (int i = Items.First; i < a.Rows * a.Columns; i += Items.Stride)
        {
            int row = i / a.Columns;
            float target = a.A[row];
            bool known = target >= 0f && target < a.Columns;
            int index = known ? (int)target : 0;
            float p = a.B[(long)row * a.Columns + index];
            float g = !known ? float.NaN : p < a.Low ? 0f : p > a.High ? 0f : a.C[row];
            a.Target[i] = g * a.B[i] - (i - row * a.Columns == index ? g : 0f);
        }
    }
}
