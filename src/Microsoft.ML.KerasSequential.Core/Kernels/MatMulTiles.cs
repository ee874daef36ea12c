using System.Runtime.CompilerServices;
using Microsoft.ML.KerasSequential.Numerics;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>
/// The innermost loops of the matrix product: a tile of C stays in registers while one column of A and one row of B are
/// multiplied for each step of depth. A may lie anywhere (two strides); a row of B's panel is contiguous. Every variant
/// adds in the order of the depth, so a value does not depend on the tile that it fell into.
/// </summary>
internal static unsafe class MatMulTiles
{
    /// <summary>A tile of 12 rows and two registers of columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tile12<T>(float* a, nint rowStride, nint depthStride, float* b, nint bStride, int depth, float* c, nint cStride, bool accumulate)
        where T : struct, ILane<T>
    {
        T zero = T.Splat(0f);
        T c00 = zero, c01 = zero, c10 = zero, c11 = zero, c20 = zero, c21 = zero, c30 = zero, c31 = zero, c40 = zero, c41 = zero, c50 = zero, c51 = zero, c60 = zero, c61 = zero, c70 = zero, c71 = zero, c80 = zero, c81 = zero, c90 = zero, c91 = zero, ca0 = zero, ca1 = zero, cb0 = zero, cb1 = zero;
        nint twice = 2 * rowStride;
        float* a0 = a, a3 = a + 3 * rowStride, a6 = a + 6 * rowStride, a9 = a + 9 * rowStride;
        for (nint k = depth; k > 0; k--)
        {
            T b0 = T.Load(b), b1 = T.Load(b + T.Width), x;
            x = T.Splat(*a0);
            c00 = T.Fma(x, b0, c00);
            c01 = T.Fma(x, b1, c01);
            x = T.Splat(a0[rowStride]);
            c10 = T.Fma(x, b0, c10);
            c11 = T.Fma(x, b1, c11);
            x = T.Splat(a0[twice]);
            c20 = T.Fma(x, b0, c20);
            c21 = T.Fma(x, b1, c21);
            x = T.Splat(*a3);
            c30 = T.Fma(x, b0, c30);
            c31 = T.Fma(x, b1, c31);
            x = T.Splat(a3[rowStride]);
            c40 = T.Fma(x, b0, c40);
            c41 = T.Fma(x, b1, c41);
            x = T.Splat(a3[twice]);
            c50 = T.Fma(x, b0, c50);
            c51 = T.Fma(x, b1, c51);
            x = T.Splat(*a6);
            c60 = T.Fma(x, b0, c60);
            c61 = T.Fma(x, b1, c61);
            x = T.Splat(a6[rowStride]);
            c70 = T.Fma(x, b0, c70);
            c71 = T.Fma(x, b1, c71);
            x = T.Splat(a6[twice]);
            c80 = T.Fma(x, b0, c80);
            c81 = T.Fma(x, b1, c81);
            x = T.Splat(*a9);
            c90 = T.Fma(x, b0, c90);
            c91 = T.Fma(x, b1, c91);
            x = T.Splat(a9[rowStride]);
            ca0 = T.Fma(x, b0, ca0);
            ca1 = T.Fma(x, b1, ca1);
            x = T.Splat(a9[twice]);
            cb0 = T.Fma(x, b0, cb0);
            cb1 = T.Fma(x, b1, cb1);
            b += bStride;
            a0 += depthStride;
            a3 += depthStride;
            a6 += depthStride;
            a9 += depthStride;
        }
        Put(c, c00, c01, accumulate);
        Put(c + cStride, c10, c11, accumulate);
        Put(c + 2 * cStride, c20, c21, accumulate);
        Put(c + 3 * cStride, c30, c31, accumulate);
        Put(c + 4 * cStride, c40, c41, accumulate);
        Put(c + 5 * cStride, c50, c51, accumulate);
        Put(c + 6 * cStride, c60, c61, accumulate);
        Put(c + 7 * cStride, c70, c71, accumulate);
        Put(c + 8 * cStride, c80, c81, accumulate);
        Put(c + 9 * cStride, c90, c91, accumulate);
        Put(c + 10 * cStride, ca0, ca1, accumulate);
        Put(c + 11 * cStride, cb0, cb1, accumulate);
    }

