using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Numerics;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>The loss per row, for targets that are distributions.</summary>
internal sealed unsafe class SoftmaxCrossentropyKernel(float* targets, float* logits, float* loss, int rows,
    int columns, bool clip) : RowKernel(rows, columns)
{
    public static Launch Bind(Step step, CpuBinding binding)
    {
        (int rows, int columns) = binding.Matrix(step.Macro!.Inputs[1]);
        return new SoftmaxCrossentropyKernel(binding.Address(step.Macro.Inputs[0]),
            binding.Address(step.Macro.Inputs[1]),
            binding.Address(step.Root), rows, columns, ((SoftmaxCrossentropy)step.Macro.Op).Clip);
    }

    protected override void Row<T>(int row)
    {
        float* t = targets + (nint)row * Columns, x = logits + (nint)row * Columns;
        float logSum = Crossentropy.LogSumExp<T>(x, Columns, Max<T>(x, Columns));
        loss[row] = -Sum<T>(t, x, Columns, logSum, clip ? Crossentropy.LowestLog : float.NegativeInfinity,
            clip ? Crossentropy.HighestLog : 0f);
    }

    static float Sum<T>(float* t, float* x, int count, float logSum, float low, float high) where T : struct, ILane<T>
    {
        T sum = T.Splat(0f);
        int i = 0;
        for (; i + T.Width <= count; i += T.Width)
        {
            T log = T.AtMost(T.Splat(high), T.AtLeast(T.Splat(low), T.Load(x + i) - T.Splat(logSum)));
            T target = T.Load(t + i);
            // 0·(−∞) of a class that is not the target contributes nothing.
            sum += T.Select(T.Equal(target, T.Splat(0f)), T.Splat(0f) * (log - log), target * log);
        }
        float total = T.Sum(sum);
        for (; i < count; i++)
        {
            float log = x[i] - logSum;
            log = log < low ? low : log > high ? high : log;
            total += t[i] == 0f ? float.IsNaN(log) ? log : 0f : t[i] * log;
        }
        return total;
    }
}
