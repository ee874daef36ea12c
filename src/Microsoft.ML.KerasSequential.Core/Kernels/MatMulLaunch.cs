using System.Runtime.Intrinsics;
using Microsoft.ML.KerasSequential.Numerics;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>The product over a grid of row and column blocks.</summary>
internal sealed unsafe class MatMulLaunch : Launch
{
    /// <summary>A block of A and one panel of B fill about a third of a megabyte: they stay in the L2 cache.</summary>
    const int MaxDepth = 1024, MaxRows = 48;

    /// <summary>The number of multiply-adds that justify starting a thread.</summary>
    const int WorkPerChunk = 512 * 1024;

    /// <summary>Enough chunks for the threads to share evenly; more column blocks would only copy A again.</summary>
    const int MinChunks = 8;

    readonly Matrix _a, _b;
    readonly float* _c;
    readonly float* _packed;
    readonly int _firstPacked, _rowTiles, _rowChunks, _columnsPerChunk, _columnChunks, _depthBlock;
    readonly bool _packA;
    readonly ElementwiseLoop? _epilogue;

    public MatMulLaunch(Matrix a, Matrix b, nint c, nint packed, int firstPacked, ElementwiseLoop? epilogue)
    {
        _a = a;
        _b = b;
        _c = (float*)c;
        _packed = (float*)packed;
        _firstPacked = firstPacked;
        _epilogue = epilogue;
        int panel = MatMulKernel.LaneWidth * 2;
        int depthBlocks = Math.Max(1, (a.Columns + MaxDepth - 1) / MaxDepth);
        _depthBlock = (a.Columns + depthBlocks - 1) / depthBlocks;

        // Blocks of about half a million multiply-adds; their number is a multiple of four, so that threads share them
        // evenly. Smaller products stay on one thread: another would have to fetch A, B and the epilogue's operands
        // from its cache.
        long work = (long)a.Rows * a.Columns * b.Columns;
        int wanted = (int)Math.Clamp(work / WorkPerChunk, 1, MinChunks);
        _rowTiles = (a.Rows + MatMulTiles.Rows - 1) / MatMulTiles.Rows;
        _rowChunks = work < WorkPerChunk ? 1
            : Math.Max((a.Rows + MaxRows - 1) / MaxRows, Math.Min(wanted, _rowTiles / 2));
        if (_rowChunks > 2) _rowChunks = (_rowChunks + 3) / 4 * 4;
        _rowChunks = Math.Clamp(_rowChunks, 1, Math.Max(1, _rowTiles));
        int columnBlocks = Math.Clamp(wanted / _rowChunks, 1, Math.Max(1, b.Columns / (4 * panel)));
        _columnsPerChunk =
            Math.Max(panel, (((b.Columns + columnBlocks - 1) / columnBlocks) + panel - 1) / panel * panel);
        _columnChunks = (b.Columns + _columnsPerChunk - 1) / _columnsPerChunk;
        Chunks = a.Rows == 0 ? 0 : _rowChunks * _columnChunks;

        // Reading A in place is cheaper unless its rows collide in the cache or are far apart.
        _packA = (long)a.Rows * a.Columns > 32 * 1024 && b.Columns >= 4 * panel;
    }

    public override void Run(int chunk, float* scratch)
    {
        int part = chunk / _columnChunks;
        int row = (int)((long)_rowTiles * part / _rowChunks) * MatMulTiles.Rows;
        int rowEnd = Math.Min((int)((long)_rowTiles * (part + 1) / _rowChunks) * MatMulTiles.Rows, _a.Rows);
        int column = chunk % _columnChunks * _columnsPerChunk,
            columnEnd = Math.Min(column + _columnsPerChunk, _b.Columns);
        if (Vector512.IsHardwareAccelerated) Block<Lane512>(row, rowEnd, column, columnEnd, scratch);
        else if (Vector256.IsHardwareAccelerated) Block<Lane256>(row, rowEnd, column, columnEnd, scratch);
        else if (Vector128.IsHardwareAccelerated) Block<Lane128>(row, rowEnd, column, columnEnd, scratch);
        else Block<LaneScalar>(row, rowEnd, column, columnEnd, scratch);
        _epilogue?.Run(row, rowEnd, column, columnEnd);
    }

    void Block<T>(int row, int rowEnd, int column, int columnEnd, float* scratch) where T : struct, ILane<T>
    {
        int panel = 2 * T.Width;
        float* tile = scratch;
        float* packedA = scratch + MatMulTiles.Rows * panel;
        if (_a.Columns == 0) Clear(row, rowEnd, column, columnEnd);
        for (int k = 0; k < _a.Columns; k += _depthBlock)
        {
            int depth = Math.Min(_depthBlock, _a.Columns - k);
            if (_packA) PackA(packedA, row, rowEnd, k, depth);
            for (int j = column; j < columnEnd; j += panel)
            {
                int p = j / panel;
                bool inPanels = p >= _firstPacked;
                float* b = inPanels
                    ? _packed + ((nint)(p - _firstPacked) * _b.Rows + k) * panel
                    : _b.Pointer + (nint)k * _b.RowStride + j;
                nint bStride = inPanels ? panel : _b.RowStride;
                int width = Math.Min(panel, columnEnd - j);
                for (int i = row; i < rowEnd;)
                {
                    int height = MatMulTiles.Height(rowEnd - i);
                    float* a;
                    nint rowStride, depthStride;
                    if (_packA)
                    {
                        int group = (i - row) / MatMulTiles.Rows;
                        a = packedA + (nint)group * MatMulTiles.Rows * depth + (i - row - group * MatMulTiles.Rows);
                        (rowStride, depthStride) = (1, MatMulTiles.Rows);
                    }
                    else
                    {
                        a = _a.Pointer + (nint)i * _a.RowStride + (nint)k * _a.ColumnStride;
                        (rowStride, depthStride) = (_a.RowStride, _a.ColumnStride);
                    }
                    float* c = _c + (nint)i * _b.Columns + j;
                    MatMulTiles.Tile<T>(height, width, a, rowStride, depthStride, b, bStride, depth, c, _b.Columns,
                        k > 0, tile);
                    i += height;
                }
            }
        }
    }

    /// <summary>Tiles of A side by side: for each depth index, the values of the tile's rows.</summary>
    void PackA(float* target, int row, int rowEnd, int k, int depth)
    {
        for (int i = row; i < rowEnd; i += MatMulTiles.Rows)
        {
            int height = Math.Min(MatMulTiles.Rows, rowEnd - i);
            float* source = _a.Pointer + (nint)i * _a.RowStride + (nint)k * _a.ColumnStride;
            if (_a.RowStride == 1)
            {
                for (int d = 0; d < depth; d++)
                    new ReadOnlySpan<float>(source + (nint)d * _a.ColumnStride, height)
                        .CopyTo(new Span<float>(target + (nint)d * MatMulTiles.Rows, height));
            }
            else
            {
                TransposeTiles.Run(source, _a.RowStride, target, MatMulTiles.Rows, height, depth);
            }
            target += (nint)MatMulTiles.Rows * depth;
        }
    }

    void Clear(int row, int rowEnd, int column, int columnEnd)
    {
        for (int i = row; i < rowEnd; i++)
            new Span<float>(_c + (nint)i * _b.Columns + column, columnEnd - column).Clear();
    }
}
