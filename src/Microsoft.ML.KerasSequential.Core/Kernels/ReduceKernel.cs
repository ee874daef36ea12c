using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Numerics;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>How values are combined in a reduction.</summary>
internal interface IReducer
{
    static abstract float Start { get; }
    static abstract T Combine<T>(T a, T b) where T : struct, ILane<T>;
    static abstract float Across<T>(T a) where T : struct, ILane<T>;
}

internal readonly struct SumReducer : IReducer
{
    public static float Start => 0f;
    public static T Combine<T>(T a, T b) where T : struct, ILane<T> => a + b;
    public static float Across<T>(T a) where T : struct, ILane<T> => T.Sum(a);
}

internal readonly struct MaxReducer : IReducer
{
    public static float Start => float.NegativeInfinity;
    public static T Combine<T>(T a, T b) where T : struct, ILane<T> => T.Max(a, b);
    public static float Across<T>(T a) where T : struct, ILane<T> => T.MaxAcross(a);
}

internal readonly struct MinReducer : IReducer
{
    public static float Start => float.PositiveInfinity;
    public static T Combine<T>(T a, T b) where T : struct, ILane<T> => T.Min(a, b);
    public static float Across<T>(T a) where T : struct, ILane<T> => -T.MaxAcross(-a);
}

internal readonly struct ProdReducer : IReducer
{
    public static float Start => 1f;
    public static T Combine<T>(T a, T b) where T : struct, ILane<T> => a * b;

    public static unsafe float Across<T>(T a) where T : struct, ILane<T>
    {
        float* values = stackalloc float[T.Width];
        T.Store(values, a);
        float product = values[0];
        for (int i = 1; i < T.Width; i++) product *= values[i];
        return product;
    }
}

/// <summary>
/// A reduction of a fused expression. If the innermost loop is reduced, each output is a sum along rows; if it is kept,
/// neighbouring outputs are accumulated side by side. Long sums are cut into segments of fixed length whose partial
/// results are added in order, for speed and for accuracy.
/// </summary>
internal static class ReduceKernel
{
    /// <summary>Sums over more values than this are cut into segments.</summary>
    const int SegmentSize = 16 * 1024;

    /// <summary>Work that one chunk should at least hold.</summary>
    internal const int ChunkSize = 16 * 1024;

    public static IEnumerable<Launch> Bind(Step step, CpuBinding binding)
    {
        var op = (Reduce)step.Macro!.Op;
        Tensor source = step.Macro.Inputs[0];
        IterationSpace space = IterationSpace.Of(source.Dims, [.. step.Inputs.Select(i => i.Dims)], op.Axes);
        // Kept loops first, then reduced ones, but the innermost loop stays where memory is contiguous.
        int inner = space.Loops.Count - 1;
        bool innerReduced = space.Loops[inner].Reduced;
        int[] order = [.. Enumerable.Range(0, step.Inputs.Count).OrderByDescending(i => space.Loops[inner].Follows[i])];
        int streams = order.Count(i => space.Loops[inner].Follows[i]);
        int[] sizes = [.. space.Loops.Select(l => binding.Evaluate(l.Size))];
        int[] kept = [.. Enumerable.Range(0, inner).Where(i => !space.Loops[i].Reduced)];
        int[] reduced = [.. Enumerable.Range(0, inner).Where(i => space.Loops[i].Reduced)];

        IProgram program = ProgramBuilder.Build(step.Chain, [.. order.Select(i => step.Inputs[i])], [source]);
        var plan = new ReducePlan
        {
            Kept = new(kept, sizes),
            Reduced = new(reduced, sizes),
            Inner = sizes[inner],
            InnerReduced = innerReduced,
            Pointers = [.. order.Select(i => (nint)AddressOf(binding, step.Inputs[i]))],
            Strides = [.. order.Select(i => space.Strides(i, sizes))],
        };

        Type reducer = op.Kind switch
        {
            ReduceKind.Sum => typeof(SumReducer),
            ReduceKind.Max => typeof(MaxReducer),
            ReduceKind.Min => typeof(MinReducer),
            _ => typeof(ProdReducer),
        };
        int outputs = plan.Kept.Count * (innerReduced ? 1 : plan.Inner);
        int segments = 1;
        if (outputs > 0 && innerReduced && plan.Reduced.Count == 1 && plan.Inner > SegmentSize) segments = (plan.Inner + SegmentSize - 1) / SegmentSize;
        else if (plan.Reduced.Count > 4096 && outputs <= 4096) segments = (plan.Reduced.Count + 1023) / 1024;

        nint target = AddressOf(binding, step.Root);
        Type Close(Type p, int s) => typeof(ReduceLaunch<,,>).MakeGenericType(p, Numerics.Index.Type(s), reducer);
        if (segments == 1)
        {
            yield return (Launch)Activator.CreateInstance(Close(program.GetType(), streams), program, plan, target, 1)!;
            yield break;
        }

        // (segments, outputs) partial results, then a reduction over the first dimension.
        nint partial = AddressOfWorkspace(binding, segments * outputs);
        yield return (Launch)Activator.CreateInstance(Close(program.GetType(), streams), program, plan, partial, segments)!;
        var second = new ReducePlan
        {
            Kept = new([], sizes),
            Reduced = new([0], [segments, outputs]),
            Inner = outputs,
            InnerReduced = false,
            Pointers = [partial],
            Strides = [[outputs, 1]],
        };
        var copy = new Bind<N0, Input<N0>, Done>(default, default);
        yield return (Launch)Activator.CreateInstance(Close(copy.GetType(), 1), copy, second, target, 1)!;
    }

