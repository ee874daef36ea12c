using ILGPU;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;
using Microsoft.ML.KerasSequential.Kernels;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>Softmax along rows; the largest value is subtracted first, so that nothing overflows.</summary>
internal static class SoftmaxKernel
{
    public static IEnumerable<GpuLaunch> Bind(Step step, GpuBinding binding)
    {
        (int rows, int columns) = binding.Matrix(step.Root);
        ArrayView<float> x = binding.View(step.Macro!.Inputs[0]), y = binding.View(step.Root);
        return columns == 0 ? [] : RowLaunch.Of<SoftmaxKernel<Alone>, SoftmaxKernel<Together>, RowArguments>(binding,
            rows, columns, new() { A = x, B = x, C = x, Target = y, Rows = rows, Columns = columns });
    }

    /// <summary>The largest value of a row.</summary>
    public static float Max<TTeam>(ArrayView<float> x, long start, int count) where TTeam : struct, ITeam
    {
        LaneThread max = new(MaxReducer.Start);
        for (int i = TTeam.Rank; i < count; i += TTeam.Size)
            max = MaxReducer.Combine(max, new LaneThread(x[start + i]));
        return TTeam.Combine<MaxReducer>(LaneThread.Sum(max));
    }

    /// <summary>log Σ eˣ of a row.</summary>
    public static float LogSumExp<TTeam>(ArrayView<float> x, long start, int count) where TTeam : struct, ITeam
    {
        float max = Max<TTeam>(x, start, count), sum = 0f;
        for (int i = TTeam.Rank; i < count; i += TTeam.Size) sum += Single.Exp(x[start + i] - max);
        return max + Single.Log(TTeam.Combine<SumReducer>(sum));
    }
}

/// <inheritdoc cref="SoftmaxKernel"/>
internal sealed class SoftmaxKernel<TTeam> : IKernel<RowArguments> where TTeam : struct, ITeam
{
    public static void Run(RowArguments a)
    {
        for (int row = TTeam.First; row < a.Rows; row += TTeam.Stride)
        {
            long start = (long)row * a.Columns;
            float max = SoftmaxKernel.Max<TTeam>(a.A, start, a.Columns), sum = 0f;
            for (int i = TTeam.Rank; i < a.Columns; i += TTeam.Size)
            {
                float e = Single.Exp(a.A[start + i] - max);
                a.Target[start + i] = e;
                sum += e;
            }
            float scale = 1f / TTeam.Combine<SumReducer>(sum);
            for (int i = TTeam.Rank; i < a.Columns; i += TTeam.Size) a.Target[start + i] *= scale;
        }
    }
}
