using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>
/// Copies runs of values from one place to another, or fills them with zeros: slices, padding, concatenation, reversal.
/// </summary>
internal sealed unsafe class BlocksKernel : Launch
{
    const int ChunkSize = 16 * 1024;

    readonly float* _source, _target;
    readonly int _rows, _runs, _length, _rowsPerChunk;
    readonly nint _sourceRow, _targetRow, _sourceRun;

    /// <param name="source">The first value, or null for zeros.</param>
    /// <param name="target">The destination.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="sourceRow">The distance between rows in the source.</param>
    /// <param name="targetRow">The distance between rows in the target.</param>
    /// <param name="length">The number of values in a run.</param>
    /// <param name="runs">The number of runs per row, side by side in the target.</param>
    /// <param name="sourceRun">The distance between runs in the source.</param>
    public BlocksKernel(nint source, nint target, int rows, nint sourceRow, nint targetRow, int length, int runs = 1,
        nint sourceRun = 0)
    {
        _source = (float*)source;
        _target = (float*)target;
        (_rows, _runs, _length) = (rows, runs, length);
        (_sourceRow, _targetRow, _sourceRun) = (sourceRow, targetRow, sourceRun);
        _rowsPerChunk = Math.Max(1, ChunkSize / Math.Max(1, runs * length));
        Chunks = runs * length == 0 ? 0 : (rows + _rowsPerChunk - 1) / _rowsPerChunk;
    }

    public static IEnumerable<Launch> BindSlice(Step step, CpuBinding binding)
    {
        var op = (Slice)step.Macro!.Op;
        (int rows, int all, int inner) = Around(step.Macro.Inputs[0].Dims, op.Axis, binding);
        int size = binding.Evaluate(op.Size);
        yield return new BlocksKernel(Address(binding, step.Macro.Inputs[0], op.Start * inner),
            Address(binding, step.Root, 0), rows, all * inner, size * inner, size * inner);
    }

    public static IEnumerable<Launch> BindPad(Step step, CpuBinding binding)
    {
        var op = (Pad)step.Macro!.Op;
        (int rows, int size, int inner) = Around(step.Macro.Inputs[0].Dims, op.Axis, binding);
        int all = binding.Evaluate(op.Total), end = op.Before + size;
        if (op.Before > 0)
            yield return new BlocksKernel(0, Address(binding, step.Root, 0), rows, 0, all * inner, op.Before * inner);
        yield return new BlocksKernel(Address(binding, step.Macro.Inputs[0], 0),
            Address(binding, step.Root, op.Before * inner), rows, size * inner, all * inner, size * inner);
        if (end < all)
            yield return new BlocksKernel(0, Address(binding, step.Root, end * inner), rows, 0, all * inner,
                (all - end) * inner);
    }

    public static IEnumerable<Launch> BindConcat(Step step, CpuBinding binding)
    {
        var op = (Concat)step.Macro!.Op;
        int all = binding.Evaluate(op.Total), start = 0;
        foreach (Tensor input in step.Macro.Inputs)
        {
            (int rows, int size, int inner) = Around(input.Dims, op.Axis, binding);
            yield return new BlocksKernel(Address(binding, input, 0), Address(binding, step.Root, start * inner), rows,
                size * inner, all * inner, size * inner);
            start += size;
        }
    }

    public static IEnumerable<Launch> BindReverse(Step step, CpuBinding binding)
    {
        Tensor x = step.Macro!.Inputs[0];
        (int rows, int size, int inner) = Around(x.Dims, ((Reverse)step.Macro.Op).Axis, binding);
        yield return new BlocksKernel(Address(binding, x, Math.Max(0, size - 1) * inner),
            Address(binding, step.Root, 0), rows, size * inner, size * inner, inner, size, -inner);
    }

    public override void Run(int chunk, float* scratch)
    {
        int end = Math.Min((chunk + 1) * _rowsPerChunk, _rows);
        for (int row = chunk * _rowsPerChunk; row < end; row++)
        {
            float* to = _target + row * _targetRow;
            for (int run = 0; run < _runs; run++, to += _length)
            {
                if (_source is null) new Span<float>(to, _length).Clear();
                else new ReadOnlySpan<float>(_source + row * _sourceRow + run * _sourceRun, _length)
                    .CopyTo(new Span<float>(to, _length));
            }
        }
    }

    /// <summary>The sizes before, along and after an axis.</summary>
    static (int Rows, int Size, int Inner) Around(Dims dims, int axis, CpuBinding binding) =>
        (binding.Evaluate(dims.Product(0, axis)), binding.Evaluate(dims[axis]),
            binding.Evaluate(dims.Product(axis + 1, dims.Rank)));

    static nint Address(CpuBinding binding, Tensor tensor, int offset) => (nint)(binding.Address(tensor) + offset);
}
