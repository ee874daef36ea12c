using ILGPU;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>
/// Adds updates to the rows selected by indices, without atomics, in the order of the indices. First, each index finds
/// the next one of the same row; then the threads of each row's first index follow that chain.
/// </summary>
internal sealed class ScatterAddKernel : IKernel<ScatterAddKernel.Arguments>
{
    public struct Arguments
    {
        public ArrayView<float> Updates, Target;
        public ArrayView<int> Next, Rows;
        public int Count, Columns;
    }

    public static IEnumerable<GpuLaunch> Bind(Step step, GpuBinding binding)
    {
        Tensor indices = step.Macro!.Inputs[0];
        Dims result = step.Root.Dims;
        int count = binding.Evaluate(indices.Dims.Size), rows = binding.Evaluate(result[0]),
            columns = binding.Evaluate(result.Product(1, result.Rank));
        ArrayView<float> target = binding.View(step.Root);
        if (rows * columns == 0) yield break;
        yield return binding.Items<ClearKernel, ClearKernel.Arguments>(target.Length,
            new() { Target = target, Count = (int)target.Length });
        if (count == 0) yield break;
        ArrayView<int> chain = binding.Temporary(2L * count).Cast<int>(), next = chain.Slice(0, count),
            named = chain.Slice(count, count);
        yield return binding.Items<ChainKernel, ChainKernel.Arguments>(count,
            new() { Indices = binding.View(indices), Next = next, Rows = named, Count = count, TableRows = rows });
        yield return binding.Items<ScatterAddKernel, Arguments>((long)count * columns,
            new()
            {
                Updates = binding.View(step.Macro.Inputs[1]),
                Target = target,
                Next = next,
                Rows = named,
                Count = count,
                Columns = columns
            });
    }

    public static void Run(Arguments a)
    {
        for (int i = Items.First; i < a.Count * a.Columns; i += Items.Stride)
        {
            int first = i / a.Columns, column = i - first * a.Columns, row = a.Rows[first];
            if (row < 0) continue;
            float sum = 0f;
            for (int at = first; at >= 0; at = a.Next[at]) sum += a.Updates[(long)at * a.Columns + column];
            a.Target[(long)row * a.Columns + column] = sum;
        }
    }
}

/// <summary>
/// For each index, the next one of the same row, or −1; and the row if no earlier index selects it, else −1.
/// </summary>
internal sealed class ChainKernel : IKernel<ChainKernel.Arguments>
{
    public struct Arguments
    {
        public ArrayView<float> Indices;
        public ArrayView<int> Next, Rows;
        public int Count, TableRows;
    }

    public static void Run(Arguments a)
    {
        for (int i = Items.First; i < a.Count; i += Items.Stride)
        {
            float value = a.Indices[i];
            bool known = value >= 0f && value < a.TableRows;
            int row = known ? (int)value : -1, next = -1, earlier = -1;
            for (int j = i + 1; known && j < a.Count && next < 0; j++)
                if (SameRow(a.Indices[j], row)) next = j;
            for (int j = 0; known && j < i && earlier < 0; j++)
                if (SameRow(a.Indices[j], row)) earlier = j;
            a.Next[i] = next;
            a.Rows[i] = earlier < 0 ? row : -1;
        }
    }

    static bool SameRow(float index, int row) => index >= row && index < row + 1f;
}

/// <summary>Zeros. ILGPU's own fill ignores where a part of a buffer starts under OpenCL.</summary>
internal sealed class ClearKernel : IKernel<ClearKernel.Arguments>
{
    public struct Arguments
    {
        public ArrayView<float> Target;
        public int Count;
    }

    public static void Run(Arguments a)
    {
        for (int i = Items.First; i < a.Count; i += Items.Stride) a.Target[i] = 0f;
    }
}
