using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>Passes a partial result to the exchange between processes; in a single process, it is the result.</summary>
internal static unsafe class AcrossDevicesKernel
{
    public static IEnumerable<Launch> Bind(Step step, CpuBinding binding)
    {
        Tensor node = step.Macro!;
        float* part = binding.Address(node.Inputs[0]), whole = binding.Address(node);
        int count = binding.Evaluate(node.Dims.Size);
        return [binding.Exchange?.Join(node, part, whole, count, ((AcrossDevices)node.Op).Kind)
            ?? new BlocksKernel((nint)part, (nint)whole, 1, 0, 0, count)];
    }
}
