using ILGPU;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>Copies rows of each sample's own table; an index outside it means the nearest row.</summary>
internal sealed class BatchGatherKernel : IKernel<BatchGatherKernel.Arguments>
{
    public struct Arguments
    {
        public ArrayView<float> Table, Indices, Target;
        public int TableRows, Places, Columns, Count;
    }

    public static IEnumerable<GpuLaunch> Bind(Step step, GpuBinding binding)
    {
        Tensor table = step.Macro!.Inputs[0], indices = step.Macro.Inputs[1];
        int count = binding.Evaluate(step.Root.Dims.Size);
        return count == 0 ? [] : [binding.Items<BatchGatherKernel, Arguments>(count, new()
        {
            Table = binding.View(table), Indices = binding.View(indices), Target = binding.View(step.Root),
            TableRows = binding.Evaluate(table.Dims[1]),
            Places = binding.Evaluate(indices.Dims.Product(1, indices.Rank)),
            Columns = binding.Evaluate(table.Dims.Product(2, table.Rank)), Count = count,
        })];
    }

    public static void Run(Arguments a)
    {
        for (int i = Items.First; i < a.Count; i += Items.Stride)
        {
            int place = i / a.Columns, index = Nearest(a.Indices[place], a.TableRows);
            a.Target[i] =
                a.Table[((long)(place / a.Places) * a.TableRows + index) * a.Columns + (i - place * a.Columns)];
        }
    }

    /// <summary>The row that an index means: it is truncated, and limited to the rows that exist.</summary>
    public static int Nearest(float index, int rows) =>
        !(index >= 1f) ? 0 : index < rows && (int)index < rows ? (int)index : rows - 1;
}
