using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>Copies the rows of a table selected by indices.</summary>
internal sealed unsafe class GatherKernel(float* table, ValueFormat format, int tableRows, float* indices,
    float* target, float* flag, int rows, int columns) : RowKernel(rows, columns)
{
    public static Launch Bind(Step step, CpuBinding binding)
    {
        Tensor table = step.Macro!.Inputs[0], indices = step.Macro.Inputs[1];
        return new GatherKernel(binding.Address(table), table.Format, binding.Evaluate(table.Dims[0]),
            binding.Address(indices), binding.Address(step.Root), binding.Flag(step.Macro),
            binding.Evaluate(indices.Dims.Size), binding.Evaluate(table.Dims.Product(1, table.Rank)));
    }

    protected override void Row<T>(int row)
    {
        var to = new Span<float>(target + (nint)row * Columns, Columns);
        float index = Numbers.Checked(indices[row], tableRows, flag);
        if (index >= 0f) format.Unpack(table, (nint)(int)index * Columns, to);
        else to.Fill(float.NaN);
    }
}
