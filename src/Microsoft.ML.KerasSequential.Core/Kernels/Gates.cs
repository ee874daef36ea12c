using System.Runtime.CompilerServices;
using Microsoft.ML.KerasSequential.Numerics;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>A gate's activation, and its derivative as a function of its value.</summary>
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

/// <summary>A kernel specialized for the activations of a cell.</summary>
internal interface IGatedKernel
{
    Launch Over<TActivation, TRecurrent>() where TActivation : struct, IGate where TRecurrent : struct, IGate;
}

/// <summary>Maps functions to types: all pairs are known at ahead-of-time compilation.</summary>
internal static class Gates
{
    public static Launch Over<TKernel>(CellProgram program, TKernel kernel) where TKernel : struct, IGatedKernel =>
        program.Activation switch
        {
            GateFunction.Relu => Over<TKernel, ReluGate>(program, kernel),
            GateFunction.Sigmoid => Over<TKernel, SigmoidGate>(program, kernel),
            GateFunction.HardSigmoid => Over<TKernel, HardSigmoidGate>(program, kernel),
            GateFunction.Tanh => Over<TKernel, TanhGate>(program, kernel),
            _ => Over<TKernel, LinearGate>(program, kernel),
        };

    static Launch Over<TKernel, TActivation>(CellProgram program, TKernel kernel)
        where TKernel : struct, IGatedKernel where TActivation : struct, IGate =>
        program.RecurrentActivation switch
        {
            GateFunction.Relu => kernel.Over<TActivation, ReluGate>(),
            GateFunction.Sigmoid => kernel.Over<TActivation, SigmoidGate>(),
            GateFunction.HardSigmoid => kernel.Over<TActivation, HardSigmoidGate>(),
            GateFunction.Tanh => kernel.Over<TActivation, TanhGate>(),
            _ => kernel.Over<TActivation, LinearGate>(),
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
    public static T Slope<T>(T y) where T : struct, ILane<T> =>
        T.Select(T.Less(T.Splat(0f), y), T.Splat(1f), T.Splat(0f));
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
    public static T Apply<T>(T x) where T : struct, ILane<T> =>
        T.AtMost(T.Splat(1f), T.AtLeast(T.Splat(0f), T.Fma(T.Splat(0.2f), x, T.Splat(0.5f))));

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
