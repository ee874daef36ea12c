using Microsoft.ML.KerasSequential.Numerics;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>How a reduction combines values.</summary>
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

/// <summary>A reduction specialized for a reducer.</summary>
internal interface IReduction
{
    ReduceLaunch Over<TReducer>() where TReducer : struct, IReducer;
}

/// <summary>Maps kinds to types.</summary>
internal static class Reducers
{
    public static Type Type(ReduceKind kind) => kind switch
    {
        ReduceKind.Sum => typeof(SumReducer),
        ReduceKind.Max => typeof(MaxReducer),
        ReduceKind.Min => typeof(MinReducer),
        _ => typeof(ProdReducer),
    };

    public static ReduceLaunch Over<T>(ReduceKind kind, T reduction) where T : struct, IReduction => kind switch
    {
        ReduceKind.Sum => reduction.Over<SumReducer>(),
        ReduceKind.Max => reduction.Over<MaxReducer>(),
        ReduceKind.Min => reduction.Over<MinReducer>(),
        _ => reduction.Over<ProdReducer>(),
    };
}
