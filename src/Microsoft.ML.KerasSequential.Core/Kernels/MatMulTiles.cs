using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.KerasSequential.Numerics;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>
/// The innermost loops of the matrix product: a tile of C stays in registers while one column of A and one row of B are
/// multiplied per depth index. A may have any layout (two strides); a row of B's panel is contiguous. Every variant
/// adds in depth order, so a value does not depend on its tile.
/// </summary>
internal static unsafe partial class MatMulTiles
{
    /// <summary>
    /// The number of rows in the largest tile: as many as leave registers for one row of B and one value of A.
    /// </summary>
    public static int Rows => Vector512.IsHardwareAccelerated ? 12 : 6;

    /// <summary>
    /// The number of rows in the next tile, given the remaining rows: the largest that fits, except that 8 is split
    /// into 4 and 4, since a tile of two rows waits for its own sums. Counted from the first row, no tile crosses a
    /// multiple of <see cref="Rows"/>, so A may be packed in groups of that size.
    /// </summary>
    public static int Height(int rows) => rows >= Rows ? Rows : rows == 8 ? 4 : rows >= 6 ? 6 : rows >= 4 ? 4
        : rows >= 2 ? 2 : 1;

    /// <summary>A tile of an entire panel, or of its first columns, which may go through scratch memory.</summary>
    /// <param name="height">The tile's rows, from <see cref="Height"/>.</param>
    /// <param name="width">The tile's columns, at most two registers of them.</param>
    /// <param name="a">A, starting at the first row.</param>
    /// <param name="rowStride">The distance between rows of A.</param>
    /// <param name="depthStride">The distance between depth indices in A.</param>
    /// <param name="b">The panel, a whole number of registers wide.</param>
    /// <param name="bStride">The distance between rows of the panel.</param>
    /// <param name="depth">The size of the inner dimension.</param>
    /// <param name="c">The result.</param>
    /// <param name="cStride">The distance between rows of the result.</param>
    /// <param name="accumulate">Whether to add the product to the result.</param>
    /// <param name="scratch">Memory for a tile.</param>
    public static void Tile<T>(int height, int width, float* a, nint rowStride, nint depthStride, float* b,
        nint bStride, int depth, float* c, nint cStride, bool accumulate, float* scratch)
        where T : struct, ILane<T>
    {
        nint start = 0;
        Tile<T>(height, width, a, &start, 1, rowStride, depthStride, b, bStride, depth, c, cStride, accumulate,
            scratch);
    }

    /// <summary>
    /// As above, but the depth consists of runs: each starts at one of <paramref name="starts"/> in A, while in the
    /// panel it follows the previous one.
    /// </summary>
    public static void Tile<T>(int height, int width, float* a, nint* starts, int runs, nint rowStride,
        nint depthStride, float* b, nint bStride, int depth, float* c, nint cStride, bool accumulate, float* scratch)
        where T : struct, ILane<T>
    {
        bool isNarrow = width <= T.Width;
        int whole = isNarrow ? T.Width : 2 * T.Width;
        if (width == whole)
        {
            if (isNarrow)
                Narrow<T>(height, a, starts, runs, rowStride, depthStride, b, bStride, depth, c, cStride, accumulate);
            else Wide<T>(height, a, starts, runs, rowStride, depthStride, b, bStride, depth, c, cStride, accumulate);
            return;
        }
        if (isNarrow)
            Narrow<T>(height, a, starts, runs, rowStride, depthStride, b, bStride, depth, scratch, whole, false);
        else Wide<T>(height, a, starts, runs, rowStride, depthStride, b, bStride, depth, scratch, whole, false);
        for (int r = 0; r < height; r++, c += cStride, scratch += whole)
        {
            if (!accumulate) new ReadOnlySpan<float>(scratch, width).CopyTo(new Span<float>(c, width));
            else for (int x = 0; x < width; x++) c[x] += scratch[x];
        }
    }

    static void Wide<T>(int height, float* a, nint* starts, int runs, nint rowStride, nint depthStride, float* b,
        nint bStride, int depth, float* c, nint cStride, bool accumulate)
        where T : struct, ILane<T>
    {
        if (height == 12) Tile12<T>(a, starts, runs, rowStride, depthStride, b, bStride, depth, c, cStride, accumulate);
        else if (height == 6)
            Tile6<T>(a, starts, runs, rowStride, depthStride, b, bStride, depth, c, cStride, accumulate);
        else if (height == 4)
            Tile4<T>(a, starts, runs, rowStride, depthStride, b, bStride, depth, c, cStride, accumulate);
        else if (height == 2)
            Tile2<T>(a, starts, runs, rowStride, depthStride, b, bStride, depth, c, cStride, accumulate);
        else Tile1<T>(a, starts, runs, rowStride, depthStride, b, bStride, depth, c, cStride, accumulate);
    }

