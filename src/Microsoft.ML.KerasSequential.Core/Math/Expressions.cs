using System.Runtime.CompilerServices;

namespace Microsoft.ML.KerasSequential.Numerics;

// One tiny struct per operation: the complete definition of its forward computation on every device.

/// <summary>A value read from memory.</summary>
internal readonly struct Input<N> : IExpr where N : struct, IIndex
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Eval<T>(in Args<T> a) where T : struct, ILane<T> => N.Value switch
    {
        0 => a.I0,
        1 => a.I1,
        2 => a.I2,
        3 => a.I3,
        4 => a.I4,
        5 => a.I5,
        6 => a.I6,
        _ => a.I7,
    };
}

/// <summary>A value bound by an earlier statement.</summary>
internal readonly struct Bound<N> : IExpr where N : struct, IIndex
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Eval<T>(in Args<T> a) where T : struct, ILane<T> => N.Value switch
    {
        0 => a.B0,
        1 => a.B1,
        2 => a.B2,
        3 => a.B3,
        4 => a.B4,
        _ => a.B5,
    };
}

/// <summary>A constant in the expression.</summary>
internal readonly struct Number(float value) : IExpr
{
    readonly float value = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Eval<T>(in Args<T> a) where T : struct, ILane<T> => T.Splat(value);
}

/// <summary>Binds a value to a slot, then continues.</summary>
internal readonly struct Bind<N, X, Rest>(X x, Rest rest) : IProgram where N : struct, IIndex where X
    : struct, IExpr where Rest : struct, IProgram
{
    readonly X x = x;
    readonly Rest rest = rest;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Run<T>(ref Args<T> a) where T : struct, ILane<T>
    {
        T value = x.Eval(a);
        if (N.Value == 0) a.B0 = value;
        else if (N.Value == 1) a.B1 = value;
        else if (N.Value == 2) a.B2 = value;
        else if (N.Value == 3) a.B3 = value;
        else if (N.Value == 4) a.B4 = value;
        else a.B5 = value;
        rest.Run(ref a);
    }
}

/// <summary>The end of a program.</summary>
internal readonly struct Done : IProgram
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Run<T>(ref Args<T> a) where T : struct, ILane<T>
    {
    }
}

internal readonly struct Identity<X>(X x) : IExpr where X : struct, IExpr
{
    readonly X x = x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Eval<T>(in Args<T> a) where T : struct, ILane<T> => x.Eval(a);
}

internal readonly struct Negate<X>(X x) : IExpr where X : struct, IExpr
{
    readonly X x = x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Eval<T>(in Args<T> a) where T : struct, ILane<T> => -x.Eval(a);
}

internal readonly struct Abs<X>(X x) : IExpr where X : struct, IExpr
{
    readonly X x = x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Eval<T>(in Args<T> a) where T : struct, ILane<T> => T.Abs(x.Eval(a));
}

internal readonly struct Sign<X>(X x) : IExpr where X : struct, IExpr
{
    readonly X x = x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Eval<T>(in Args<T> a) where T : struct, ILane<T> => Of(x.Eval(a));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static T Of<T>(T x) where T : struct, ILane<T> =>
        T.Select(T.Equal(x, T.Splat(0f)), x, T.Select(T.Equal(x, x), T.CopySign(T.Splat(1f), x), x));
}

internal readonly struct Sqrt<X>(X x) : IExpr where X : struct, IExpr
{
    readonly X x = x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Eval<T>(in Args<T> a) where T : struct, ILane<T> => T.Sqrt(x.Eval(a));
}

internal readonly struct Square<X>(X x) : IExpr where X : struct, IExpr
{
    readonly X x = x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Eval<T>(in Args<T> a) where T : struct, ILane<T> => Of(x.Eval(a));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static T Of<T>(T x) where T : struct, ILane<T> => x * x;
}

internal readonly struct Exp<X>(X x) : IExpr where X : struct, IExpr
{
    readonly X x = x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Eval<T>(in Args<T> a) where T : struct, ILane<T> => LaneMath.Exp(x.Eval(a));
}

internal readonly struct Expm1<X>(X x) : IExpr where X : struct, IExpr
{
    readonly X x = x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Eval<T>(in Args<T> a) where T : struct, ILane<T> => LaneMath.Expm1(x.Eval(a));
}

internal readonly struct Erf<X>(X x) : IExpr where X : struct, IExpr
{
    readonly X x = x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Eval<T>(in Args<T> a) where T : struct, ILane<T> => LaneMath.Erf(x.Eval(a));
}

internal readonly struct Log<X>(X x) : IExpr where X : struct, IExpr
{
    readonly X x = x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Eval<T>(in Args<T> a) where T : struct, ILane<T> => LaneMath.Log(x.Eval(a));
}

internal readonly struct Log1p<X>(X x) : IExpr where X : struct, IExpr
{
    readonly X x = x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Eval<T>(in Args<T> a) where T : struct, ILane<T> => LaneMath.Log1p(x.Eval(a));
}

internal readonly struct Tanh<X>(X x) : IExpr where X : struct, IExpr
{
    readonly X x = x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Eval<T>(in Args<T> a) where T : struct, ILane<T> => LaneMath.Tanh(x.Eval(a));
}

internal readonly struct Sin<X>(X x) : IExpr where X : struct, IExpr
{
    readonly X x = x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Eval<T>(in Args<T> a) where T : struct, ILane<T> => LaneMath.Sin(x.Eval(a));
}

