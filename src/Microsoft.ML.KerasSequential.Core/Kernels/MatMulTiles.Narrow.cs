using System.Runtime.CompilerServices;
using Microsoft.ML.KerasSequential.Numerics;

namespace Microsoft.ML.KerasSequential.Kernels;

// Tiles for the few columns that fit one register: the other half of a panel would be wasted.
internal static unsafe partial class MatMulTiles
{
    /// <summary>A tile of 12 rows and one register of columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Narrow12<T>(float* a, nint* starts, int runs, nint rowStride, nint depthStride, float* b, nint bStride,
        int depth, float* c, nint cStride, bool accumulate)
        where T : struct, ILane<T>
    {
        T zero = T.Splat(0f);
        T c0 = zero, c1 = zero, c2 = zero, c3 = zero, c4 = zero, c5 = zero, c6 = zero, c7 = zero, c8 = zero, c9 = zero,
            ca = zero, cb = zero;
        nint twice = 2 * rowStride;
        for (nint* start = starts, end = starts + runs; start < end; start++)
        {
            float* a0 = a + *start, a3 = a0 + 3 * rowStride, a6 = a0 + 6 * rowStride, a9 = a0 + 9 * rowStride;
            for (nint k = depth; k > 0; k--)
            {
                T x = T.Load(b);
                c0 = T.Fma(x, in *a0, c0);
                c1 = T.Fma(x, in a0[rowStride], c1);
                c2 = T.Fma(x, in a0[twice], c2);
                c3 = T.Fma(x, in *a3, c3);
                c4 = T.Fma(x, in a3[rowStride], c4);
                c5 = T.Fma(x, in a3[twice], c5);
                c6 = T.Fma(x, in *a6, c6);
                c7 = T.Fma(x, in a6[rowStride], c7);
                c8 = T.Fma(x, in a6[twice], c8);
                c9 = T.Fma(x, in *a9, c9);
                ca = T.Fma(x, in a9[rowStride], ca);
                cb = T.Fma(x, in a9[twice], cb);
                b += bStride;
                a0 += depthStride;
                a3 += depthStride;
                a6 += depthStride;
                a9 += depthStride;
            }
        }
        Put(c, c0, accumulate);
        Put(c + cStride, c1, accumulate);
        Put(c + 2 * cStride, c2, accumulate);
        Put(c + 3 * cStride, c3, accumulate);
        Put(c + 4 * cStride, c4, accumulate);
        Put(c + 5 * cStride, c5, accumulate);
        Put(c + 6 * cStride, c6, accumulate);
        Put(c + 7 * cStride, c7, accumulate);
        Put(c + 8 * cStride, c8, accumulate);
        Put(c + 9 * cStride, c9, accumulate);
        Put(c + 10 * cStride, ca, accumulate);
        Put(c + 11 * cStride, cb, accumulate);
    }

    /// <summary>A tile of 6 rows and one register of columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Narrow6<T>(float* a, nint* starts, int runs, nint rowStride, nint depthStride, float* b, nint bStride,
        int depth, float* c, nint cStride, bool accumulate)
        where T : struct, ILane<T>
    {
        T zero = T.Splat(0f);
        T c0 = zero, c1 = zero, c2 = zero, c3 = zero, c4 = zero, c5 = zero;
        nint twice = 2 * rowStride;
        for (nint* start = starts, end = starts + runs; start < end; start++)
        {
            float* a0 = a + *start, a3 = a0 + 3 * rowStride;
            for (nint k = depth; k > 0; k--)
            {
                T x = T.Load(b);
                c0 = T.Fma(x, in *a0, c0);
                c1 = T.Fma(x, in a0[rowStride], c1);
                c2 = T.Fma(x, in a0[twice], c2);
                c3 = T.Fma(x, in *a3, c3);
                c4 = T.Fma(x, in a3[rowStride], c4);
                c5 = T.Fma(x, in a3[twice], c5);
                b += bStride;
                a0 += depthStride;
                a3 += depthStride;
            }
        }
        Put(c, c0, accumulate);
        Put(c + cStride, c1, accumulate);
        Put(c + 2 * cStride, c2, accumulate);
        Put(c + 3 * cStride, c3, accumulate);
        Put(c + 4 * cStride, c4, accumulate);
        Put(c + 5 * cStride, c5, accumulate);
    }

    /// <summary>A tile of 4 rows and one register of columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Narrow4<T>(float* a, nint* starts, int runs, nint rowStride, nint depthStride, float* b, nint bStride,
        int depth, float* c, nint cStride, bool accumulate)
        where T : struct, ILane<T>
    {
        T zero = T.Splat(0f);
        T c0 = zero, c1 = zero, c2 = zero, c3 = zero;
        nint twice = 2 * rowStride;
        for (nint* start = starts, end = starts + runs; start < end; start++)
        {
            float* a0 = a + *start, a3 = a0 + 3 * rowStride;
            for (nint k = depth; k > 0; k--)
            {
                T x = T.Load(b);
                c0 = T.Fma(x, in *a0, c0);
                c1 = T.Fma(x, in a0[rowStride], c1);
                c2 = T.Fma(x, in a0[twice], c2);
                c3 = T.Fma(x, in *a3, c3);
                b += bStride;
                a0 += depthStride;
                a3 += depthStride;
            }
        }
        Put(c, c0, accumulate);
        Put(c + cStride, c1, accumulate);
        Put(c + 2 * cStride, c2, accumulate);
        Put(c + 3 * cStride, c3, accumulate);
    }

    /// <summary>A tile of 2 rows and one register of columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Narrow2<T>(float* a, nint* starts, int runs, nint rowStride, nint depthStride, float* b, nint bStride,
        int depth, float* c, nint cStride, bool accumulate)
        where T : struct, ILane<T>
    {
        T zero = T.Splat(0f);
        T c0 = zero, c1 = zero;
        for (nint* start = starts, end = starts + runs; start < end; start++)
        {
            float* a0 = a + *start;
            for (nint k = depth; k > 0; k--)
            {
                T x = T.Load(b);
                c0 = T.Fma(x, in *a0, c0);
                c1 = T.Fma(x, in a0[rowStride], c1);
                b += bStride;
                a0 += depthStride;
            }
        }
        Put(c, c0, accumulate);
        Put(c + cStride, c1, accumulate);
    }

    /// <summary>A tile of one row and one register of columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Narrow1<T>(float* a, nint* starts, int runs, nint rowStride, nint depthStride, float* b, nint bStride,
        int depth, float* c, nint cStride, bool accumulate)
        where T : struct, ILane<T>
    {
        T zero = T.Splat(0f);
        T c0 = zero;
        for (nint* start = starts, end = starts + runs; start < end; start++)
        {
            float* a0 = a + *start;
            for (nint k = depth; k > 0; k--)
            {
                T x = T.Load(b);
                c0 = T.Fma(x, in *a0, c0);
                b += bStride;
                a0 += depthStride;
            }
        }
        Put(c, c0, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Put<T>(float* c, T value, bool accumulate) where T : struct, ILane<T> =>
        T.Store(c, accumulate ? T.Load(c) + value : value);
}
