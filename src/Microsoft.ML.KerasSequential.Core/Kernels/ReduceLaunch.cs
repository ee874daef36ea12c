using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.KerasSequential.Numerics;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>A reduction, cut into chunks of outputs, or of one segment each.</summary>
internal abstract unsafe class ReduceLaunch : Launch
{
    /// <summary>The number of consecutive additions before the sum is moved to an outer accumulator.</summary>
    protected const int Block = 128;

    protected readonly ReducePlan _plan;
    protected readonly float* _target;
    protected readonly int _inputs, _segments, _outputs;
    readonly int _rowsPerChunk, _columnsPerChunk, _columnChunks;

    protected ReduceLaunch(ReducePlan plan, nint target, int segments)
    {
        _plan = plan;
        _target = (float*)target;
        _segments = segments;
        _inputs = plan.Pointers.Length;
        _outputs = plan.Kept.Count * (plan.InnerReduced ? 1 : plan.Inner);
        int columns = plan.InnerReduced ? 1 : plan.Inner;
        int work = Math.Max(1, plan.InnerReduced ? plan.Reduced.Count * plan.Inner : plan.Reduced.Count);
        if (segments > 1)
        {
            (_rowsPerChunk, _columnsPerChunk, _columnChunks) = (Math.Max(1, plan.Kept.Count), Math.Max(1, columns), 1);
            Chunks = segments;
            return;
        }
        // A chunk consists of full cache lines of outputs.
        _columnsPerChunk = Math.Clamp((ReduceKernel.ChunkSize / work + 63) / 64 * 64, 64, Math.Max(64, columns));
        _columnChunks = Math.Max(1, (columns + _columnsPerChunk - 1) / _columnsPerChunk);
        _rowsPerChunk = _columnChunks > 1 ? 1 : Math.Max(1, ReduceKernel.ChunkSize / (work * Math.Max(1, columns)));
        Chunks = (plan.Kept.Count + _rowsPerChunk - 1) / _rowsPerChunk * _columnChunks;
    }

    public override void Run(int chunk, float* scratch)
    {
        int segment = _segments > 1 ? chunk : 0;
        int part = _segments > 1 ? 0 : chunk;
        int row = part / _columnChunks * _rowsPerChunk, column = part % _columnChunks * _columnsPerChunk;
        int rowEnd = Math.Min(row + _rowsPerChunk, _plan.Kept.Count);
        if (_plan.InnerReduced) Along(row, rowEnd, segment);
        else Beside(row, rowEnd, column, Math.Min(column + _columnsPerChunk, _plan.Inner), segment);
    }

    /// <summary>The innermost loop is reduced.</summary>
    protected abstract void Along(int row, int rowEnd, int segment);

    /// <summary>The innermost loop is kept: neighboring outputs side by side.</summary>
    protected abstract void Beside(int row, int rowEnd, int column, int columnEnd, int segment);

    /// <summary>The part of a reduced loop that belongs to a segment.</summary>
    protected (int Start, int End) Segment(int segment, int size)
    {
        int length = (size + _segments - 1) / _segments, start = Math.Min(segment * length, size);
        return (start, Math.Min(start + length, size));
    }

    /// <summary>Where an operand starts at a kept and a reduced index.</summary>
    protected float* At(int operand, int row, int k) =>
        (float*)_plan.Pointers[operand]
        + _plan.Kept.Offset(row, _plan.Strides[operand]) + _plan.Reduced.Offset(k, _plan.Strides[operand]);
}

