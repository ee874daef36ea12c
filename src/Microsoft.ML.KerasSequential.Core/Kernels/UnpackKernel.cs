using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>Unpacks values to float32.</summary>
internal sealed unsafe class UnpackKernel : Launch
{
    const int ChunkSize = 64 * 1024;

    readonly float* _source, _target;
    readonly ValueFormat _format;
    readonly int _count;

    UnpackKernel(float* source, ValueFormat format, float* target, int count)
    {
        (_format, _count) = (format, count);
        _source = source;
        _target = target;
        Chunks = (count + ChunkSize - 1) / ChunkSize;
    }

    public static Launch Bind(Step step, CpuBinding binding)
    {
        Tensor packed = step.Macro!.Inputs[0];
        return new UnpackKernel(binding.Address(packed), packed.Format, binding.Address(step.Root),
            binding.Evaluate(packed.Dims.Size));
    }

    public override void Run(int chunk, float* scratch)
    {
        int start = chunk * ChunkSize, count = Math.Min(ChunkSize, _count - start);
        _format.Unpack(_source, start, new Span<float>(_target + start, count));
    }
}
