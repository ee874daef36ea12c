using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>The loss per row, for class indices.</summary>
internal sealed unsafe class SparseSoftmaxCrossentropyKernel(float* targets, float* logits, float* loss, float* flag,
    int rows, int columns, bool clip) : RowKernel(rows, columns)
{
    public static Launch Bind(Step step, CpuBinding binding)
    {
        (int rows, int columns) = binding.Matrix(step.Macro!.Inputs[1]);
        return new SparseSoftmaxCrossentropyKernel(binding.Address(step.Macro.Inputs[0]),
            binding.Address(step.Macro.Inputs[1]),
            binding.Address(step.Root), binding.Flag(step.Macro), rows, columns,
            ((SparseSoftmaxCrossentropy)step.Macro.Op).Clip);
    }

    protected override void Row<T>(int row)
    {
        float* x = logits + (nint)row * Columns;
        float target = Numbers.Checked(targets[row], Columns, flag);
        if (!(target >= 0f))
        {
            loss[row] = float.NaN;
            return;
        }
        float log = x[(int)target] - Crossentropy.LogSumExp<T>(x, Columns, Max<T>(x, Columns));
        if (clip)
            log = log < Crossentropy.LowestLog ? Crossentropy.LowestLog
                : log > Crossentropy.HighestLog ? Crossentropy.HighestLog : log;
        loss[row] = -log;
    }
}
