using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>Copies rows of each sample's own table; an index outside it means the nearest row.</summary>
internal sealed unsafe class BatchGatherKernel(float* table, int tableRows, float* indices, float* target, int places,
    int rows, int columns) : RowKernel(rows, columns)
{
    // A call that copies memory costs more than copying this many values.
    const int Few = 8;

    public static Launch Bind(Step step, CpuBinding binding)
    {
        Tensor table = step.Macro!.Inputs[0], indices = step.Macro.Inputs[1];
        return new BatchGatherKernel(binding.Address(table), binding.Evaluate(table.Dims[1]), binding.Address(indices),
            binding.Address(step.Root), binding.Evaluate(indices.Dims.Product(1, indices.Rank)),
            binding.Evaluate(indices.Dims.Size), binding.Evaluate(table.Dims.Product(2, table.Rank)));
    }

    protected override void Row<T>(int row)
    {
        float* from = table + ((nint)(row / places) * tableRows + Numbers.Nearest(indices[row], tableRows)) * Columns,
            to = target + (nint)row * Columns;
        if (Columns > Few) new ReadOnlySpan<float>(from, Columns).CopyTo(new Span<float>(to, Columns));
        else for (int i = 0; i < Columns; i++) to[i] = from[i];
    }
}
