using ILGPU;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>Writes a size that is known once the plan is bound.</summary>
internal static class SizeOfKernel
{
    public static IEnumerable<GpuLaunch> Bind(Step step, GpuBinding binding) =>
        [binding.Launch<SetKernel, SetKernel.Arguments>(new KernelConfig(1, 1),
            new() { Target = binding.View(step.Root), Value = binding.EvaluateWhole(((SizeOf)step.Macro!.Op).Size) })];
}

/// <summary>Writes one number.</summary>
internal sealed class SetKernel : IKernel<SetKernel.Arguments>
{
    public struct Arguments
    {
        public ArrayView<float> Target;
        public float Value;
    }

    public static void Run(Arguments a)
    {
        if (Items.First == 0) a.Target[0] = a.Value;
    }
}
