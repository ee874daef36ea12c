using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.KerasSequential.Numerics;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>Creates a reduction of an interpreted expression.</summary>
internal readonly struct InterpretedReduce(
    SpanProgram program, int streams, ReducePlan plan, nint target, int segments) : IReduction
{
    public ReduceLaunch Over<TReducer>() where TReducer : struct, IReducer =>
        new InterpretedReduceLaunch<TReducer>(program, streams, plan, target, segments);
}

/// <summary>
/// A reduction of an interpreted expression, one tile of values at a time, combined in the order of
/// <see cref="ReduceLaunch{TProgram, TStreams, TReducer}"/>.
/// </summary>
internal sealed unsafe class InterpretedReduceLaunch<TReducer>(
    SpanProgram program, int streams, ReducePlan plan, nint target, int segments) : ReduceLaunch(plan, target, segments)
    where TReducer : struct, IReducer
{
    const int Tile = SpanProgram.Tile;

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

    /// <summary>Memory for the values of a tile, followed by what the program needs.</summary>
    int Floats => Tile + program.Floats;

    [SkipLocalsInit]
    void Along<T>(int row, int rowEnd, int segment) where T : struct, ILane<T>
    {
        TileRows* places = stackalloc TileRows[program.Places];
        float* values = stackalloc float[Floats];
        (int start, int end) = Segment(segment, _plan.Inner);
        int width = Math.Min(Tile, end - start), together = width > 0 ? SpanProgram.RowsOf(width) : Tile;
        for (int r = row; r < rowEnd; r++)
        {
            T lanes = T.Splat(TReducer.Start);
            LaneScalar rest = LaneScalar.Splat(TReducer.Start);
            for (int k = 0, rows; k < _plan.Reduced.Count; k += rows)
            {
                // Short rows share a tile; long ones span several.
                rows = Math.Min(Math.Min(together, _plan.Reduced.RunFrom(k)), _plan.Reduced.Count - k);
                if (end - start <= Tile) Evaluate(places, values, r, k, start, rows, width);
                for (int n = 0; n < rows; n++)
                {
                    var wide = new RowTotal<T>();
                    var tail = new RowTotal<LaneScalar>();
                    for (int i = start, count; i < end; i += count)
                    {
                        count = Math.Min(Tile, end - i);
                        if (end - start > Tile) Evaluate(places, values, r, k + n, i, 1, count);
                        float* own = end - start <= Tile ? values + n * width : values;
                        int whole = count / T.Width * T.Width;
                        wide.Add(own, 0, whole);
                        tail.Add(own, whole, count);
                    }
                    lanes = TReducer.Combine(lanes, wide.Value);
                    rest = TReducer.Combine(rest, tail.Value);
                }
            }
            LaneScalar total = TReducer.Combine(LaneScalar.Splat(TReducer.Across(lanes)), rest);
            LaneScalar.Store(_target + (nint)segment * _outputs + r, total);
        }
    }

    /// <summary>Two alternating sums, so that additions need not wait for each other.</summary>
    struct RowTotal<T>() where T : struct, ILane<T>
    {
        T _total = T.Splat(TReducer.Start), _second = T.Splat(TReducer.Start);

        public readonly T Value => TReducer.Combine(_total, _second);

        public void Add(float* values, int start, int end)
        {
            T total = _total, second = _second;
            int i = start;
            for (; i + 2 * T.Width <= end; i += 2 * T.Width)
            {
                total = TReducer.Combine(total, T.Load(values + i));
                second = TReducer.Combine(second, T.Load(values + i + T.Width));
            }
            for (; i < end; i += T.Width) total = TReducer.Combine(total, T.Load(values + i));
            (_total, _second) = (total, second);
        }
    }

    [SkipLocalsInit]
    void Beside<T>(int row, int rowEnd, int column, int columnEnd, int segment) where T : struct, ILane<T>
    {
        TileRows* places = stackalloc TileRows[program.Places];
        float* values = stackalloc float[Floats];
        float* block = stackalloc float[Tile], total = stackalloc float[Tile];
        (int start, int end) = Segment(segment, _plan.Reduced.Count);
        for (int r = row; r < rowEnd; r++)
        {
            float* target = _target + (nint)segment * _outputs + (nint)r * _plan.Inner;
            for (int c = column, width; c < columnEnd; c += width)
            {
                width = Math.Min(Tile, columnEnd - c);
                int whole = width / T.Width * T.Width, together = SpanProgram.RowsOf(width);
                new Span<float>(total, width).Fill(TReducer.Start);
                for (int k = start, run; k < end; k += run)
                {
                    run = Math.Min(Math.Min(_plan.Reduced.RunFrom(k), Block), end - k);
                    new Span<float>(block, width).Fill(TReducer.Start);
                    for (int n = 0, rows; n < run; n += rows)
                    {
                        rows = Math.Min(together, run - n);
                        Evaluate(places, values, r, k + n, c, rows, width);
                        Combine<T>(block, values, rows, width, 0, whole);
                        Combine<LaneScalar>(block, values, rows, width, whole, width);
                    }
                    Combine<T>(total, block, 1, width, 0, whole);
                    Combine<LaneScalar>(total, block, 1, width, whole, width);
                }
                new Span<float>(total, width).CopyTo(new Span<float>(target + c, width));
            }
        }
    }

    /// <summary>Adds rows to the accumulators, column by column.</summary>
    static void Combine<T>(float* collected, float* values, int rows, int width, int start, int end)
        where T : struct, ILane<T>
    {
        for (int c = start; c < end; c += T.Width)
        {
            T sum = T.Load(collected + c);
            for (int row = 0; row < rows; row++) sum = TReducer.Combine(sum, T.Load(values + (nint)row * width + c));
            T.Store(collected + c, sum);
        }
    }

    /// <summary>The values of some equally spaced rows of the reduced loops.</summary>
    void Evaluate(TileRows* places, float* values, int row, int k, int column, int rows, int columns)
    {
        float* memory = values + Tile;
        program.Lay(places, memory, columns);
        for (int i = 0; i < _inputs; i++)
        {
            nint step = _plan.Reduced.Step(_plan.Strides[i]);
            program.Read(places, memory, i, new(At(i, row, k) + (i < streams ? column : 0), step), rows, columns);
        }
        program.Write(places, 0, new(values, columns));
        program.Run(places, rows, columns);
    }
}
