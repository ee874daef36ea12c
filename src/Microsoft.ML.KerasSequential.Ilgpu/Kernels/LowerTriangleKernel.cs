using ILGPU;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>Ones on and below the diagonal.</summary>
internal sealed class LowerTriangleKernel : IKernel<LowerTriangleKernel.Arguments>
{
    public struct Arguments
    {
        public ArrayView<float> Target;
        public int Size;
    }

    public static IEnumerable<GpuLaunch> Bind(Step step, GpuBinding binding)
    {
        int size = binding.Evaluate(((LowerTriangle)step.Macro!.Op).Size);
        return size == 0 ? [] : [binding.Items<LowerTriangleKernel, Arguments>((long)size * size,
            new() { Target = binding.View(step.Root), Size = size })];
    }

    public static void Run(Arguments a)
    {
        for (int i = Items.First; i < a.Size * a.Size; i += Items.Stride)
        {
            int row = i / a.Size;
            a.Target[i] = i - row * a.Size <= row ? 1f : 0f;
        }
    }
}
