using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;
using Microsoft.ML.KerasSequential.Kernels;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>The loss per row, for targets that are distributions.</summary>
internal static class SoftmaxCrossentropyKernel
{
    public static IEnumerable<GpuLaunch> Bind(Step step, GpuBinding binding)
    {
        (int rows, int columns) = binding.Matrix(step.Macro!.Inputs[1]);
        bool clip = ((SoftmaxCrossentropy)step.Macro.Op).Clip;
        return RowLaunch.Of<SoftmaxCrossentropyKernel<Alone>, SoftmaxCrossentropyKernel<Together>, RowArguments>(
            binding, rows, columns, new()
            {
                A = binding.View(step.Macro.Inputs[0]),
                B = binding.View(step.Macro.Inputs[1]),
                C = binding.View(step.Root),
                Target = binding.View(step.Root),
                Rows = rows,
                Columns = columns,
                Low = clip ? Crossentropy.LowestLog : float.NegativeInfinity,
                High = clip ? Crossentropy.HighestLog : 0f,
            });
    }
}

/// <inheritdoc cref="SoftmaxCrossentropyKernel"/>
internal sealed class SoftmaxCrossentropyKernel<TTeam> : IKernel<RowArguments> where TTeam : struct, ITeam
{
    public static void Run(RowArguments a)
    {
        for (int row = TTeam.First; row < a.Rows; row += TTeam.Stride)
        {
            long start = (long)row * a.Columns;
            float logSum = SoftmaxKernel.LogSumExp<TTeam>(a.B, start, a.Columns), total = 0f;
            for (int i = TTeam.Rank; i < a.Columns; i += TTeam.Size)
            {
                float log = a.B[start + i] - logSum, target = a.A[start + i];
                log = log < a.Low ? a.Low : log > a.High ? a.High : log;
                // 0·(−∞) of a class that is not the target contributes nothing; NaN stays NaN.
                total += target == 0f ? 0f * (log - log) : target * log;
            }
            total = TTeam.Combine<SumReducer>(total);
            if (TTeam.Rank == 0) a.Target[row] = -total;
        }
    }
}
