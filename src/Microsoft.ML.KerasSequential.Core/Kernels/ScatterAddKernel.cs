using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>
/// Adds updates to the rows selected by indices. Chunks own ranges of columns, so that the order of additions is fixed.
/// </summary>
internal sealed unsafe class ScatterAddKernel : Launch
{
    const int ColumnsPerChunk = 64;

    readonly float* _indices, _updates, _target;
    readonly int _count, _rows, _columns;

    ScatterAddKernel(float* indices, float* updates, float* target, int count, int rows, int columns)
    {
        _indices = indices;
        _updates = updates;
        _target = target;
        _count = count;
        _rows = rows;
        _columns = columns;
        Chunks = (columns + ColumnsPerChunk - 1) / ColumnsPerChunk;
    }

    public static Launch Bind(Step step, CpuBinding binding)
    {
        Tensor indices = step.Macro!.Inputs[0];
        Dims result = step.Root.Dims;
        return new ScatterAddKernel(binding.Address(indices), binding.Address(step.Macro.Inputs[1]),
            binding.Address(step.Root),
            binding.Evaluate(indices.Dims.Size), binding.Evaluate(result[0]),
            binding.Evaluate(result.Product(1, result.Rank)));
    }

    public override void Run(int chunk, float* scratch)
    {
        int start = chunk * ColumnsPerChunk, width = Math.Min(ColumnsPerChunk, _columns - start);
        for (int row = 0; row < _rows; row++) new Span<float>(_target + (nint)row * _columns + start, width).Clear();
        for (int i = 0; i < _count; i++)
        {
            float index = _indices[i];
            if (!(index >= 0f && index < _rows)) continue;
            var to = new Span<float>(_target + (nint)(int)index * _columns + start, width);
            System.Numerics.Tensors.TensorPrimitives.Add(to,
                new ReadOnlySpan<float>(_updates + (nint)i * _columns + start, width), to);
        }
    }
}
