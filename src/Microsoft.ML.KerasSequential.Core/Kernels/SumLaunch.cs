using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>Adds up parts of the same size, always in the same order.</summary>
internal sealed unsafe class SumLaunch : Launch
{
    const int ChunkSize = 16 * 1024;

    readonly float* _parts, _result;
    readonly int _count, _size;

    public SumLaunch(nint parts, nint result, int count, int size)
    {
        _parts = (float*)parts;
        _result = (float*)result;
        (_count, _size) = (count, size);
        Chunks = (size + ChunkSize - 1) / ChunkSize;
    }

    public override void Run(int chunk, float* scratch)
    {
        int start = chunk * ChunkSize, length = Math.Min(ChunkSize, _size - start);
        var sum = new Span<float>(_result + start, length);
        new ReadOnlySpan<float>(_parts + start, length).CopyTo(sum);
        for (int part = 1; part < _count; part++)
            System.Numerics.Tensors.TensorPrimitives.Add(sum,
                new ReadOnlySpan<float>(_parts + (nint)part * _size + start, length), sum);
    }
}