/// <summary>The reduction itself, closed over the expression.</summary>
internal sealed unsafe class ReduceLaunch<TProgram, TStreams, TReducer>(
    IProgram program, ReducePlan plan, nint target, int segments) : ReduceLaunch(plan, target, segments)
    where TProgram : struct, IProgram
    where TStreams : struct, IIndex
    where TReducer : struct, IReducer
{
    readonly TProgram _program = (TProgram)program;

    protected override void Along(int row, int rowEnd, int segment)
    {
        if (Vector512.IsHardwareAccelerated) Along<Lane512>(row, rowEnd, segment);
        else if (Vector256.IsHardwareAccelerated) Along<Lane256>(row, rowEnd, segment);
        else if (Vector128.IsHardwareAccelerated) Along<Lane128>(row, rowEnd, segment);
        else Along<LaneScalar>(row, rowEnd, segment);
    }

    protected override void Beside(int row, int rowEnd, int column, int columnEnd, int segment)
    {
        if (Vector512.IsHardwareAccelerated) Beside<Lane512>(row, rowEnd, column, columnEnd, segment);
        else if (Vector256.IsHardwareAccelerated) Beside<Lane256>(row, rowEnd, column, columnEnd, segment);
        else if (Vector128.IsHardwareAccelerated) Beside<Lane128>(row, rowEnd, column, columnEnd, segment);
        else Beside<LaneScalar>(row, rowEnd, column, columnEnd, segment);
    }

    void Along<T>(int row, int rowEnd, int segment) where T : struct, ILane<T>
    {
        (int start, int end) = Segment(segment, _plan.Inner);
        int whole = start + (end - start) / T.Width * T.Width;
        float** pointers = stackalloc float*[Args<T>.InputSlots];
        for (int r = row; r < rowEnd; r++)
        {
            T lanes = T.Splat(TReducer.Start);
            LaneScalar rest = LaneScalar.Splat(TReducer.Start);
            for (int k = 0; k < _plan.Reduced.Count; k++)
            {
                for (int i = 0; i < _inputs; i++) pointers[i] = At(i, r, k);
                lanes = TReducer.Combine(lanes, Row<T>(pointers, start, whole));
                rest = TReducer.Combine(rest, Row<LaneScalar>(pointers, whole, end));
            }
            LaneScalar total = TReducer.Combine(LaneScalar.Splat(TReducer.Across(lanes)), rest);
            LaneScalar.Store(_target + (nint)segment * _outputs + r, total);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    T Row<T>(float** pointers, int start, int end) where T : struct, ILane<T>
    {
        TProgram program = _program;
        T total = T.Splat(TReducer.Start), second = total;
        nint i = start;
        for (; i + 2 * T.Width <= end; i += 2 * T.Width)
        {
            total = TReducer.Combine(total, Value<T>(program, pointers, i));
            second = TReducer.Combine(second, Value<T>(program, pointers, i + T.Width));
        }
        for (; i < end; i += T.Width) total = TReducer.Combine(total, Value<T>(program, pointers, i));
        return TReducer.Combine(total, second);
    }

    void Beside<T>(int row, int rowEnd, int column, int columnEnd, int segment) where T : struct, ILane<T>
    {
        (int start, int end) = Segment(segment, _plan.Reduced.Count);
        for (int r = row; r < rowEnd; r++)
        {
            float* target = _target + (nint)segment * _outputs + (nint)r * _plan.Inner;
            int whole = column + (columnEnd - column) / T.Width * T.Width;
            int c = column;
            for (; c + 4 * T.Width <= whole; c += 4 * T.Width) FourColumns<T>(target, r, c, start, end);
            for (; c < whole; c += T.Width) Column<T>(target, r, c, start, end);
            for (c = whole; c < columnEnd; c++) Column<LaneScalar>(target, r, c, start, end);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Column<T>(float* target, int row, int column, int start, int end) where T : struct, ILane<T>
    {
        TProgram program = _program;
        float** pointers = stackalloc float*[Args<T>.InputSlots];
        nint* steps = stackalloc nint[Args<T>.InputSlots];
        for (int i = 0; i < _inputs; i++) steps[i] = _plan.Reduced.Step(_plan.Strides[i]);
        T total = T.Splat(TReducer.Start);
        for (int k = start, run; k < end; k += run)
        {
            // No call in the inner loop: the accumulator would go through memory.
            run = Find(pointers, row, k, end);
            T block = T.Splat(TReducer.Start);
            for (int n = 0; n < run; n++)
            {
                block = TReducer.Combine(block, Value<T>(program, pointers, column));
                for (int i = 0; i < _inputs; i++) pointers[i] += steps[i];
            }
            total = TReducer.Combine(total, block);
        }
        T.Store(target + column, total);
    }

    /// <summary>
    /// Four registers side by side, which use full cache lines of a row; each in the order of <see cref="Column"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void FourColumns<T>(float* target, int row, int column, int start, int end) where T : struct, ILane<T>
    {
        TProgram program = _program;
        float** pointers = stackalloc float*[Args<T>.InputSlots];
        nint* steps = stackalloc nint[Args<T>.InputSlots];
        for (int i = 0; i < _inputs; i++) steps[i] = _plan.Reduced.Step(_plan.Strides[i]);
        T first = T.Splat(TReducer.Start);
        T total0 = first, total1 = first, total2 = first, total3 = first;
        for (int k = start, run; k < end; k += run)
        {
            run = Find(pointers, row, k, end);
            T block0 = first, block1 = first, block2 = first, block3 = first;
            for (int n = 0; n < run; n++)
            {
                block0 = TReducer.Combine(block0, Value<T>(program, pointers, column));
                block1 = TReducer.Combine(block1, Value<T>(program, pointers, column + T.Width));
                block2 = TReducer.Combine(block2, Value<T>(program, pointers, column + 2 * T.Width));
                block3 = TReducer.Combine(block3, Value<T>(program, pointers, column + 3 * T.Width));
                for (int i = 0; i < _inputs; i++) pointers[i] += steps[i];
            }
            total0 = TReducer.Combine(total0, block0);
            total1 = TReducer.Combine(total1, block1);
            total2 = TReducer.Combine(total2, block2);
            total3 = TReducer.Combine(total3, block3);
        }
        T.Store(target + column, total0);
        T.Store(target + column + T.Width, total1);
        T.Store(target + column + 2 * T.Width, total2);
        T.Store(target + column + 3 * T.Width, total3);
    }

    /// <summary>
    /// Where the operands of a reduced index start, and the number of equally spaced indices from it on.
    /// </summary>
    int Find(float** pointers, int row, int k, int end)
    {
        for (int i = 0; i < _inputs; i++) pointers[i] = At(i, row, k);
        return Math.Min(Math.Min(_plan.Reduced.RunFrom(k), Block), end - k);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    T Value<T>(TProgram program, float** pointers, nint i) where T : struct, ILane<T>
    {
        Args<T> a = default;
        if (TStreams.Value > 0) a.I0 = T.Load(pointers[0] + i);
        if (TStreams.Value > 1) a.I1 = T.Load(pointers[1] + i);
        if (TStreams.Value > 2) a.I2 = T.Load(pointers[2] + i);
        if (TStreams.Value > 3) a.I3 = T.Load(pointers[3] + i);
        if (TStreams.Value > 4) a.I4 = T.Load(pointers[4] + i);
        if (TStreams.Value > 5) a.I5 = T.Load(pointers[5] + i);
        if (TStreams.Value > 6) a.I6 = T.Load(pointers[6] + i);
        if (TStreams.Value > 7) a.I7 = T.Load(pointers[7] + i);
        int count = _inputs;
        if (TStreams.Value < count)
        {
            if (TStreams.Value < 1 && count > 0) a.I0 = T.Splat(*pointers[0]);
            if (TStreams.Value < 2 && count > 1) a.I1 = T.Splat(*pointers[1]);
            if (TStreams.Value < 3 && count > 2) a.I2 = T.Splat(*pointers[2]);
            if (TStreams.Value < 4 && count > 3) a.I3 = T.Splat(*pointers[3]);
            if (TStreams.Value < 5 && count > 4) a.I4 = T.Splat(*pointers[4]);
            if (TStreams.Value < 6 && count > 5) a.I5 = T.Splat(*pointers[5]);
            if (TStreams.Value < 7 && count > 6) a.I6 = T.Splat(*pointers[6]);
            if (TStreams.Value < 8 && count > 7) a.I7 = T.Splat(*pointers[7]);
        }
        program.Run(ref a);
        return a.B0;
    }
}

/// <summary>A reduction of values as they are in memory, which needs no expression.</summary>
internal readonly struct PlainReduce(ReducePlan plan, nint target) : IReduction
{
    public ReduceLaunch Over<TReducer>() where TReducer : struct, IReducer =>
        new ReduceLaunch<Bind<N0, Input<N0>, Done>, N1, TReducer>(
            default(Bind<N0, Input<N0>, Done>), plan, target, segments: 1);
}