    /// <summary>A tile of 6 rows and two registers of columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tile6<T>(float* a, nint rowStride, nint depthStride, float* b, nint bStride, int depth, float* c, nint cStride, bool accumulate)
        where T : struct, ILane<T>
    {
        T zero = T.Splat(0f);
        T c00 = zero, c01 = zero, c10 = zero, c11 = zero, c20 = zero, c21 = zero, c30 = zero, c31 = zero, c40 = zero, c41 = zero, c50 = zero, c51 = zero;
        nint twice = 2 * rowStride;
        float* a0 = a, a3 = a + 3 * rowStride;
        for (nint k = depth; k > 0; k--)
        {
            T b0 = T.Load(b), b1 = T.Load(b + T.Width), x;
            x = T.Splat(*a0);
            c00 = T.Fma(x, b0, c00);
            c01 = T.Fma(x, b1, c01);
            x = T.Splat(a0[rowStride]);
            c10 = T.Fma(x, b0, c10);
            c11 = T.Fma(x, b1, c11);
            x = T.Splat(a0[twice]);
            c20 = T.Fma(x, b0, c20);
            c21 = T.Fma(x, b1, c21);
            x = T.Splat(*a3);
            c30 = T.Fma(x, b0, c30);
            c31 = T.Fma(x, b1, c31);
            x = T.Splat(a3[rowStride]);
            c40 = T.Fma(x, b0, c40);
            c41 = T.Fma(x, b1, c41);
            x = T.Splat(a3[twice]);
            c50 = T.Fma(x, b0, c50);
            c51 = T.Fma(x, b1, c51);
            b += bStride;
            a0 += depthStride;
            a3 += depthStride;
        }
        Put(c, c00, c01, accumulate);
        Put(c + cStride, c10, c11, accumulate);
        Put(c + 2 * cStride, c20, c21, accumulate);
        Put(c + 3 * cStride, c30, c31, accumulate);
        Put(c + 4 * cStride, c40, c41, accumulate);
        Put(c + 5 * cStride, c50, c51, accumulate);
    }

    /// <summary>A tile of 4 rows and two registers of columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tile4<T>(float* a, nint rowStride, nint depthStride, float* b, nint bStride, int depth, float* c, nint cStride, bool accumulate)
        where T : struct, ILane<T>
    {
        T zero = T.Splat(0f);
        T c00 = zero, c01 = zero, c10 = zero, c11 = zero, c20 = zero, c21 = zero, c30 = zero, c31 = zero;
        nint twice = 2 * rowStride;
        float* a0 = a, a3 = a + 3 * rowStride;
        for (nint k = depth; k > 0; k--)
        {
            T b0 = T.Load(b), b1 = T.Load(b + T.Width), x;
            x = T.Splat(*a0);
            c00 = T.Fma(x, b0, c00);
            c01 = T.Fma(x, b1, c01);
            x = T.Splat(a0[rowStride]);
            c10 = T.Fma(x, b0, c10);
            c11 = T.Fma(x, b1, c11);
            x = T.Splat(a0[twice]);
            c20 = T.Fma(x, b0, c20);
            c21 = T.Fma(x, b1, c21);
            x = T.Splat(*a3);
            c30 = T.Fma(x, b0, c30);
            c31 = T.Fma(x, b1, c31);
            b += bStride;
            a0 += depthStride;
            a3 += depthStride;
        }
        Put(c, c00, c01, accumulate);
        Put(c + cStride, c10, c11, accumulate);
        Put(c + 2 * cStride, c20, c21, accumulate);
        Put(c + 3 * cStride, c30, c31, accumulate);
    }

    /// <summary>A tile of 1 rows and two registers of columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tile1<T>(float* a, nint rowStride, nint depthStride, float* b, nint bStride, int depth, float* c, nint cStride, bool accumulate)
        where T : struct, ILane<T>
    {
        T zero = T.Splat(0f);
        T c00 = zero, c01 = zero;
        float* a0 = a;
        for (nint k = depth; k > 0; k--)
        {
            T b0 = T.Load(b), b1 = T.Load(b + T.Width), x;
            x = T.Splat(*a0);
            c00 = T.Fma(x, b0, c00);
            c01 = T.Fma(x, b1, c01);
            b += bStride;
            a0 += depthStride;
        }
        Put(c, c00, c01, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Put<T>(float* c, T left, T right, bool accumulate) where T : struct, ILane<T>
    {
        if (accumulate)
        {
            left = T.Load(c) + left;
            right = T.Load(c + T.Width) + right;
        }
        T.Store(c, left);
        T.Store(c + T.Width, right);
    }
}