    static void Narrow<T>(int height, float* a, nint* starts, int runs, nint rowStride, nint depthStride, float* b,
        nint bStride, int depth, float* c, nint cStride, bool accumulate)
        where T : struct, ILane<T>
    {
        if (height == 12)
            Narrow12<T>(a, starts, runs, rowStride, depthStride, b, bStride, depth, c, cStride, accumulate);
        else if (height == 6)
            Narrow6<T>(a, starts, runs, rowStride, depthStride, b, bStride, depth, c, cStride, accumulate);
        else if (height == 4)
            Narrow4<T>(a, starts, runs, rowStride, depthStride, b, bStride, depth, c, cStride, accumulate);
        else if (height == 2)
            Narrow2<T>(a, starts, runs, rowStride, depthStride, b, bStride, depth, c, cStride, accumulate);
        else Narrow1<T>(a, starts, runs, rowStride, depthStride, b, bStride, depth, c, cStride, accumulate);
    }

    /// <summary>A tile of 12 rows and two registers of columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Tile12<T>(float* a, nint* starts, int runs, nint rowStride, nint depthStride, float* b, nint bStride,
        int depth, float* c, nint cStride, bool accumulate)
        where T : struct, ILane<T>
    {
        T zero = T.Splat(0f);
        T c00 = zero, c01 = zero, c10 = zero, c11 = zero, c20 = zero, c21 = zero, c30 = zero, c31 = zero, c40 = zero,
            c41 = zero, c50 = zero, c51 = zero, c60 = zero, c61 = zero, c70 = zero, c71 = zero, c80 = zero, c81 = zero,
            c90 = zero, c91 = zero, ca0 = zero, ca1 = zero, cb0 = zero, cb1 = zero;
        nint twice = 2 * rowStride;
        for (nint* start = starts, end = starts + runs; start < end; start++)
        {
            float* a0 = a + *start, a3 = a0 + 3 * rowStride, a6 = a0 + 6 * rowStride, a9 = a0 + 9 * rowStride;
            for (nint k = depth; k > 0; k--)
            {
                T b0 = T.Load(b), b1 = T.Load(b + T.Width), x;
                x = T.Splat(*a0);
                c00 = T.Fma(b0, x, c00);
                c01 = T.Fma(b1, x, c01);
                x = T.Splat(a0[rowStride]);
                c10 = T.Fma(b0, x, c10);
                c11 = T.Fma(b1, x, c11);
                x = T.Splat(a0[twice]);
                c20 = T.Fma(b0, x, c20);
                c21 = T.Fma(b1, x, c21);
                x = T.Splat(*a3);
                c30 = T.Fma(b0, x, c30);
                c31 = T.Fma(b1, x, c31);
                x = T.Splat(a3[rowStride]);
                c40 = T.Fma(b0, x, c40);
                c41 = T.Fma(b1, x, c41);
                x = T.Splat(a3[twice]);
                c50 = T.Fma(b0, x, c50);
                c51 = T.Fma(b1, x, c51);
                x = T.Splat(*a6);
                c60 = T.Fma(b0, x, c60);
                c61 = T.Fma(b1, x, c61);
                x = T.Splat(a6[rowStride]);
                c70 = T.Fma(b0, x, c70);
                c71 = T.Fma(b1, x, c71);
                x = T.Splat(a6[twice]);
                c80 = T.Fma(b0, x, c80);
                c81 = T.Fma(b1, x, c81);
                x = T.Splat(*a9);
                c90 = T.Fma(b0, x, c90);
                c91 = T.Fma(b1, x, c91);
                x = T.Splat(a9[rowStride]);
                ca0 = T.Fma(b0, x, ca0);
                ca1 = T.Fma(b1, x, ca1);
                x = T.Splat(a9[twice]);
                cb0 = T.Fma(b0, x, cb0);
                cb1 = T.Fma(b1, x, cb1);
                b += bStride;
                a0 += depthStride;
                a3 += depthStride;
                a6 += depthStride;
                a9 += depthStride;
            }
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
    static void Tile6<T>(float* a, nint* starts, int runs, nint rowStride, nint depthStride, float* b, nint bStride,
        int depth, float* c, nint cStride, bool accumulate)
        where T : struct, ILane<T>
    {
        T zero = T.Splat(0f);
        T c00 = zero, c01 = zero, c10 = zero, c11 = zero, c20 = zero, c21 = zero, c30 = zero, c31 = zero, c40 = zero,
            c41 = zero, c50 = zero, c51 = zero;
        nint twice = 2 * rowStride;
        for (nint* start = starts, end = starts + runs; start < end; start++)
        {
            float* a0 = a + *start, a3 = a0 + 3 * rowStride;
            for (nint k = depth; k > 0; k--)
            {
                T b0 = T.Load(b), b1 = T.Load(b + T.Width), x;
                x = T.Splat(*a0);
                c00 = T.Fma(b0, x, c00);
                c01 = T.Fma(b1, x, c01);
                x = T.Splat(a0[rowStride]);
                c10 = T.Fma(b0, x, c10);
                c11 = T.Fma(b1, x, c11);
                x = T.Splat(a0[twice]);
                c20 = T.Fma(b0, x, c20);
                c21 = T.Fma(b1, x, c21);
                x = T.Splat(*a3);
                c30 = T.Fma(b0, x, c30);
                c31 = T.Fma(b1, x, c31);
                x = T.Splat(a3[rowStride]);
                c40 = T.Fma(b0, x, c40);
                c41 = T.Fma(b1, x, c41);
                x = T.Splat(a3[twice]);
                c50 = T.Fma(b0, x, c50);
                c51 = T.Fma(b1, x, c51);
                b += bStride;
                a0 += depthStride;
                a3 += depthStride;
            }
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
    static void Tile4<T>(float* a, nint* starts, int runs, nint rowStride, nint depthStride, float* b, nint bStride,
        int depth, float* c, nint cStride, bool accumulate)
        where T : struct, ILane<T>
    {
        T zero = T.Splat(0f);
        T c00 = zero, c01 = zero, c10 = zero, c11 = zero, c20 = zero, c21 = zero, c30 = zero, c31 = zero;
        nint twice = 2 * rowStride;
        for (nint* start = starts, end = starts + runs; start < end; start++)
        {
            float* a0 = a + *start, a3 = a0 + 3 * rowStride;
            for (nint k = depth; k > 0; k--)
            {
                T b0 = T.Load(b), b1 = T.Load(b + T.Width), x;
                x = T.Splat(*a0);
                c00 = T.Fma(b0, x, c00);
                c01 = T.Fma(b1, x, c01);
                x = T.Splat(a0[rowStride]);
                c10 = T.Fma(b0, x, c10);
                c11 = T.Fma(b1, x, c11);
                x = T.Splat(a0[twice]);
                c20 = T.Fma(b0, x, c20);
                c21 = T.Fma(b1, x, c21);
                x = T.Splat(*a3);
                c30 = T.Fma(b0, x, c30);
                c31 = T.Fma(b1, x, c31);
                b += bStride;
                a0 += depthStride;
                a3 += depthStride;
            }
        }
        Put(c, c00, c01, accumulate);
        Put(c + cStride, c10, c11, accumulate);
        Put(c + 2 * cStride, c20, c21, accumulate);
        Put(c + 3 * cStride, c30, c31, accumulate);
    }

    /// <summary>A tile of 2 rows and two registers of columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Tile2<T>(float* a, nint* starts, int runs, nint rowStride, nint depthStride, float* b, nint bStride,
        int depth, float* c, nint cStride, bool accumulate)
        where T : struct, ILane<T>
    {
        T zero = T.Splat(0f);
        T c00 = zero, c01 = zero, c10 = zero, c11 = zero;
        for (nint* start = starts, end = starts + runs; start < end; start++)
        {
            float* a0 = a + *start;
            for (nint k = depth; k > 0; k--)
            {
                T b0 = T.Load(b), b1 = T.Load(b + T.Width), x;
                x = T.Splat(*a0);
                c00 = T.Fma(b0, x, c00);
                c01 = T.Fma(b1, x, c01);
                x = T.Splat(a0[rowStride]);
                c10 = T.Fma(b0, x, c10);
                c11 = T.Fma(b1, x, c11);
                b += bStride;
                a0 += depthStride;
            }
        }
        Put(c, c00, c01, accumulate);
        Put(c + cStride, c10, c11, accumulate);
    }

    /// <summary>A tile of one row and two registers of columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Tile1<T>(float* a, nint* starts, int runs, nint rowStride, nint depthStride, float* b, nint bStride,
        int depth, float* c, nint cStride, bool accumulate)
        where T : struct, ILane<T>
    {
        T zero = T.Splat(0f);
        T c00 = zero, c01 = zero;
        for (nint* start = starts, end = starts + runs; start < end; start++)
        {
            float* a0 = a + *start;
            for (nint k = depth; k > 0; k--)
            {
                T b0 = T.Load(b), b1 = T.Load(b + T.Width), x;
                x = T.Splat(*a0);
                c00 = T.Fma(b0, x, c00);
                c01 = T.Fma(b1, x, c01);
                b += bStride;
                a0 += depthStride;
            }
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
