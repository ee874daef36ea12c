using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>Calls the user's own function, forward or backward.</summary>
internal sealed unsafe class CustomKernel(Op op, CustomOp.Memory[] inputs, CustomOp.Memory output) : Launch
{
    public static Launch Bind(Step step, CpuBinding binding)
    {
        CustomOp.Memory Of(Tensor tensor) =>
            new((nint)binding.Address(tensor), [.. tensor.Dims.Select(binding.Evaluate)]);
        return new CustomKernel(step.Macro!.Op, [.. step.Macro.Inputs.Select(Of)], Of(step.Root));
    }

    public override void Run(int chunk, float* scratch)
    {
        if (op is CustomBackward { Custom: var custom, Input: var index })
            custom.Backward!(new(inputs[..^2], inputs[^2], inputs[^1], output, index));
        else ((CustomForward)op).Custom.Forward(new(inputs, output));
    }
}
