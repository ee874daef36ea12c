using System.Runtime.Intrinsics;
using Microsoft.ML.KerasSequential.Numerics;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>A product of a few rows and a matrix that is already packed into panels: C = A·B, or C + A·B.</summary>
internal static unsafe class RowsProduct
{
    /// <summary>The scratch memory that a product needs, in values.</summary>
    public static int ScratchFloats => MatMulTiles.Rows * 2 * MatMulKernel.LaneWidth;

    /// <param name="a">The rows.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="rowStride">The distance between rows of A.</param>
    /// <param name="packed">B, as <see cref="PackLaunch"/> leaves it.</param>
    /// <param name="depth">The rows of B.</param>
    /// <param name="columns">The columns of B.</param>
    /// <param name="c">The result.</param>
    /// <param name="cStride">The distance between rows of C.</param>
    /// <param name="accumulate">Whether to add the product to C.</param>
    /// <param name="scratch">Memory for the edge.</param>
    public static void Run(float* a, int rows, nint rowStride, float* packed, int depth, int columns, float* c,
        nint cStride, bool accumulate, float* scratch)
    {
        if (Vector512.IsHardwareAccelerated)
            Run<Lane512>(a, rows, rowStride, packed, depth, columns, c, cStride, accumulate, scratch);
        else if (Vector256.IsHardwareAccelerated)
            Run<Lane256>(a, rows, rowStride, packed, depth, columns, c, cStride, accumulate, scratch);
        else if (Vector128.IsHardwareAccelerated)
            Run<Lane128>(a, rows, rowStride, packed, depth, columns, c, cStride, accumulate, scratch);
        else Run<LaneScalar>(a, rows, rowStride, packed, depth, columns, c, cStride, accumulate, scratch);
    }

    static void Run<T>(float* a, int rows, nint rowStride, float* packed, int depth, int columns, float* c,
        nint cStride, bool accumulate, float* scratch) where T : struct, ILane<T>
    {
        int panel = 2 * T.Width;
        for (int j = 0; j < columns; j += panel, packed += (nint)panel * depth)
        {
            int width = Math.Min(panel, columns - j);
            for (int i = 0; i < rows;)
            {
                int height = MatMulTiles.Height(rows - i);
                MatMulTiles.Tile<T>(height, width, a + i * rowStride, rowStride, 1, packed, panel, depth,
                    c + i * cStride + j, cStride, accumulate, scratch);
                i += height;
            }
        }
    }
}
