using ILGPU;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>Unpacks values to float32.</summary>
internal sealed class UnpackKernel : IKernel<UnpackKernel.Arguments>
{
    public struct Arguments
    {
        public ArrayView<float> Source, Target;
        public int Count, Bytes;
    }

    public static IEnumerable<GpuLaunch> Bind(Step step, GpuBinding binding)
    {
        Tensor packed = step.Macro!.Inputs[0];
        int count = binding.Evaluate(packed.Dims.Size);
        return count == 0 ? [] : [binding.Items<UnpackKernel, Arguments>(count, new()
        {
            Source = binding.View(packed), Target = binding.View(step.Root), Count = count,
            Bytes = packed.Format.Bytes(),
        })];
    }

    public static void Run(Arguments a)
    {
        for (int i = Items.First; i < a.Count; i += Items.Stride)
            a.Target[i] = PackedValues.At(a.Source, a.Bytes, i);
    }
}
