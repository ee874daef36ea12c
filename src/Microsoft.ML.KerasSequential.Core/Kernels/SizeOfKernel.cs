using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>Writes a size that is known once the plan is bound.</summary>
internal sealed unsafe class SizeOfKernel(float* target, int size) : Launch
{
    public static Launch Bind(Step step, CpuBinding binding) =>
        new SizeOfKernel(binding.Address(step.Root), binding.EvaluateWhole(((SizeOf)step.Macro!.Op).Size));

    public override void Run(int chunk, float* scratch) => *target = size;
}