internal readonly struct Cos<X>(X x) : IExpr where X : struct, IExpr
{
    readonly X x = x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Eval<T>(in Args<T> a) where T : struct, ILane<T> => LaneMath.Cos(x.Eval(a));
}

internal readonly struct Sigmoid<X>(X x) : IExpr where X : struct, IExpr
{
    readonly X x = x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Eval<T>(in Args<T> a) where T : struct, ILane<T> => LaneMath.Sigmoid(x.Eval(a));
}

internal readonly struct Softplus<X>(X x) : IExpr where X : struct, IExpr
{
    readonly X x = x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Eval<T>(in Args<T> a) where T : struct, ILane<T> => LaneMath.Softplus(x.Eval(a));
}

internal readonly struct Relu<X>(X x) : IExpr where X : struct, IExpr
{
    readonly X x = x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Eval<T>(in Args<T> a) where T : struct, ILane<T> => T.AtLeast(T.Splat(0f), x.Eval(a));
}

internal readonly struct Floor<X>(X x) : IExpr where X : struct, IExpr
{
    readonly X x = x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Eval<T>(in Args<T> a) where T : struct, ILane<T> => T.Floor(x.Eval(a));
}

internal readonly struct Round<X>(X x) : IExpr where X : struct, IExpr
{
    readonly X x = x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Eval<T>(in Args<T> a) where T : struct, ILane<T> => T.Round(x.Eval(a));
}

internal readonly struct Add<X, Y>(X x, Y y) : IExpr where X : struct, IExpr where Y : struct, IExpr
{
    readonly X x = x;
    readonly Y y = y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Eval<T>(in Args<T> a) where T : struct, ILane<T> => x.Eval(a) + y.Eval(a);
}

internal readonly struct Subtract<X, Y>(X x, Y y) : IExpr where X : struct, IExpr where Y : struct, IExpr
{
    readonly X x = x;
    readonly Y y = y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Eval<T>(in Args<T> a) where T : struct, ILane<T> => x.Eval(a) - y.Eval(a);
}

internal readonly struct Multiply<X, Y>(X x, Y y) : IExpr where X : struct, IExpr where Y : struct, IExpr
{
    readonly X x = x;
    readonly Y y = y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Eval<T>(in Args<T> a) where T : struct, ILane<T> => x.Eval(a) * y.Eval(a);
}

internal readonly struct Divide<X, Y>(X x, Y y) : IExpr where X : struct, IExpr where Y : struct, IExpr
{
    readonly X x = x;
    readonly Y y = y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Eval<T>(in Args<T> a) where T : struct, ILane<T> => x.Eval(a) / y.Eval(a);
}

internal readonly struct Pow<X, Y>(X x, Y y) : IExpr where X : struct, IExpr where Y : struct, IExpr
{
    readonly X x = x;
    readonly Y y = y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Eval<T>(in Args<T> a) where T : struct, ILane<T> => T.Pow(x.Eval(a), y.Eval(a));
}

internal readonly struct Minimum<X, Y>(X x, Y y) : IExpr where X : struct, IExpr where Y : struct, IExpr
{
    readonly X x = x;
    readonly Y y = y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Eval<T>(in Args<T> a) where T : struct, ILane<T> => T.Min(x.Eval(a), y.Eval(a));
}

internal readonly struct First<X, Y>(X x, Y y) : IExpr where X : struct, IExpr where Y : struct, IExpr
{
    readonly X x = x;
    readonly Y y = y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Eval<T>(in Args<T> a) where T : struct, ILane<T> => x.Eval(a);
}

internal readonly struct Maximum<X, Y>(X x, Y y) : IExpr where X : struct, IExpr where Y : struct, IExpr
{
    readonly X x = x;
    readonly Y y = y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Eval<T>(in Args<T> a) where T : struct, ILane<T> => T.Max(x.Eval(a), y.Eval(a));
}

internal readonly struct Less<X, Y>(X x, Y y) : IExpr where X : struct, IExpr where Y : struct, IExpr
{
    readonly X x = x;
    readonly Y y = y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Eval<T>(in Args<T> a) where T : struct, ILane<T> =>
        T.Select(T.Less(x.Eval(a), y.Eval(a)), T.Splat(1f), T.Splat(0f));
}

internal readonly struct LessEqual<X, Y>(X x, Y y) : IExpr where X : struct, IExpr where Y : struct, IExpr
{
    readonly X x = x;
    readonly Y y = y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Eval<T>(in Args<T> a) where T : struct, ILane<T> =>
        T.Select(T.LessOrEqual(x.Eval(a), y.Eval(a)), T.Splat(1f), T.Splat(0f));
}

internal readonly struct Equal<X, Y>(X x, Y y) : IExpr where X : struct, IExpr where Y : struct, IExpr
{
    readonly X x = x;
    readonly Y y = y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Eval<T>(in Args<T> a) where T : struct, ILane<T> =>
        T.Select(T.Equal(x.Eval(a), y.Eval(a)), T.Splat(1f), T.Splat(0f));
}

/// <summary>y where x is not zero, else z.</summary>
internal readonly struct Where<X, Y, Z>(X x, Y y, Z z) : IExpr where X : struct, IExpr where Y : struct, IExpr where Z
    : struct, IExpr
{
    readonly X x = x;
    readonly Y y = y;
    readonly Z z = z;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Eval<T>(in Args<T> a) where T : struct, ILane<T> =>
        T.Select(T.Equal(x.Eval(a), T.Splat(0f)), z.Eval(a), y.Eval(a));
}
