using System.Runtime.CompilerServices;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Numerics;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>What the crossentropy kernels share: log Σ eˣ of a row, and the bounds of clipping.</summary>
internal static unsafe class Crossentropy
{
    public static readonly float LowestLog = MathF.Log(SoftmaxCrossentropy.Epsilon);
    public static readonly float HighestLog = MathF.Log(1f - SoftmaxCrossentropy.Epsilon);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float LogSumExp<T>(float* x, int count, float max) where T : struct, ILane<T>
    {
        T sum = T.Splat(0f), shift = T.Splat(max);
        int i = 0;
        for (; i + T.Width <= count; i += T.Width) sum += LaneMath.Exp(T.Load(x + i) - shift);
        float total = T.Sum(sum);
        for (; i < count; i++) total += LaneScalar.Sum(LaneMath.Exp(LaneScalar.Splat(x[i] - max)));
        return max + MathF.Log(total);
    }

    /// <summary>1 where the probability is inside the clipped range, so that the gradient passes.</summary>
    public static bool Passes(float p, bool clip) => !clip || (p >= SoftmaxCrossentropy.Epsilon && p <= 1f - SoftmaxCrossentropy.Epsilon) || float.IsNaN(p);
}

/// <summary>The loss a row for targets that are distributions.</summary>
internal sealed unsafe class SoftmaxCrossentropyKernel(float* targets, float* logits, float* loss, int rows, int columns, bool clip) : RowKernel(rows, columns)
{
    public static Launch Bind(Step step, CpuBinding binding)
    {
        (int rows, int columns) = binding.Matrix(step.Macro!.Inputs[1]);
        return new SoftmaxCrossentropyKernel(binding.Address(step.Macro.Inputs[0]), binding.Address(step.Macro.Inputs[1]),
            binding.Address(step.Root), rows, columns, ((SoftmaxCrossentropy)step.Macro.Op).Clip);
    }

    protected override void Row<T>(int row)
    {
        float* t = targets + (nint)row * Columns, x = logits + (nint)row * Columns;
        float logSum = Crossentropy.LogSumExp<T>(x, Columns, Max<T>(x, Columns));
        loss[row] = -Sum<T>(t, x, Columns, logSum, clip ? Crossentropy.LowestLog : float.NegativeInfinity, clip ? Crossentropy.HighestLog : 0f);
    }

    static float Sum<T>(float* t, float* x, int count, float logSum, float low, float high) where T : struct, ILane<T>
    {
        T sum = T.Splat(0f);
        int i = 0;
        for (; i + T.Width <= count; i += T.Width)
        {
            T log = T.AtMost(T.Splat(high), T.AtLeast(T.Splat(low), T.Load(x + i) - T.Splat(logSum)));
            T target = T.Load(t + i);
            // 0·(−∞) of a class that is not the target counts nothing.
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

/// <summary>The gradient by the logits for targets that are distributions.</summary>
internal sealed unsafe class SoftmaxCrossentropyGradientKernel(float* targets, float* probabilities, float* upstream, float* gradient, int rows, int columns, bool clip)
    : RowKernel(rows, columns)
{
    public static Launch Bind(Step step, CpuBinding binding)
    {
        (int rows, int columns) = binding.Matrix(step.Root);
        Tensor[] inputs = step.Macro!.Inputs;
        return new SoftmaxCrossentropyGradientKernel(binding.Address(inputs[0]), binding.Address(inputs[1]), binding.Address(inputs[2]),
            binding.Address(step.Root), rows, columns, ((SoftmaxCrossentropyGradient)step.Macro.Op).Clip);
    }

    protected override void Row<T>(int row)
    {
        nint start = (nint)row * Columns;
        float* t = targets + start, p = probabilities + start, d = gradient + start;
        float g = upstream[row];
        T mass = T.Splat(0f);
        int i = 0;
        for (; i + T.Width <= Columns; i += T.Width) mass += Passing(T.Load(t + i), T.Load(p + i));
        float sum = T.Sum(mass);
        for (; i < Columns; i++) sum += Crossentropy.Passes(p[i], clip) ? t[i] : 0f;

        for (i = 0; i + T.Width <= Columns; i += T.Width)
        {
            T probability = T.Load(p + i);
            T.Store(d + i, T.Splat(g) * (probability * T.Splat(sum) - Passing(T.Load(t + i), probability)));
        }
        for (; i < Columns; i++) d[i] = g * (p[i] * sum - (Crossentropy.Passes(p[i], clip) ? t[i] : 0f));
    }

    T Passing<T>(T target, T probability) where T : struct, ILane<T>
    {
        if (!clip) return target;
        T inside = T.Select(T.Less(probability, T.Splat(SoftmaxCrossentropy.Epsilon)), T.Splat(0f), target);
        return T.Select(T.Less(T.Splat(1f - SoftmaxCrossentropy.Epsilon), probability), T.Splat(0f), inside);
    }
}

/// <summary>The loss a row for class indices.</summary>
internal sealed unsafe class SparseSoftmaxCrossentropyKernel(float* targets, float* logits, float* loss, int rows, int columns, bool clip) : RowKernel(rows, columns)
{
    public static Launch Bind(Step step, CpuBinding binding)
    {
        (int rows, int columns) = binding.Matrix(step.Macro!.Inputs[1]);
        return new SparseSoftmaxCrossentropyKernel(binding.Address(step.Macro.Inputs[0]), binding.Address(step.Macro.Inputs[1]),
            binding.Address(step.Root), rows, columns, ((SparseSoftmaxCrossentropy)step.Macro.Op).Clip);
    }

    protected override void Row<T>(int row)
    {
        float* x = logits + (nint)row * Columns;
        float target = targets[row];
        if (!(target >= 0f && target < Columns))
        {
            loss[row] = float.NaN;
            return;
        }
        float log = x[(int)target] - Crossentropy.LogSumExp<T>(x, Columns, Max<T>(x, Columns));
        if (clip) log = log < Crossentropy.LowestLog ? Crossentropy.LowestLog : log > Crossentropy.HighestLog ? Crossentropy.HighestLog : log;
        loss[row] = -log;
    }
}

/// <summary>The gradient by the logits for class indices.</summary>
internal sealed unsafe class SparseSoftmaxCrossentropyGradientKernel(float* targets, float* probabilities, float* upstream, float* gradient, int rows, int columns, bool clip)
    : RowKernel(rows, columns)
{
    public static Launch Bind(Step step, CpuBinding binding)
    {
        (int rows, int columns) = binding.Matrix(step.Root);
        Tensor[] inputs = step.Macro!.Inputs;
        return new SparseSoftmaxCrossentropyGradientKernel(binding.Address(inputs[0]), binding.Address(inputs[1]), binding.Address(inputs[2]),
            binding.Address(step.Root), rows, columns, ((SparseSoftmaxCrossentropyGradient)step.Macro.Op).Clip);
    }

    protected override void Row<T>(int row)
    {
        nint start = (nint)row * Columns;
        float* p = probabilities + start, d = gradient + start;
        float target = targets[row];
        bool known = target >= 0f && target < Columns;
        float g = !known ? float.NaN : Crossentropy.Passes(p[(int)target], clip) ? upstream[row] : 0f;
        int i = 0;
        for (; i + T.Width <= Columns; i += T.Width) T.Store(d + i, T.Splat(g) * T.Load(p + i));
        for (; i < Columns; i++) d[i] = g * p[i];
        if (known) d[(int)target] -= g;
    }
}
