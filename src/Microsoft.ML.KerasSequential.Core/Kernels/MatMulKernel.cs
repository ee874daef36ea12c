using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Numerics;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>A matrix in memory: element (row, column) is at row·RowStride + column·ColumnStride.</summary>
internal readonly unsafe record struct Matrix(nint Address, int Rows, int Columns, int RowStride, int ColumnStride)
{
    public float* Pointer => (float*)Address;

    public static Matrix Of(nint address, int rows, int columns, bool transposed) => transposed
        ? new(address, columns, rows, 1, columns)
        : new(address, rows, columns, columns, 1);
}

/// <summary>
/// C = A·B, blocked so that a panel of B stays in the first cache and a block of A in the second (Goto and van de Geijn
/// 2008), with an optional fused expression over each finished block while it is in the cache.
/// </summary>
internal static class MatMulKernel
{
    public static IEnumerable<Launch> Bind(Step step, CpuBinding binding)
    {
        Tensor node = step.Macro!;
        var op = (MatMul)node.Op;
        Matrix a = View(node.Inputs[0], op.TransposeA, binding), b = View(node.Inputs[1], op.TransposeB, binding);

        // With an epilogue the product lands where a result will be, unless that is a variable whose old value is still read.
        Tensor? landing = step.Chain.Count == 0 ? node : step.Outputs.FirstOrDefault(o => !binding.IsVariable(o));
        nint c = landing is not null ? AddressOf(binding, landing) : Temporary(binding, a.Rows * b.Columns);
        ElementwiseLoop? epilogue = null;
        if (step.Chain.Count > 0)
        {
            IReadOnlyList<Tensor> inputs = [node, .. ChainInputs(step)];
            epilogue = ElementwiseKernel.Loop(step.Chain, inputs, step.Outputs, node.Dims, binding.With(node, c), keepLast: true).Loop;
        }

        int panel = LaneWidth * 2;
        if (b.Columns == 1)
        {
            yield return new MatVecLaunch(a, b, c, epilogue);
            yield break;
        }
        bool packAll = b.ColumnStride != 1 || ((long)b.Rows * b.Columns >= PackThreshold && a.Rows >= 2 * MatMulLaunch.TileRows);
        int firstPacked = packAll ? 0 : b.Columns / panel;
        int panels = (b.Columns + panel - 1) / panel;
        nint packed = 0;
        if (firstPacked < panels)
        {
            packed = Temporary(binding, (panels - firstPacked) * panel * b.Rows);
            yield return new PackLaunch(b, packed, firstPacked, panels, panel);
        }
        yield return new MatMulLaunch(a, b, c, packed, firstPacked, epilogue);
    }

    /// <summary>Values from which on copying B into panels costs less than reading it in place.</summary>
    const int PackThreshold = 24 * 1024;

    internal static int LaneWidth =>
        Vector512.IsHardwareAccelerated ? Lane512.Width : Vector256.IsHardwareAccelerated ? Lane256.Width
        : Vector128.IsHardwareAccelerated ? Lane128.Width : LaneScalar.Width;

    static IEnumerable<Tensor> ChainInputs(Step step) =>
        step.Chain.SelectMany(n => n.Inputs).Where(i => i != step.Macro && i.Op is not Scalar && !step.Chain.Contains(i)).Distinct();

    static Matrix View(Tensor tensor, bool transposed, CpuBinding binding)
    {
        int columns = binding.Evaluate(tensor.Dims.Last);
        int rows = binding.Evaluate(tensor.Dims.Product(0, tensor.Rank - 1));
        return Matrix.Of(AddressOf(binding, tensor), rows, columns, transposed);
    }

    static unsafe nint AddressOf(CpuBinding binding, Tensor tensor) => (nint)binding.Address(tensor);

    static unsafe nint Temporary(CpuBinding binding, int floats) => (nint)binding.Temporary(floats);
}

/// <summary>Copies B into panels of contiguous rows, the last one padded with zeros.</summary>
internal sealed unsafe class PackLaunch : Launch
{
    readonly Matrix _b;
    readonly float* _packed;
    readonly int _first, _panel, _panelsPerChunk, _panels;

