using System.Runtime.CompilerServices;
using ILGPU;
using Microsoft.ML.KerasSequential.Kernels;
using Microsoft.ML.KerasSequential.Numerics;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>
/// The threads that process a row: one thread, or all threads of a group. The order in which values are combined
/// depends only on the size of the group.
/// </summary>
internal interface ITeam
{
    /// <summary>The first row of the team.</summary>
    static abstract int First { get; }

    /// <summary>The distance between rows.</summary>
    static abstract int Stride { get; }

    /// <summary>The thread's index in the team.</summary>
    static abstract int Rank { get; }

    /// <summary>The number of threads in the team.</summary>
    static abstract int Size { get; }

    /// <summary>Combines the values of all threads; all threads get the result.</summary>
    static abstract float Combine<TReducer>(float value) where TReducer : struct, IReducer;
}

/// <summary>A single thread.</summary>
internal readonly struct Alone : ITeam
{
    public static int First => Items.First;

    public static int Stride => Items.Stride;

    public static int Rank => 0;

    public static int Size => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Combine<TReducer>(float value) where TReducer : struct, IReducer => value;
}

/// <summary>An entire group, through shared memory.</summary>
internal readonly struct Together : ITeam
{
    public const int MaxThreads = 256;

    public static int First => Grid.IdxX;

    public static int Stride => Grid.DimX;

    public static int Rank => Group.IdxX;

    public static int Size => Group.DimX;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Combine<TReducer>(float value) where TReducer : struct, IReducer
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(MaxThreads);
        int rank = Group.IdxX;
        shared[rank] = value;
        Group.Barrier();
        for (int half = Group.DimX / 2; half > 0; half /= 2)
        {
            if (rank < half) shared[rank] = Single.Combine<TReducer>(shared[rank], shared[rank + half]);
            Group.Barrier();
        }
        float result = shared[0];
        // No thread writes before all have read.
        Group.Barrier();
        return result;
    }
}

/// <summary>Lane-generic code, applied to single values.</summary>
internal static class Single
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Combine<TReducer>(float a, float b) where TReducer : struct, IReducer =>
        LaneThread.Sum(TReducer.Combine(new LaneThread(a), new LaneThread(b)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Exp(float x) => LaneThread.Sum(LaneMath.Exp(new LaneThread(x)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Log(float x) => LaneThread.Sum(LaneMath.Log(new LaneThread(x)));
}
