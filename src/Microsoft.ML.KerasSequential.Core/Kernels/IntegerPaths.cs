using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>
/// The sums of up to three rows over one panel: <c>sums[r, column] = Σ a[r, k] · b[k, column]</c>. Panels contain
/// groups of four values for each column; on the path of bytes, with 128 added.
/// </summary>
internal static unsafe class IntegerPaths
{
    /// <summary>The rows that registers have room for.</summary>
    public const int MaxRows = 3;

    /// <summary>The fastest path of this processor.</summary>
    public static IntegerPath Best { get; } =
        AvxVnni.IsSupported ? IntegerPath.Bytes : Avx2.IsSupported ? IntegerPath.Pairs : IntegerPath.Portable;

    /// <summary>What is added to the values of B: products of bytes have one factor without a sign.</summary>
    public static int Offset(IntegerPath path) => path == IntegerPath.Bytes ? 128 : 0;

    public static bool IsSupported(IntegerPath path) => path <= Best;

    /// <param name="path">The way to compute it.</param>
    /// <param name="rows">The number of rows, at most <see cref="MaxRows"/>.</param>
    /// <param name="a">The first row's groups.</param>
    /// <param name="stride">The bytes from row to row.</param>
    /// <param name="b">The panel's groups.</param>
    /// <param name="groups">The number of groups.</param>
    /// <param name="sums">The sums of each row.</param>
    public static void Sum(IntegerPath path, int rows, byte* a, nint stride, byte* b, int groups, int* sums)
    {
        switch (path, rows)
        {
            case (IntegerPath.Bytes, 1): Bytes1(a, b, groups, sums); break;
            case (IntegerPath.Bytes, 2): Bytes2(a, stride, b, groups, sums); break;
            case (IntegerPath.Bytes, _): Bytes3(a, stride, b, groups, sums); break;
            default:
                for (int r = 0; r < rows; r++, a += stride, sums += IntegerSize.Panel)
                {
                    if (path == IntegerPath.Pairs) Pairs((short*)a, (sbyte*)b, groups, sums);
                    else Portable((short*)a, (sbyte*)b, groups, sums);
                }
                break;
        }
    }