    public PackLaunch(Matrix b, nint packed, int first, int panels, int panel)
    {
        _b = b;
        _packed = (float*)packed;
        _first = first;
        _panels = panels;
        _panel = panel;
        // Several panels at a time, so that long pieces of each row are read together.
        _panelsPerChunk = Math.Max(Math.Clamp((panels - first) / 4, 1, PanelsTogether), 16 * 1024 / Math.Max(1, b.Rows * panel));
        Chunks = (panels - first + _panelsPerChunk - 1) / _panelsPerChunk;
    }

    const int PanelsTogether = 8;

    public override void Run(int chunk, float* scratch)
    {
        int start = _first + chunk * _panelsPerChunk, end = Math.Min(start + _panelsPerChunk, _panels);
        nint panelSize = (nint)_panel * _b.Rows;
        float* target = _packed + (start - _first) * panelSize;
        if (_b.ColumnStride == 1)
        {
            if (Vector512.IsHardwareAccelerated) CopyRows<Lane512>(target, panelSize, start, end);
            else if (Vector256.IsHardwareAccelerated) CopyRows<Lane256>(target, panelSize, start, end);
            else if (Vector128.IsHardwareAccelerated) CopyRows<Lane128>(target, panelSize, start, end);
            else CopyRows<LaneScalar>(target, panelSize, start, end);
            return;
        }
        for (int p = start; p < end; p++, target += panelSize)
        {
            int column = p * _panel;
            TransposeColumns(target, column, Math.Min(_panel, _b.Columns - column));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void CopyRows<T>(float* target, nint panelSize, int start, int end) where T : struct, ILane<T>
    {
        int wholeEnd = Math.Min(end, _b.Columns / _panel);
        for (int k = 0; k < _b.Rows; k++)
        {
            float* source = _b.Pointer + (nint)k * _b.RowStride + (nint)start * _panel;
            float* to = target + (nint)k * _panel;
            for (int p = start; p < wholeEnd; p++, source += _panel, to += panelSize)
            {
                T.Store(to, T.Load(source));
                T.Store(to + T.Width, T.Load(source + T.Width));
            }
            if (wholeEnd == end) continue;
            int width = _b.Columns - wholeEnd * _panel;
            new ReadOnlySpan<float>(source, width).CopyTo(new Span<float>(to, width));
            new Span<float>(to + width, _panel - width).Clear();
        }
    }

    void TransposeColumns(float* target, int column, int width)
    {
        if (width < _panel) new Span<float>(target, _panel * _b.Rows).Clear();
        float* source = _b.Pointer + (nint)column * _b.ColumnStride;
        TransposeTiles.Run(source, _b.ColumnStride, target, _panel, width, _b.Rows);
    }
}

/// <summary>The product over a grid of row and column blocks.</summary>
internal sealed unsafe class MatMulLaunch : Launch
{
    const int MaxDepth = 512, MaxRows = 48;

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

        // Blocks of about half a million multiply-adds; their number is a multiple of four, so that threads share them evenly.
        long work = (long)a.Rows * a.Columns * b.Columns;
        int wanted = (int)Math.Clamp(work / (512 * 1024), 1, MinChunks);
        _rowTiles = (a.Rows + TileRows - 1) / TileRows;
        _rowChunks = Math.Max((a.Rows + MaxRows - 1) / MaxRows, Math.Min(wanted, _rowTiles / 2));
        if (_rowChunks > 2) _rowChunks = (_rowChunks + 3) / 4 * 4;
        _rowChunks = Math.Clamp(_rowChunks, 1, Math.Max(1, _rowTiles));
        int columnBlocks = Math.Clamp(wanted / _rowChunks, 1, Math.Max(1, b.Columns / (4 * panel)));
        _columnsPerChunk = Math.Max(panel, (((b.Columns + columnBlocks - 1) / columnBlocks) + panel - 1) / panel * panel);
        _columnChunks = (b.Columns + _columnsPerChunk - 1) / _columnsPerChunk;
        Chunks = a.Rows == 0 ? 0 : _rowChunks * _columnChunks;

        // Reading A in place is cheaper unless its rows collide in the cache or lie far apart.
        _packA = (long)a.Rows * a.Columns > 32 * 1024 && b.Columns >= 4 * panel;
    }

    /// <summary>Rows of the largest tile: as many as leave registers for one row of B and one value of A.</summary>
    public static int TileRows => Vector512.IsHardwareAccelerated ? 12 : 6;

    public override void Run(int chunk, float* scratch)
    {
        int part = chunk / _columnChunks;
        int row = (int)((long)_rowTiles * part / _rowChunks) * TileRows;
        int rowEnd = Math.Min((int)((long)_rowTiles * (part + 1) / _rowChunks) * TileRows, _a.Rows);
        int column = chunk % _columnChunks * _columnsPerChunk, columnEnd = Math.Min(column + _columnsPerChunk, _b.Columns);
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
        float* packedA = scratch + TileRows * panel;
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
                    int height = rowEnd - i >= TileRows ? TileRows : rowEnd - i >= 4 ? 4 : 1;
                    float* a;
                    nint rowStride, depthStride;
                    if (_packA)
                    {
                        int group = (i - row) / TileRows;
                        a = packedA + (nint)group * TileRows * depth + (i - row - group * TileRows);
                        (rowStride, depthStride) = (1, TileRows);
                    }
                    else
                    {
                        a = _a.Pointer + (nint)i * _a.RowStride + (nint)k * _a.ColumnStride;
                        (rowStride, depthStride) = (_a.RowStride, _a.ColumnStride);
                    }
                    float* c = _c + (nint)i * _b.Columns + j;
                    if (width == panel)
                    {
                        Tile<T>(height, a, rowStride, depthStride, b, bStride, depth, c, _b.Columns, k > 0);
                    }
                    else
                    {
                        Tile<T>(height, a, rowStride, depthStride, b, bStride, depth, tile, panel, false);
                        CopyTile(tile, panel, c, height, width, k > 0);
                    }
                    i += height;
                }
            }
        }
    }

    static void Tile<T>(int height, float* a, nint rowStride, nint depthStride, float* b, nint bStride, int depth, float* c, nint cStride, bool accumulate)
        where T : struct, ILane<T>
    {
        if (height == 12) MatMulTiles.Tile12<T>(a, rowStride, depthStride, b, bStride, depth, c, cStride, accumulate);
        else if (height == 6) MatMulTiles.Tile6<T>(a, rowStride, depthStride, b, bStride, depth, c, cStride, accumulate);
        else if (height == 4) MatMulTiles.Tile4<T>(a, rowStride, depthStride, b, bStride, depth, c, cStride, accumulate);
        else MatMulTiles.Tile1<T>(a, rowStride, depthStride, b, bStride, depth, c, cStride, accumulate);
    }

    /// <summary>Tiles of A side by side: for each step of depth the values of the tile's rows.</summary>
    void PackA(float* target, int row, int rowEnd, int k, int depth)
    {
        for (int i = row; i < rowEnd; i += TileRows)
        {
            int height = Math.Min(TileRows, rowEnd - i);
            float* source = _a.Pointer + (nint)i * _a.RowStride + (nint)k * _a.ColumnStride;
            if (_a.RowStride == 1)
            {
                for (int d = 0; d < depth; d++)
                    new ReadOnlySpan<float>(source + (nint)d * _a.ColumnStride, height).CopyTo(new Span<float>(target + (nint)d * TileRows, height));
            }
            else
            {
                TransposeTiles.Run(source, _a.RowStride, target, TileRows, height, depth);
            }
            target += (nint)TileRows * depth;
        }
    }

    void CopyTile(float* tile, int panel, float* c, int height, int width, bool accumulate)
    {
        for (int r = 0; r < height; r++, tile += panel, c += _b.Columns)
            for (int x = 0; x < width; x++) c[x] = accumulate ? c[x] + tile[x] : tile[x];
    }

    void Clear(int row, int rowEnd, int column, int columnEnd)
    {
        for (int i = row; i < rowEnd; i++) new Span<float>(_c + (nint)i * _b.Columns + column, columnEnd - column).Clear();
    }
}
