using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Numerics;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>The gradient with respect to the logits, for targets that are distributions.</summary>
internal sealed unsafe class SoftmaxCrossentropyGradientKernel(float* targets, float* probabilities, float* upstream,
    float* gradient, int rows, int columns, bool clip)
    : RowKernel(rows, columns)
{
    public static Launch Bind(Step step, CpuBinding binding)
    {
        (int rows, int columns) = binding.Matrix(step.Root);
        Tensor[] inputs = step.Macro!.Inputs;
        return new SoftmaxCrossentropyGradientKernel(binding.Address(inputs[0]), binding.Address(inputs[1]),
            binding.Address(inputs[2]),
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
