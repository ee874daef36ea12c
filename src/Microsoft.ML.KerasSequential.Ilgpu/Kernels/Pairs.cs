using System.Runtime.CompilerServices;
using ILGPU;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>Rounds two values to 16 bits each.</summary>
internal interface IPacking
{
    /// <summary>Both values in a register; the first one in the lower half.</summary>
    static abstract uint Pack(float first, float second);
}

/// <summary>
/// The fragments of formats with 16 bits: a register holds two neighbors along the inner dimension (NVIDIA's PTX ISA,
/// "Matrix fragments for mma.m16n8k16").
/// </summary>
internal static class Pairs
{
    public const int Depth = 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LeftFragment Left<TPacking>(ArrayView<float> shared, int k, int row, int pitch, int lane)
        where TPacking : struct, IPacking
    {
        int at = (k + lane % 4 * 2) * pitch + row + lane / 4;
        return new()
        {
            A0 = Pack<TPacking>(shared, at, pitch),
            A1 = Pack<TPacking>(shared, at + 8, pitch),
            A2 = Pack<TPacking>(shared, at + 8 * pitch, pitch),
            A3 = Pack<TPacking>(shared, at + 8 * pitch + 8, pitch)
        };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RightFragment Right<TPacking>(ArrayView<float> shared, int k, int column, int pitch, int lane)
        where TPacking : struct, IPacking
    {
        int at = (k + lane % 4 * 2) * pitch + column + lane / 4;
        return new() { B0 = Pack<TPacking>(shared, at, pitch), B1 = Pack<TPacking>(shared, at + 8 * pitch, pitch) };
    }

    /// <summary>Two neighbors along the inner dimension.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static uint Pack<TPacking>(ArrayView<float> shared, int at, int pitch) where TPacking : struct, IPacking =>
        TPacking.Pack(shared[at], shared[at + pitch]);
}
