using ILGPU;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>Stores the scalars of a step side by side, so that many steps' scalars are read at once.</summary>
internal sealed class CollectKernel : IKernel<CollectKernel.Arguments>
{
    public const int Most = 4;

    public struct Arguments
    {
        public ArrayView<float> A, B, C, D, Target;
        public int Count;
    }

    public static void Run(Arguments a)
    {
        if (Items.First > 0) return;
        a.Target[0] = a.A[0];
        if (a.Count > 1) a.Target[1] = a.B[0];
        if (a.Count > 2) a.Target[2] = a.C[0];
        if (a.Count > 3) a.Target[3] = a.D[0];
    }
}
