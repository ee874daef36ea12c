using System.Runtime.Intrinsics;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>The product of rows of integers with panels of integers.</summary>
internal sealed unsafe class IntegerMatMulLaunch : Launch
{
    /// <summary>The number of multiply-adds that justify starting a thread.</summary>
    const int WorkPerChunk = 512 * 1024;

    /// <summary>The rows for which a panel stays in the cache.</summary>
    const int MaxRows = 96;

    readonly byte* _a;
    readonly int* _rowSums;
    readonly IntegerRows _rows;
    readonly IntegerSize _size;
    readonly byte* _panels;
    readonly float* _c;
    readonly ElementwiseLoop? _epilogue;
    readonly int _rowsPerChunk, _panelsPerChunk, _panelChunks;

    public IntegerMatMulLaunch(nint a, IntegerRows rows, nint panels, IntegerSize size, nint c,
        ElementwiseLoop? epilogue)
    {
        (_rows, _size, _epilogue) = (rows, size, epilogue);
        _a = (byte*)a;
        _panels = (byte*)panels;
        _c = (float*)c;
        _rowSums = (int*)(_a + rows.SumsAt);
        _rowsPerChunk = Math.Max(1, Math.Min(size.Rows, MaxRows));
        long perPanel = (long)_rowsPerChunk * Math.Max(1, size.Inner) * IntegerSize.Panel;
        _panelsPerChunk = (int)Math.Max(1, WorkPerChunk / perPanel);
        _panelChunks = (size.Panels + _panelsPerChunk - 1) / _panelsPerChunk;
        Chunks = _panelChunks * ((size.Rows + _rowsPerChunk - 1) / _rowsPerChunk);
    }

    public override void Run(int chunk, float* scratch)
    {
        const int Panel = IntegerSize.Panel;
        int row = chunk / _panelChunks * _rowsPerChunk, rowEnd = Math.Min(row + _rowsPerChunk, _size.Rows),
            first = chunk % _panelChunks * _panelsPerChunk, last = Math.Min(first + _panelsPerChunk, _size.Panels);
        int* sums = stackalloc int[IntegerPaths.MaxRows * Panel];
        for (int p = first; p < last; p++)
        {
            int column = p * Panel, width = Math.Min(Panel, _size.Columns - column);
            for (int block = 0; block < _size.Blocks; block++)
            {
                int group = block * IntegerSize.MaxGroups,
                    groups = Math.Min(IntegerSize.MaxGroups, _size.Groups - group);
                byte* panel = _panels + (nint)p * _size.PanelBytes + (nint)group * IntegerSize.Group * Panel;
                nint offset = (nint)group * _rows.Width / Math.Max(1, _size.Groups);
                for (int i = row; i < rowEnd;)
                {
                    int height = Math.Min(IntegerPaths.MaxRows, rowEnd - i);
                    IntegerPaths.Sum(_rows.Path, height, _a + (nint)i * _rows.Width + offset, _rows.Width, panel,
                        groups, sums);
                    for (int r = 0; r < height; r++, i++)
                    {
                        int excess = IntegerPaths.Offset(_rows.Path) * _rowSums[i * _size.Blocks + block];
                        Finish(sums + r * Panel, excess, _c + (nint)i * _size.Columns + column, width, block > 0);
                    }
                }
            }
        }
        _epilogue?.Run(row, rowEnd, first * Panel, Math.Min(last * Panel, _size.Columns));
    }

    /// <summary>Removes what the offset of the values of B added, and converts the sums.</summary>
    static void Finish(int* sums, int excess, float* target, int width, bool adds)
    {
        int i = 0;
        for (; i + 4 <= width; i += 4)
        {
            Vector128<float> sum = Vector128.ConvertToSingle(Vector128.Load(sums + i) - Vector128.Create(excess));
            if (adds) sum += Vector128.Load(target + i);
            sum.Store(target + i);
        }
        for (; i < width; i++) target[i] = sums[i] - excess + (adds ? target[i] : 0f);
    }
}
