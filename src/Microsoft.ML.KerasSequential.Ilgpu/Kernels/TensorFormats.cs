using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime.Cuda;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>A lane's part of 16 × 8 sums.</summary>
internal struct Fragment
{
    public float C0, C1, C2, C3;
}

/// <summary>A lane's part of the left factor of a warp's product.</summary>
internal struct LeftFragment
{
    public uint A0, A1, A2, A3;
}

/// <summary>A lane's part of the right factor.</summary>
internal struct RightFragment
{
    public uint B0, B1;
}

/// <summary>
/// A format that tensor cores multiply. The lanes of the values are specified in NVIDIA's PTX ISA ("Matrix fragments
/// for mma.m16n8k8" and "… m16n8k16"): of the sums, lane 4·g + t holds row g (and g + 8), columns 2·t and 2·t + 1.
/// </summary>
internal interface ITensorFormat : IRounding
{
    /// <summary>The number of values along the inner dimension per instruction.</summary>
    static abstract int Depth { get; }

    /// <summary>A fragment of A, stored by columns: value (row, k) is at k·pitch + row.</summary>
    static abstract LeftFragment Left(ArrayView<float> shared, int k, int row, int pitch, int lane);

    /// <summary>A fragment of B, stored by rows.</summary>
    static abstract RightFragment Right(ArrayView<float> shared, int k, int column, int pitch, int lane);

    static abstract Fragment Multiply(Fragment sums, LeftFragment a, RightFragment b);
}

/// <summary>The format of a precision.</summary>
internal static class TensorFormat
{
    public static Type? Of(FloatPrecision precision) => precision switch
    {
        FloatPrecision.TensorFloat32 => typeof(TensorFloat32),
        FloatPrecision.BFloat16 => typeof(BFloat16),
        FloatPrecision.Float16 => typeof(Float16),
        _ => null,
    };
}

/// <summary>float32's exponent and 10 mantissa bits.</summary>
internal readonly struct TensorFloat32 : ITensorFormat
{
    public static int Depth => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Of(float value)
    {
        CudaAsm.Emit("cvt.rna.tf32.f32 %0, %1;", out uint bits, value);
        return Interop.IntAsFloat(bits);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LeftFragment Left(ArrayView<float> shared, int k, int row, int pitch, int lane)
    {
        int at = (k + lane % 4) * pitch + row + lane / 4;
        return new()
        {
            A0 = Interop.FloatAsInt(shared[at]),
            A1 = Interop.FloatAsInt(shared[at + 8]),
            A2 = Interop.FloatAsInt(shared[at + 4 * pitch]),
            A3 = Interop.FloatAsInt(shared[at + 4 * pitch + 8])
        };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RightFragment Right(ArrayView<float> shared, int k, int column, int pitch, int lane)
    {
        int at = (k + lane % 4) * pitch + column + lane / 4;
        return new() { B0 = Interop.FloatAsInt(shared[at]), B1 = Interop.FloatAsInt(shared[at + 4 * pitch]) };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Fragment Multiply(Fragment sums, LeftFragment a, RightFragment b)
    {
        // ILGPU requires the instruction's text at the call itself.
        Ref<float> c0 = sums.C0, c1 = sums.C1, c2 = sums.C2, c3 = sums.C3;
        Input<uint> a0 = a.A0, a1 = a.A1, a2 = a.A2, a3 = a.A3, b0 = b.B0, b1 = b.B1;
        CudaAsm.EmitRef("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, " +
            "%9}, {%0, %1, %2, %3};",
            ref c0, ref c1, ref c2, ref c3, ref a0, ref a1, ref a2, ref a3, ref b0, ref b1);
        return new() { C0 = c0.Value, C1 = c1.Value, C2 = c2.Value, C3 = c3.Value };
    }
}

/// <summary>float32's exponent and 7 mantissa bits.</summary>
internal readonly struct BFloat16 : ITensorFormat, IPacking
{
    public static int Depth => Pairs.Depth;

    /// <summary>Rounded when two values are packed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Of(float value) => value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Pack(float first, float second)
    {
        CudaAsm.Emit("cvt.rn.bf16x2.f32 %0, %1, %2;", out uint packed, second, first);
        return packed;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LeftFragment Left(ArrayView<float> shared, int k, int row, int pitch, int lane) =>
        Pairs.Left<BFloat16>(shared, k, row, pitch, lane);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RightFragment Right(ArrayView<float> shared, int k, int column, int pitch, int lane) =>
        Pairs.Right<BFloat16>(shared, k, column, pitch, lane);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Fragment Multiply(Fragment sums, LeftFragment a, RightFragment b)
    {
        // ILGPU requires the instruction's text at the call itself.
        Ref<float> c0 = sums.C0, c1 = sums.C1, c2 = sums.C2, c3 = sums.C3;
        Input<uint> a0 = a.A0, a1 = a.A1, a2 = a.A2, a3 = a.A3, b0 = b.B0, b1 = b.B1;
        CudaAsm.EmitRef("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, " +
            "{%8, %9}, {%0, %1, %2, %3};",
            ref c0, ref c1, ref c2, ref c3, ref a0, ref a1, ref a2, ref a3, ref b0, ref b1);
        return new() { C0 = c0.Value, C1 = c1.Value, C2 = c2.Value, C3 = c3.Value };
    }
}

/// <summary>5 exponent bits and 10 mantissa bits; larger factors than 65,504 are infinite.</summary>
internal readonly struct Float16 : ITensorFormat, IPacking
{
    public static int Depth => Pairs.Depth;

    /// <summary>Rounded when two values are packed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Of(float value) => value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Pack(float first, float second)
    {
        CudaAsm.Emit("cvt.rn.f16x2.f32 %0, %1, %2;", out uint packed, second, first);
        return packed;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LeftFragment Left(ArrayView<float> shared, int k, int row, int pitch, int lane) =>
        Pairs.Left<Float16>(shared, k, row, pitch, lane);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RightFragment Right(ArrayView<float> shared, int k, int column, int pitch, int lane) =>
        Pairs.Right<Float16>(shared, k, column, pitch, lane);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Fragment Multiply(Fragment sums, LeftFragment a, RightFragment b)
    {
        // ILGPU requires the instruction's text at the call itself.
        Ref<float> c0 = sums.C0, c1 = sums.C1, c2 = sums.C2, c3 = sums.C3;
        Input<uint> a0 = a.A0, a1 = a.A1, a2 = a.A2, a3 = a.A3, b0 = b.B0, b1 = b.B1;
        CudaAsm.EmitRef("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, " +
            "{%8, %9}, {%0, %1, %2, %3};",
            ref c0, ref c1, ref c2, ref c3, ref a0, ref a1, ref a2, ref a3, ref b0, ref b1);
        return new() { C0 = c0.Value, C1 = c1.Value, C2 = c2.Value, C3 = c3.Value };
    }
}
