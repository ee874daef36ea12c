using ILGPU;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>
/// Permutes dimensions: one thread per target value, whose source location follows from a table of sizes and strides.
/// </summary>
internal sealed class TransposeKernel : IKernel<TransposeKernel.Arguments>
{
    public struct Arguments
    {
        public ArrayView<float> Source, Target;
        public ArrayView<int> Table;
        public int Count, Rank;
    }

    public static IEnumerable<GpuLaunch> Bind(Step step, GpuBinding binding)
    {
        Tensor input = step.Macro!.Inputs[0];
        Axes axes = ((Transpose)step.Macro.Op).Axes;
        int[] from = input.Dims.Evaluate(binding.Bindings), strides = new int[from.Length];
        int count = 1;
        for (int i = from.Length - 1; i >= 0; i--)
        {
            strides[i] = count;
            count *= from[i];
        }
        if (count == 0) return [];
        // Dimensions that stay adjacent are merged; fewer dimensions need fewer divisions.
        var sizes = new List<int>();
        var steps = new List<int>();
        foreach (int axis in axes.Values)
        {
            if (from[axis] == 1) continue;
            if (sizes.Count > 0 && steps[^1] == strides[axis] * from[axis])
                (sizes[^1], steps[^1]) = (sizes[^1] * from[axis], strides[axis]);
            else
            {
                sizes.Add(from[axis]);
                steps.Add(strides[axis]);
            }
        }
        return [binding.Items<TransposeKernel, Arguments>(count, new() { Source = binding.View(input),
            Target = binding.View(step.Root), Table = binding.Table([.. sizes, .. steps, 0]), Count = count,
            Rank = sizes.Count })];
    }

    public static void Run(Arguments a)
    {
        for (int i = Items.First; i < a.Count; i += Items.Stride)
        {
            int rest = i, from = 0;
            for (int d = a.Rank - 1; d >= 0; d--)
            {
                int size = a.Table[d], above = rest / size;
                from += (rest - above * size) * a.Table[a.Rank + d];
                rest = above;
            }
            a.Target[i] = a.Source[from];
        }
    }
}
