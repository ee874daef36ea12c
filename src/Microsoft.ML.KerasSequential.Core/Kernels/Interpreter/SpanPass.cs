using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.KerasSequential.Numerics;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>Rows of values: where the first one starts, and the distance to the next.</summary>
internal readonly unsafe struct TileRows(float* pointer, nint step)
{
    public readonly float* Pointer = pointer;

    public readonly nint Step = step;
}

/// <summary>A step of a <see cref="SpanProgram"/>: its pass, and the locations of operands and result.</summary>
internal sealed record SpanStep(SpanPass Pass, int[] Operands, int Target);

/// <summary>An expression over all values of a tile: the interpreter's building block.</summary>
internal abstract unsafe class SpanPass
{
    /// <summary>The type of the expression, with <see cref="Input{N}"/> for its operands.</summary>
    public abstract Type Expression { get; }

    /// <summary>Applies the expression to some rows at known locations.</summary>
    public abstract void Run(TileRows* places, SpanStep step, int rows, int columns);

    /// <summary>The pass of an expression with a number of inputs; its loop is compiled ahead of time.</summary>
    public static SpanPass Of<TExpression, TInputs>()
        where TExpression : struct, IExpr where TInputs : struct, IIndex => new SpanPass<TExpression, TInputs>();
}

/// <inheritdoc/>
internal sealed unsafe class SpanPass<TExpression, TInputs> : SpanPass
    where TExpression : struct, IExpr
    where TInputs : struct, IIndex
{
    public override Type Expression => typeof(TExpression);

    public override void Run(TileRows* places, SpanStep step, int rows, int columns)
    {
        if (Vector512.IsHardwareAccelerated) Lanes<Lane512>(places, step, rows, columns);
        else if (Vector256.IsHardwareAccelerated) Lanes<Lane256>(places, step, rows, columns);
        else if (Vector128.IsHardwareAccelerated) Lanes<Lane128>(places, step, rows, columns);
        else Lanes<LaneScalar>(places, step, rows, columns);
    }

    static void Lanes<T>(TileRows* places, SpanStep step, int rows, int columns) where T : struct, ILane<T>
    {
        int whole = columns - columns % T.Width;
        if (whole > 0) Block<T>(places, step, rows, 0, whole);
        if (whole < columns) Block<LaneScalar>(places, step, rows, whole, columns);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization), SkipLocalsInit]
    static void Block<T>(TileRows* places, SpanStep step, int rows, int start, int end) where T : struct, ILane<T>
    {
        TExpression expression = default;
        int[] operands = step.Operands;
        TileRows target = places[step.Target];
        TileRows x = TInputs.Value > 0 ? places[operands[0]] : default;
        TileRows y = TInputs.Value > 1 ? places[operands[1]] : default;
        TileRows z = TInputs.Value > 2 ? places[operands[2]] : default;
        TileRows w = TInputs.Value > 3 ? places[operands[3]] : default;
        float* q = target.Pointer, p0 = x.Pointer, p1 = y.Pointer, p2 = z.Pointer, p3 = w.Pointer;
        for (int row = 0; row < rows; row++)
        {
            for (nint i = start; i < end; i += T.Width)
            {
                Args<T> a = default;
                if (TInputs.Value > 0) a.I0 = T.Load(p0 + i);
                if (TInputs.Value > 1) a.I1 = T.Load(p1 + i);
                if (TInputs.Value > 2) a.I2 = T.Load(p2 + i);
                if (TInputs.Value > 3) a.I3 = T.Load(p3 + i);
                T.Store(q + i, expression.Eval(a));
            }
            q += target.Step;
            if (TInputs.Value > 0) p0 += x.Step;
            if (TInputs.Value > 1) p1 += y.Step;
            if (TInputs.Value > 2) p2 += z.Step;
            if (TInputs.Value > 3) p3 += w.Step;
        }
    }
}