    /// <summary>Two groups at a time, so that eight sums are independent of each other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Bytes1(byte* a, byte* b, int groups, int* sums)
    {
        Vector256<int> s0 = default, s1 = default, s2 = default, s3 = default, t0 = default, t1 = default,
            t2 = default, t3 = default;
        int g = groups;
        for (; g >= 2; g -= 2, a += 8, b += 256)
        {
            Vector256<sbyte> x = Vector256.Create(*(int*)a).AsSByte(), y = Vector256.Create(*(int*)(a + 4)).AsSByte();
            s0 = AvxVnni.MultiplyWideningAndAdd(s0, Vector256.Load(b), x);
            s1 = AvxVnni.MultiplyWideningAndAdd(s1, Vector256.Load(b + 32), x);
            s2 = AvxVnni.MultiplyWideningAndAdd(s2, Vector256.Load(b + 64), x);
            s3 = AvxVnni.MultiplyWideningAndAdd(s3, Vector256.Load(b + 96), x);
            t0 = AvxVnni.MultiplyWideningAndAdd(t0, Vector256.Load(b + 128), y);
            t1 = AvxVnni.MultiplyWideningAndAdd(t1, Vector256.Load(b + 160), y);
            t2 = AvxVnni.MultiplyWideningAndAdd(t2, Vector256.Load(b + 192), y);
            t3 = AvxVnni.MultiplyWideningAndAdd(t3, Vector256.Load(b + 224), y);
        }
        if (g > 0)
        {
            Vector256<sbyte> x = Vector256.Create(*(int*)a).AsSByte();
            s0 = AvxVnni.MultiplyWideningAndAdd(s0, Vector256.Load(b), x);
            s1 = AvxVnni.MultiplyWideningAndAdd(s1, Vector256.Load(b + 32), x);
            s2 = AvxVnni.MultiplyWideningAndAdd(s2, Vector256.Load(b + 64), x);
            s3 = AvxVnni.MultiplyWideningAndAdd(s3, Vector256.Load(b + 96), x);
        }
        Store(sums, s0 + t0, s1 + t1, s2 + t2, s3 + t3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Bytes2(byte* a, nint stride, byte* b, int groups, int* sums)
    {
        Vector256<int> s0 = default, s1 = default, s2 = default, s3 = default, t0 = default, t1 = default,
            t2 = default, t3 = default;
        for (int g = groups; g > 0; g--, a += 4, b += 128)
        {
            Vector256<sbyte> x = Vector256.Create(*(int*)a).AsSByte(),
                y = Vector256.Create(*(int*)(a + stride)).AsSByte();
            Vector256<byte> w = Vector256.Load(b);
            s0 = AvxVnni.MultiplyWideningAndAdd(s0, w, x);
            t0 = AvxVnni.MultiplyWideningAndAdd(t0, w, y);
            w = Vector256.Load(b + 32);
            s1 = AvxVnni.MultiplyWideningAndAdd(s1, w, x);
            t1 = AvxVnni.MultiplyWideningAndAdd(t1, w, y);
            w = Vector256.Load(b + 64);
            s2 = AvxVnni.MultiplyWideningAndAdd(s2, w, x);
            t2 = AvxVnni.MultiplyWideningAndAdd(t2, w, y);
            w = Vector256.Load(b + 96);
            s3 = AvxVnni.MultiplyWideningAndAdd(s3, w, x);
            t3 = AvxVnni.MultiplyWideningAndAdd(t3, w, y);
        }
        Store(sums, s0, s1, s2, s3);
        Store(sums + IntegerSize.Panel, t0, t1, t2, t3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Bytes3(byte* a, nint stride, byte* b, int groups, int* sums)
    {
        Vector256<int> s0 = default, s1 = default, s2 = default, s3 = default, t0 = default, t1 = default,
            t2 = default, t3 = default, u0 = default, u1 = default, u2 = default, u3 = default;
        for (int g = groups; g > 0; g--, a += 4, b += 128)
        {
            Vector256<sbyte> x = Vector256.Create(*(int*)a).AsSByte(),
                y = Vector256.Create(*(int*)(a + stride)).AsSByte(),
                z = Vector256.Create(*(int*)(a + 2 * stride)).AsSByte();
            Vector256<byte> w = Vector256.Load(b);
            s0 = AvxVnni.MultiplyWideningAndAdd(s0, w, x);
            t0 = AvxVnni.MultiplyWideningAndAdd(t0, w, y);
            u0 = AvxVnni.MultiplyWideningAndAdd(u0, w, z);
            w = Vector256.Load(b + 32);
            s1 = AvxVnni.MultiplyWideningAndAdd(s1, w, x);
            t1 = AvxVnni.MultiplyWideningAndAdd(t1, w, y);
            u1 = AvxVnni.MultiplyWideningAndAdd(u1, w, z);
            w = Vector256.Load(b + 64);
            s2 = AvxVnni.MultiplyWideningAndAdd(s2, w, x);
            t2 = AvxVnni.MultiplyWideningAndAdd(t2, w, y);
            u2 = AvxVnni.MultiplyWideningAndAdd(u2, w, z);
            w = Vector256.Load(b + 96);
            s3 = AvxVnni.MultiplyWideningAndAdd(s3, w, x);
            t3 = AvxVnni.MultiplyWideningAndAdd(t3, w, y);
            u3 = AvxVnni.MultiplyWideningAndAdd(u3, w, z);
        }
        Store(sums, s0, s1, s2, s3);
        Store(sums + IntegerSize.Panel, t0, t1, t2, t3);
        Store(sums + 2 * IntegerSize.Panel, u0, u1, u2, u3);
    }

    static void Store(int* sums, Vector256<int> s0, Vector256<int> s1, Vector256<int> s2, Vector256<int> s3)
    {
        s0.Store(sums);
        s1.Store(sums + 8);
        s2.Store(sums + 16);
        s3.Store(sums + 24);
    }

    /// <summary>Each register holds the sums of two pairs for each of four columns, which are added at the
    /// end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Pairs(short* a, sbyte* b, int groups, int* sums)
    {
        Vector256<int> s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default,
            s6 = default, s7 = default;
        for (int g = groups; g > 0; g--, a += 4, b += 128)
        {
            Vector256<short> x = Vector256.Create(*(long*)a).AsInt16();
            s0 += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(b), x);
            s1 += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(b + 16), x);
            s2 += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(b + 32), x);
            s3 += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(b + 48), x);
            s4 += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(b + 64), x);
            s5 += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(b + 80), x);
            s6 += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(b + 96), x);
            s7 += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(b + 112), x);
        }
        Store(sums, Joined(s0, s1), Joined(s2, s3), Joined(s4, s5), Joined(s6, s7));
    }

    /// <summary>Adds neighbors: the sums of eight columns in order.</summary>
    static Vector256<int> Joined(Vector256<int> low, Vector256<int> high) =>
        // The instruction works on halves: columns 0, 1, 4, 5 and 2, 3, 6, 7.
        Avx2.Permute4x64(Avx2.HorizontalAdd(low, high).AsInt64(), 0b11_01_10_00).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Portable(short* a, sbyte* b, int groups, int* sums)
    {
        for (int column = 0; column < IntegerSize.Panel; column += 4)
        {
            Vector128<int> s0 = default, s1 = default, s2 = default, s3 = default;
            for (int g = 0; g < groups; g++)
            {
                Vector128<short> x = Vector128.Create(*(long*)(a + 4 * g)).AsInt16();
                (Vector128<short> low, Vector128<short> high) =
                    Vector128.Widen(Vector128.Load(b + (nint)g * 4 * IntegerSize.Panel + 4 * column));
                // At most 128·128: it fits 16 bits.
                (Vector128<int> p0, Vector128<int> p1) = Vector128.Widen(low * x);
                (Vector128<int> p2, Vector128<int> p3) = Vector128.Widen(high * x);
                s0 += p0;
                s1 += p1;
                s2 += p2;
                s3 += p3;
            }
            sums[column] = Vector128.Sum(s0);
            sums[column + 1] = Vector128.Sum(s1);
            sums[column + 2] = Vector128.Sum(s2);
            sums[column + 3] = Vector128.Sum(s3);
        }
    }
}