    static unsafe nint AddressOf(CpuBinding binding, Tensor tensor) => (nint)binding.Address(tensor);

    static unsafe nint AddressOfWorkspace(CpuBinding binding, int floats) => (nint)binding.Temporary(floats);
}

/// <summary>Some of the loops of a reduction, walked by one index.</summary>
internal sealed class LoopGroup(int[] loops, int[] sizes)
{
    public int Count { get; } = loops.Aggregate(1, (count, loop) => count * sizes[loop]);

    /// <summary>How many indices from this one on lie along the innermost of the loops.</summary>
    public int RunFrom(int index) => loops.Length == 0 ? 1 : sizes[loops[^1]] - index % sizes[loops[^1]];

    /// <summary>The distance between neighbours along the innermost of the loops.</summary>
    public nint Step(int[] strides) => loops.Length == 0 ? 0 : strides[loops[^1]];

    public nint Offset(int index, int[] strides)
    {
        if (loops.Length == 1) return (nint)index * strides[loops[0]];
        nint offset = 0;
        for (int i = loops.Length - 1; i >= 0; i--)
        {
            int size = sizes[loops[i]];
            offset += (nint)(index % size) * strides[loops[i]];
            index /= size;
        }
        return offset;
    }
}

/// <summary>The loops and operands of a reduction.</summary>
internal sealed class ReducePlan
{
    public required LoopGroup Kept { get; init; }
    public required LoopGroup Reduced { get; init; }
    public required int Inner { get; init; }
    public required bool InnerReduced { get; init; }
    public required nint[] Pointers { get; init; }
    public required int[][] Strides { get; init; }
}

internal sealed unsafe class ReduceLaunch<TProgram, TStreams, TReducer> : Launch
    where TProgram : struct, IProgram
    where TStreams : struct, IIndex
    where TReducer : struct, IReducer
{
    /// <summary>Additions in a row before the sum is moved to an outer accumulator.</summary>
    const int Block = 128;

    readonly TProgram _program;
    readonly ReducePlan _plan;
    readonly float* _target;
    readonly int _inputs, _segments, _rowsPerChunk, _columnsPerChunk, _columnChunks, _outputs;

    public ReduceLaunch(IProgram program, ReducePlan plan, nint target, int segments)
    {
        _program = (TProgram)program;
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
        // A chunk of whole cache lines of outputs.
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
        if (_plan.InnerReduced)
        {
            if (Vector512.IsHardwareAccelerated) Along<Lane512>(row, rowEnd, segment);
            else if (Vector256.IsHardwareAccelerated) Along<Lane256>(row, rowEnd, segment);
            else if (Vector128.IsHardwareAccelerated) Along<Lane128>(row, rowEnd, segment);
            else Along<LaneScalar>(row, rowEnd, segment);
        }
        else
        {
            int columnEnd = Math.Min(column + _columnsPerChunk, _plan.Inner);
            if (Vector512.IsHardwareAccelerated) Beside<Lane512>(row, rowEnd, column, columnEnd, segment);
            else if (Vector256.IsHardwareAccelerated) Beside<Lane256>(row, rowEnd, column, columnEnd, segment);
            else if (Vector128.IsHardwareAccelerated) Beside<Lane128>(row, rowEnd, column, columnEnd, segment);
            else Beside<LaneScalar>(row, rowEnd, column, columnEnd, segment);
        }
    }

    /// <summary>The innermost loop is reduced.</summary>
    void Along<T>(int row, int rowEnd, int segment) where T : struct, ILane<T>
    {
        int length = (_plan.Inner + _segments - 1) / _segments;
        int start = Math.Min(segment * length, _plan.Inner), end = Math.Min(start + length, _plan.Inner);
        int whole = start + (end - start) / T.Width * T.Width;
        float** pointers = stackalloc float*[Args<T>.InputSlots];
        for (int r = row; r < rowEnd; r++)
        {
            T lanes = T.Splat(TReducer.Start);
            LaneScalar rest = LaneScalar.Splat(TReducer.Start);
            for (int k = 0; k < _plan.Reduced.Count; k++)
            {
                for (int i = 0; i < _plan.Pointers.Length; i++)
                    pointers[i] = (float*)_plan.Pointers[i] + _plan.Kept.Offset(r, _plan.Strides[i]) + _plan.Reduced.Offset(k, _plan.Strides[i]);
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

    /// <summary>The innermost loop is kept: neighbouring outputs side by side.</summary>
    void Beside<T>(int row, int rowEnd, int column, int columnEnd, int segment) where T : struct, ILane<T>
    {
        int length = (_plan.Reduced.Count + _segments - 1) / _segments;
        int start = Math.Min(segment * length, _plan.Reduced.Count), end = Math.Min(start + length, _plan.Reduced.Count);
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

    /// <summary>Four registers side by side, which use whole cache lines of a row; each in the order of <see cref="Column"/>.</summary>
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

    /// <summary>Where the operands of a reduced index begin, and how many indices from it on lie at equal distances.</summary>
    int Find(float** pointers, int row, int k, int end)
    {
        for (int i = 0; i < _inputs; i++)
            pointers[i] = (float*)_plan.Pointers[i] + _plan.Kept.Offset(row, _plan.Strides[i]) + _plan.Reduced.Offset(k, _plan.Strides[i]);
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
