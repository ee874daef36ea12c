using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>The gradient with respect to the logits, for class indices.</summary>
internal sealed unsafe class SparseSoftmaxCrossentropyGradientKernel(float* targets, float* probabilities,
    float* upstream, float* gradient, int rows, int columns, bool clip)
    : RowKernel(rows, columns)
{
    public static Launch Bind(Step step, CpuBinding binding)
    {
        (int rows, int columns) = binding.Matrix(step.Root);
        Tensor[] inputs = step.Macro!.Inputs;
        return new SparseSoftmaxCrossentropyGradientKernel(binding.Address(inputs[0]), binding.Address(inputs[1]),
            binding.Address(inputs[2]),
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
