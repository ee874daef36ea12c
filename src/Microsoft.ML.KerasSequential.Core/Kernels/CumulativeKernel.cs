using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>
/// Cumulative sums and products along an axis, accumulated in float64 so that long axes lose no precision.
/// </summary>
internal sealed unsafe class CumulativeKernel : Launch
{
    const int ChunkSize = 16 * 1024;

    /// <summary>The number of adjacent lines processed together: the values of a cache line.</summary>
    const int Beside = 16;

    readonly Cumulative _op;
    readonly float* _x, _gradient, _target;
    readonly int _size, _inner, _blocks, _items, _itemsPerChunk;

    CumulativeKernel(Cumulative op, float* x, float* gradient, float* target, int outer, int size, int inner)
    {
        _op = op;
        _x = x;
        _gradient = gradient;
        _target = target;
        (_size, _inner, _blocks) = (size, inner, (inner + Beside - 1) / Beside);
        _items = outer * _blocks;
        _itemsPerChunk = Math.Max(1, ChunkSize / Math.Max(1, size * Math.Min(inner, Beside)));
        Chunks = size == 0 ? 0 : (_items + _itemsPerChunk - 1) / _itemsPerChunk;
    }

    public static Launch Bind(Step step, CpuBinding binding)
    {
        var op = (Cumulative)step.Macro!.Op;
        IReadOnlyList<Tensor> inputs = step.Macro.Inputs;
        Dims dims = inputs[0].Dims;
        float* x = binding.Address(inputs[0]);
        return new CumulativeKernel(
            op, x, inputs.Count > 1 ? binding.Address(inputs[1]) : x, binding.Address(step.Root),
            binding.Evaluate(dims.Product(0, op.Axis)), binding.Evaluate(dims[op.Axis]),
                binding.Evaluate(dims.Product(op.Axis + 1, dims.Rank)));
    }

    public override void Run(int chunk, float* scratch)
    {
        double* carried = stackalloc double[Beside];
        int end = Math.Min((chunk + 1) * _itemsPerChunk, _items);
        for (int item = chunk * _itemsPerChunk; item < end; item++)
        {
            int outer = item / _blocks, column = (item - outer * _blocks) * Beside,
                width = Math.Min(Beside, _inner - column);
            // Forward or backward from the first position that counts.
            nint first = ((nint)outer * _size + (_op.Backward ? _size - 1 : 0)) * _inner + column,
                stride = _op.Backward ? -_inner : _inner;
            if (_op is CumulativeSum) Sums(first, stride, width, carried);
            else if (_op is CumulativeProduct) Products(_target, first, stride, width, carried, including: true);
            else Slopes(first, stride, width, carried);
        }
    }

    void Sums(nint at, nint stride, int width, double* sums)
    {
        new Span<double>(sums, width).Clear();
        for (int place = 0; place < _size; place++, at += stride)
            for (int i = 0; i < width; i++) _target[at + i] = (float)(sums[i] += _x[at + i]);
    }

    /// <summary>The cumulative products, inclusive or exclusive.</summary>
    void Products(float* target, nint at, nint stride, int width, double* products, bool including)
    {
        new Span<double>(products, width).Fill(1);
        for (int place = 0; place < _size; place++, at += stride)
        {
            for (int i = 0; i < width; i++)
            {
                double before = products[i];
                products[i] *= _x[at + i];
                target[at + i] = (float)(including ? products[i] : before);
            }
        }
    }

    /// <summary>The product before each position times gᵢ + xᵢ₊₁·(gᵢ₊₁ + xᵢ₊₂·(…)).</summary>
    void Slopes(nint at, nint stride, int width, double* behind)
    {
        Products(_target, at, stride, width, behind, including: false);
        new Span<double>(behind, width).Clear();
        at += (_size - 1) * stride;
        for (int place = 0; place < _size; place++, at -= stride)
        {
            for (int i = 0; i < width; i++)
            {
                double sum = _gradient[at + i] + behind[i];
                _target[at + i] = (float)(_target[at + i] * sum);
                behind[i] = _x[at + i] * sum;
            }
        }
    }
}
