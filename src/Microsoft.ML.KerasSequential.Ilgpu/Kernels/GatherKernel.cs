using ILGPU;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>Copies the rows of a table selected by indices.</summary>
internal sealed class GatherKernel : IKernel<GatherKernel.Arguments>
{
    public struct Arguments
    {
        public ArrayView<float> Table, Indices, Target, Flag;
        public int TableRows, Columns, Count, Bytes;
    }

    public static IEnumerable<GpuLaunch> Bind(Step step, GpuBinding binding)
    {
        Tensor table = step.Macro!.Inputs[0], indices = step.Macro.Inputs[1];
        int count = binding.Evaluate(step.Root.Dims.Size);
        return count == 0 ? [] : [binding.Items<GatherKernel, Arguments>(count, new()
        {
            Table = binding.View(table), Indices = binding.View(indices), Target = binding.View(step.Root),
            Flag = binding.Flag(step.Macro), TableRows = binding.Evaluate(table.Dims[0]),
            Columns = binding.Evaluate(table.Dims.Product(1, table.Rank)), Count = count,
            Bytes = table.Format.Bytes(),
        })];
    }

    public static void Run(Arguments a)
    {
        for (int i = Items.First; i < a.Count; i += Items.Stride)
        {
            int row = i / a.Columns;
            int index = LookupArguments.Checked(a.Indices[row], a.TableRows, a.Flag);
            a.Target[i] = index < 0 ? float.NaN
                : PackedValues.At(a.Table, a.Bytes, (long)index * a.Columns + (i - row * a.Columns));
        }
    }
}
