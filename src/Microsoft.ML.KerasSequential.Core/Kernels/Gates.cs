using System.Runtime.CompilerServices;
using Microsoft.ML.KerasSequential.Numerics;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>An activation of a gate, and its slope from its value.</summary>
internal interface IGate
{
    static abstract T Apply<T>(T x) where T : struct, ILane<T>;

    static abstract T Slope<T>(T y) where T : struct, ILane<T>;

    /// <summary>The type for a function.</summary>
    static Type Of(GateFunction function) => function switch
    {
        GateFunction.Relu => typeof(ReluGate),
        GateFunction.Sigmoid => typeof(SigmoidGate),
        GateFunction.HardSigmoid => typeof(HardSigmoidGate),
        GateFunction.Tanh => typeof(TanhGate),
        _ => typeof(LinearGate),
    };
}

internal readonly struct LinearGate : IGate
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Apply<T>(T x) where T : struct, ILane<T> => x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Slope<T>(T y) where T : struct, ILane<T> => T.Splat(1f);
}

internal readonly struct ReluGate : IGate
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Apply<T>(T x) where T : struct, ILane<T> => T.AtLeast(T.Splat(0f), x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Slope<T>(T y) where T : struct, ILane<T> => T.Select(T.Less(T.Splat(0f), y), T.Splat(1f), T.Splat(0f));
}

internal readonly struct SigmoidGate : IGate
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Apply<T>(T x) where T : struct, ILane<T> => LaneMath.Sigmoid(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Slope<T>(T y) where T : struct, ILane<T> => y * (T.Splat(1f) - y);
}

internal readonly struct HardSigmoidGate : IGate
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Apply<T>(T x) where T : struct, ILane<T> => T.AtMost(T.Splat(1f), T.AtLeast(T.Splat(0f), T.Fma(T.Splat(0.2f), x, T.Splat(0.5f))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Slope<T>(T y) where T : struct, ILane<T> =>
        T.Select(T.Less(T.Splat(0f), y), T.Select(T.Less(y, T.Splat(1f)), T.Splat(0.2f), T.Splat(0f)), T.Splat(0f));
}

internal readonly struct TanhGate : IGate
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Apply<T>(T x) where T : struct, ILane<T> => LaneMath.Tanh(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Slope<T>(T y) where T : struct, ILane<T> => T.Splat(1f) - y * y;
}
