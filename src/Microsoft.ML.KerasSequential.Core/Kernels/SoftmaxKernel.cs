using System.Runtime.CompilerServices;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Numerics;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>Softmax along rows; the largest value is subtracted first, so that nothing overflows.</summary>
internal sealed unsafe class SoftmaxKernel(float* x, float* y, int rows, int columns) : RowKernel(rows, columns)
{
    public static Launch Bind(Step step, CpuBinding binding)
    {
        (int rows, int columns) = binding.Matrix(step.Root);
        return new SoftmaxKernel(binding.Address(step.Macro!.Inputs[0]), binding.Address(step.Root), rows, columns);
    }

    protected override void Row<T>(int row)
    {
        float* source = x + (nint)row * Columns, target = y + (nint)row * Columns;
        float max = Max<T>(source, Columns);
        float scale = 1f / ExpAndSum<T>(source, target, Columns, max);
        int i = 0;
        for (; i + T.Width <= Columns; i += T.Width) T.Store(target + i, T.Load(target + i) * T.Splat(scale));
        for (; i < Columns; i++) target[i] *= scale;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static float ExpAndSum<T>(float* source, float* target, int count, float max) where T : struct, ILane<T>
    {
        T sum = T.Splat(0f), shift = T.Splat(max);
        int i = 0;
        for (; i + T.Width <= count; i += T.Width)
        {
            T e = LaneMath.Exp(T.Load(source + i) - shift);
            T.Store(target + i, e);
            sum += e;
        }
        float total = T.Sum(sum);
        for (; i < count; i++)
        {
            LaneScalar e = LaneMath.Exp(LaneScalar.Splat(source[i] - max));
            LaneScalar.Store(target + i, e);
            total += target[i];
        }
        return total;
    }
}
