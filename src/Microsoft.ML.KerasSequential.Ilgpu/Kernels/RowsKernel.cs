using ILGPU;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>Copies the rows of a batch from data on the device.</summary>
internal sealed class RowsKernel : IKernel<RowsKernel.Arguments>
{
    public struct Arguments
    {
        public ArrayView<float> Source, Target;
        public ArrayView<int> Rows;
        public int Count, Size;
    }

    public static void Run(Arguments a)
    {
        for (int i = Items.First; i < a.Count; i += Items.Stride)
            a.Target[i] = a.Source[(long)a.Rows[i / a.Size] * a.Size + i % a.Size];
    }
}
