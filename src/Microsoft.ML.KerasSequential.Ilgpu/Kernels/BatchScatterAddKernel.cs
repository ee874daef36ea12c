using ILGPU;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>
/// Adds updates to rows of each sample's own table, without atomics, in the order of the indices: a thread has one
/// column of one sample.
/// </summary>
internal sealed class BatchScatterAddKernel : IKernel<BatchScatterAddKernel.Arguments>
{
    public struct Arguments
    {
        public ArrayView<float> Indices, Updates, Target;
        public int TableRows, Places, Columns, Count;
    }

    public static IEnumerable<GpuLaunch> Bind(Step step, GpuBinding binding)
    {
        Tensor indices = step.Macro!.Inputs[0];
        Dims result = step.Root.Dims;
        int columns = binding.Evaluate(result.Product(2, result.Rank)), count = binding.Evaluate(result[0]) * columns;
        return count == 0 ? [] : [binding.Items<BatchScatterAddKernel, Arguments>(count, new()
        {
            Indices = binding.View(indices), Updates = binding.View(step.Macro.Inputs[1]),
            Target = binding.View(step.Root), TableRows = binding.Evaluate(result[1]),
            Places = binding.Evaluate(indices.Dims.Product(1, indices.Rank)), Columns = columns, Count = count,
        })];
    }

    public static void Run(Arguments a)
    {
        for (int i = Items.First; i < a.Count; i += Items.Stride)
        {
            int sample = i / a.Columns, column = i - sample * a.Columns;
            long table = (long)sample * a.TableRows * a.Columns + column;
            for (int row = 0; row < a.TableRows; row++) a.Target[table + (long)row * a.Columns] = 0f;
            for (int place = 0; place < a.Places; place++)
            {
                long at = (long)sample * a.Places + place,
                    to = table + (long)BatchGatherKernel.Nearest(a.Indices[at], a.TableRows) * a.Columns;
                a.Target[to] += a.Updates[at * a.Columns + column];
            }
        }
    }
}
