using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>Copies the rows of a table that the indices name.</summary>
internal sealed unsafe class GatherKernel(float* table, int tableRows, float* indices, float* target, int rows, int columns) : RowKernel(rows, columns)
{
    public static Launch Bind(Step step, CpuBinding binding)
    {
        Tensor table = step.Macro!.Inputs[0], indices = step.Macro.Inputs[1];
        return new GatherKernel(binding.Address(table), binding.Evaluate(table.Dims[0]), binding.Address(indices), binding.Address(step.Root),
            binding.Evaluate(indices.Dims.Size), binding.Evaluate(table.Dims.Product(1, table.Rank)));
    }

    protected override void Row<T>(int row)
    {
        var to = new Span<float>(target + (nint)row * Columns, Columns);
        float index = indices[row];
        if (index >= 0f && index < tableRows) new ReadOnlySpan<float>(table + (nint)(int)index * Columns, Columns).CopyTo(to);
        else to.Fill(float.NaN);
    }
}

/// <summary>Adds updates to the rows that the indices name. Chunks own ranges of columns, so that the order of additions is fixed.</summary>
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
        return new ScatterAddKernel(binding.Address(indices), binding.Address(step.Macro.Inputs[1]), binding.Address(step.Root),
            binding.Evaluate(indices.Dims.Size), binding.Evaluate(result[0]), binding.Evaluate(result.Product(1, result.Rank)));
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
            System.Numerics.Tensors.TensorPrimitives.Add(to, new ReadOnlySpan<float>(_updates + (nint)i * _columns + start, width), to);
        }
    }
}

/// <summary>A row of zeros with a 1 at the index.</summary>
internal sealed unsafe class OneHotKernel(float* indices, float* target, int rows, int depth) : RowKernel(rows, depth)
{
    public static Launch Bind(Step step, CpuBinding binding)
    {
        (int rows, int columns) = binding.Matrix(step.Root);
        return new OneHotKernel(binding.Address(step.Macro!.Inputs[0]), binding.Address(step.Root), rows, columns);
    }

    protected override void Row<T>(int row)
    {
        var to = new Span<float>(target + (nint)row * Columns, Columns);
        to.Clear();
        float index = indices[row];
        if (index >= 0f && index < Columns) to[(int)index] = 1f;
    }
}

/// <summary>The first index of the largest value of each row; the first NaN if there is one.</summary>
internal sealed unsafe class ArgMaxKernel(float* x, float* target, int rows, int columns) : RowKernel(rows, columns)
{
    public static Launch Bind(Step step, CpuBinding binding)
    {
        (int rows, int columns) = binding.Matrix(step.Macro!.Inputs[0]);
        return new ArgMaxKernel(binding.Address(step.Macro.Inputs[0]), binding.Address(step.Root), rows, columns);
    }

    protected override void Row<T>(int row) =>
        target[row] = System.Numerics.Tensors.TensorPrimitives.IndexOfMax(new ReadOnlySpan<float>(x + (nint)row * Columns, Columns));
}

/// <summary>Whether the target's prediction is among the K largest of its row; values that equal it do not push it out.</summary>
internal sealed unsafe class InTopKKernel(float* predictions, float* targets, float* result, int rows, int columns, int k) : RowKernel(rows, columns)
{
    public static Launch Bind(Step step, CpuBinding binding)
    {
        Tensor[] inputs = step.Macro!.Inputs;
        (int rows, int columns) = binding.Matrix(inputs[0]);
        return new InTopKKernel(binding.Address(inputs[0]), binding.Address(inputs[1]), binding.Address(step.Root), rows, columns, ((InTopK)step.Macro.Op).K);
    }

    protected override void Row<T>(int row)
    {
        float* p = predictions + (nint)row * Columns;
        float target = targets[row];
        if (!(target >= 0f && target < Columns) || !float.IsFinite(p[(int)target]))
        {
            result[row] = 0f;
            return;
        }
        int larger = 0;
        for (int i = 0; i < Columns; i++)
            if (p[i] > p[(int)target]) larger++;
        result[row] = larger < k ? 1f : 0f;
    }
}

/// <summary>Writes a size that is known since the plan was bound.</summary>
internal sealed unsafe class SizeOfKernel(float* target, int size) : Launch
{
    public static Launch Bind(Step step, CpuBinding binding) =>
        new SizeOfKernel(binding.Address(step.Root), binding.Evaluate(((SizeOf)step.Macro!.Op).Size));

    public override void Run(int chunk, float* scratch) => *target = size;
}
