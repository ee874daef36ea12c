using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;
using Microsoft.ML.KerasSequential.Kernels;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>The loss per row, for class indices.</summary>
internal static class SparseSoftmaxCrossentropyKernel
{
    public static IEnumerable<GpuLaunch> Bind(Step step, GpuBinding binding)
    {
        (int rows, int columns) = binding.Matrix(step.Macro!.Inputs[1]);
        bool clip = ((SparseSoftmaxCrossentropy)step.Macro.Op).Clip;
        return RowLaunch.Of<SparseSoftmaxCrossentropyKernel<Alone>, SparseSoftmaxCrossentropyKernel<Together>,
            LookupArguments>(binding, rows, columns, new()
            {
                Indices = binding.View(step.Macro.Inputs[0]),
                Values = binding.View(step.Macro.Inputs[1]),
                Flag = binding.Flag(step.Macro),
                Target = binding.View(step.Root),
                Rows = rows,
                Columns = columns,
                Low = clip ? Crossentropy.LowestLog : float.NegativeInfinity,
                High = clip ? Crossentropy.HighestLog : float.PositiveInfinity,
            });
    }
}

/// <inheritdoc cref="SparseSoftmaxCrossentropyKernel"/>
internal sealed class SparseSoftmaxCrossentropyKernel<TTeam> : IKernel<LookupArguments> where TTeam : struct, ITeam
{
    public static void Run(LookupArguments a)
    {
        for (int row = TTeam.First; row < a.Rows; row += TTeam.Stride)
        {
            long start = (long)row * a.Columns;
            float logSum = SoftmaxKernel.LogSumExp<TTeam>(a.Values, start, a.Columns);
            if (TTeam.Rank > 0) continue;
            int target = LookupArguments.Checked(a.Indices[row], a.Columns, a.Flag);
            float log = target >= 0 ? a.Values[start + target] - logSum : float.NaN;
            a.Target[row] = -(log < a.Low ? a.Low : log > a.High ? a.High : log);
        }
    }
}
