using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>
/// Adds updates to rows of each sample's own table. Chunks own samples, so that the order of additions is fixed.
/// </summary>
internal sealed unsafe class BatchScatterAddKernel : Launch
{
    readonly float* _indices, _updates, _target;
    readonly int _places, _rows, _columns;

    BatchScatterAddKernel(float* indices, float* updates, float* target, int samples, int places, int rows, int columns)
    {
        _indices = indices;
        _updates = updates;
        _target = target;
        (_places, _rows, _columns) = (places, rows, columns);
        Chunks = samples;
    }

    public static Launch Bind(Step step, CpuBinding binding)
    {
        Tensor indices = step.Macro!.Inputs[0];
        Dims result = step.Root.Dims;
        return new BatchScatterAddKernel(binding.Address(indices), binding.Address(step.Macro.Inputs[1]),
            binding.Address(step.Root), binding.Evaluate(result[0]),
            binding.Evaluate(indices.Dims.Product(1, indices.Rank)), binding.Evaluate(result[1]),
            binding.Evaluate(result.Product(2, result.Rank)));
    }

    public override void Run(int chunk, float* scratch)
    {
        float* table = _target + (nint)chunk * _rows * _columns, from = _updates + (nint)chunk * _places * _columns,
            indices = _indices + (nint)chunk * _places;
        for (int row = 0; row < _rows; row++) new Span<float>(table + (nint)row * _columns, _columns).Clear();
        for (int place = 0; place < _places; place++, from += _columns)
        {
            float* to = table + (nint)Numbers.Nearest(indices[place], _rows) * _columns;
            for (int i = 0; i < _columns; i++) to[i] += from[i];
        }
    }
}
