using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;
using Microsoft.ML.KerasSequential.Kernels;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>The gradient with respect to the logits, for targets that are distributions.</summary>
internal static class SoftmaxCrossentropyGradientKernel
{
    public static IEnumerable<GpuLaunch> Bind(Step step, GpuBinding binding)
    {
        (int rows, int columns) = binding.Matrix(step.Root);
        Tensor[] inputs = step.Macro!.Inputs;
        return RowLaunch.Of<SoftmaxCrossentropyGradientKernel<Alone>, SoftmaxCrossentropyGradientKernel<Together>,
            RowArguments>(binding, rows, columns, new()
            {
                A = binding.View(inputs[0]),
                B = binding.View(inputs[1]),
                C = binding.View(inputs[2]),
                Target = binding.View(step.Root),
                Rows = rows,
                Columns = columns,
                Low = ((SoftmaxCrossentropyGradient)step.Macro.Op).Clip ? SoftmaxCrossentropy.Epsilon
                : float.NegativeInfinity,
                High = ((SoftmaxCrossentropyGradient)step.Macro.Op).Clip ? 1f - SoftmaxCrossentropy.Epsilon
                : float.PositiveInfinity,
            });
    }
}

/// <inheritdoc cref="SoftmaxCrossentropyGradientKernel"/>
internal sealed class SoftmaxCrossentropyGradientKernel<TTeam> : IKernel<RowArguments> where TTeam : struct, ITeam
{
    public static void Run(RowArguments a)
    {
        for (int row = TTeam.First; row < a.Rows; row += TTeam.Stride)
        {
            long start = (long)row * a.Columns;
            float mass = 0f, g = a.C[row];
            for (int i = TTeam.Rank; i < a.Columns; i += TTeam.Size) mass += Passing(a, a.A[start + i], a.B[start + i]);
            mass = TTeam.Combine<SumReducer>(mass);
            for (int i = TTeam.Rank; i < a.Columns; i += TTeam.Size)
            {
                float p = a.B[start + i];
                a.Target[start + i] = g * (p * mass - Passing(a, a.A[start + i], p));
            }
        }
    }

    /// <summary>The target if the probability is inside the clipping range, so that the gradient passes.</summary>
    static float Passing(in RowArguments a, float target, float probability) =>
        probability < a.Low ? 0f : probability > a.High ? 0f : target;
}
