using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>Four neighboring values, read at once.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Four
{
    public float X0, X1, X2, X3;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Four Add(Four sum, float factor, Four values) => new()
    {
        X0 = sum.X0 + factor * values.X0,
        X1 = sum.X1 + factor * values.X1,
        X2 = sum.X2 + factor * values.X2,
        X3 = sum.X3 + factor * values.X3,
    };
}

/// <summary>Four by four sums that a thread keeps in registers.</summary>
internal struct Square
{
    public Four R0, R1, R2, R3;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Square Add(Square sum, Four a, Four b) => new()
    {
        R0 = Four.Add(sum.R0, a.X0, b),
        R1 = Four.Add(sum.R1, a.X1, b),
        R2 = Four.Add(sum.R2, a.X2, b),
        R3 = Four.Add(sum.R3, a.X3, b),
    };
}

/// <summary>
/// The part of a product that a group computes: <see cref="ThreadRows"/> by <see cref="ThreadColumns"/> threads, each
/// with squares of four by four sums, spaced by the threads' width so that a warp's reads of shared memory are
/// contiguous.
/// </summary>
internal interface ITile
{
    static abstract int ThreadRows { get; }

    static abstract int ThreadColumns { get; }

    /// <summary>The squares per thread, along rows and along columns.</summary>
    static abstract int Squares { get; }

    /// <summary>The number of values along the inner dimension in shared memory at a time.</summary>
    static abstract int Depth { get; }
}

/// <summary>128 × 128 with 256 threads: for large products.</summary>
internal readonly struct LargeTile : ITile
{
    public static int ThreadRows => 16;

    public static int ThreadColumns => 16;

    public static int Squares => 2;

    public static int Depth => 8;
}

/// <summary>64 × 64 with 256 threads.</summary>
internal readonly struct MediumTile : ITile
{
    public static int ThreadRows => 16;

    public static int ThreadColumns => 16;

    public static int Squares => 1;

    public static int Depth => 16;
}

/// <summary>32 × 32 with 64 threads: for products that would leave multiprocessors idle.</summary>
internal readonly struct SmallTile : ITile
{
    public const int Threads = 64;

    public static int ThreadRows => 8;

    public static int ThreadColumns => 8;

    public static int Squares => 1;

    public static int Depth => 16;
}

/// <summary>4 × 8 with two threads: what the emulator runs without much waiting.</summary>
internal readonly struct EmulatedTile : ITile
{
    public static int ThreadRows => 1;

    public static int ThreadColumns => 2;

    public static int Squares => 1;

    public static int Depth => 16;
}
