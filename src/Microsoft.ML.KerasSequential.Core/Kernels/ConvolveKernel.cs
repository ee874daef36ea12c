using System.Runtime.Intrinsics;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Numerics;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>
/// The convolution as products of tiles that read the input in place: neighboring positions are neighboring rows of a
/// matrix that is never materialized. Where windows reach over the edge, some lines are first copied with zero padding;
/// where a position sees only short runs, as in an image of few channels, the rows of one tile are gathered into
/// scratch memory.
/// </summary>
internal sealed unsafe class ConvolveKernel : Launch
{
    const int WorkPerChunk = 256 * 1024;

    /// <summary>The number of results, in values, that the epilogue still finds in the cache.</summary>
    const int ResultsAtOnce = 8 * 1024;

    const int MaxLines = 64;

    /// <summary>Values of scratch memory for the rows of a tile.</summary>
    const int MaxRows = 12 * 1024;

    readonly ConvolvePath _path;
    readonly float* _places, _packed, _result;
    readonly int _lines, _linesPerChunk, _linesAtOnce;
    readonly ElementwiseLoop? _epilogue;

    ConvolveKernel(ConvolvePath path, nint places, nint packed, nint result, int lines, ElementwiseLoop? epilogue)
    {
        _path = path;
        _places = (float*)places;
        _packed = (float*)packed;
        _result = (float*)result;
        _lines = lines;
        _epilogue = epilogue;
        int results = Math.Max(1, path.Line * path.Filters);
        _linesAtOnce = Math.Clamp(ResultsAtOnce / results, 1, MaxLines);
        if (path.IsPadded) _linesAtOnce = Math.Clamp(ConvolvePath.MaxViews / path.ViewSize, 1, _linesAtOnce);
        _linesPerChunk = (int)Math.Clamp(WorkPerChunk / Math.Max(1, (long)results * path.Depth), 1, 8L * _linesAtOnce);
        Chunks = path.Line == 0 ? 0 : (lines + _linesPerChunk - 1) / _linesPerChunk;
    }

    public static IEnumerable<Launch> Bind(Step step, CpuBinding binding)
    {
        Tensor node = step.Macro!;
        Dims kernel = node.Inputs[1].Dims;
        int filters = binding.Evaluate(kernel.Last), depth = binding.Evaluate(kernel.Product(0, kernel.Rank - 1));
        (ConvolvePath path, nint places, Launch[] pad) =
            Path(node.Inputs[0], ((Convolve)node.Op).Windows, filters, binding);
        int lines = binding.Evaluate(node.Dims[0]) * path.LinesPerSample;
        (nint result, ElementwiseLoop? epilogue) = MatMulKernel.Epilogue(step, lines * path.Line * filters, binding);
        (nint packed, PackLaunch pack) = PackLaunch.Of(
            Matrix.Of((nint)binding.Address(node.Inputs[1]), depth, filters, false), 0, node.Inputs[1], binding);
        return [.. pad, pack, new ConvolveKernel(path, places, packed, result, lines, epilogue)];
    }

    /// <summary>
    /// The path over the input, and its location. Lines too long to be copied are padded all at once.
    /// </summary>
    public static (ConvolvePath Path, nint Places, Launch[] Pad) Path(Tensor x, Windows windows, int filters,
        CpuBinding binding)
    {
        int[] places = x.Dims.Evaluate(binding.Bindings);
        var path = new ConvolvePath(windows, places, filters);
        if (path.ViewSize <= ConvolvePath.MaxViews) return (path, (nint)binding.Address(x), []);
        int[] sizes = windows.PaddedSizes(places);
        float* padded = binding.Temporary(sizes.Aggregate(1, (a, b) => a * b));
        return (new ConvolvePath(windows.Unpadded(), sizes, filters), (nint)padded,
            [PatchesKernel.Padding(binding.Address(x), padded, windows, places)]);
    }

    public override void Run(int chunk, float* scratch)
    {
        int start = chunk * _linesPerChunk, end = Math.Min(start + _linesPerChunk, _lines);
        for (int line = start; line < end; line += _linesAtOnce)
        {
            int next = Math.Min(line + _linesAtOnce, end);
            if (Vector512.IsHardwareAccelerated) Lines<Lane512>(line, next, scratch);
            else if (Vector256.IsHardwareAccelerated) Lines<Lane256>(line, next, scratch);
            else if (Vector128.IsHardwareAccelerated) Lines<Lane128>(line, next, scratch);
            else Lines<LaneScalar>(line, next, scratch);
            _epilogue?.Run(line * _path.Line, next * _path.Line, 0, _path.Filters);
        }
    }

    void Lines<T>(int start, int end, float* scratch) where T : struct, ILane<T>
    {
        int panel = 2 * T.Width, filters = _path.Filters, lines = end - start;
        float* rows = scratch + MatMulTiles.Rows * panel, views = rows + MaxRows;
        nint* seen = stackalloc nint[MaxLines];
        for (int i = 0; i < lines; i++) seen[i] = (nint)_path.View(_places, start + i, views + i * _path.ViewSize);
        if (_path.IsShort)
        {
            for (int i = 0; i < lines; i++) CopiedLine<T>((float*)seen[i], start + i, rows, scratch);
            return;
        }
        fixed (nint* offsets = _path.Offsets)
        {
            for (int j = 0; j < filters; j += panel)
            {
                float* b = _packed + (nint)j * _path.Depth;
                for (int line = start; line < end; line++)
                {
                    float* from = (float*)seen[line - start], to = _result + (nint)line * _path.Line * filters + j;
                    for (int i = 0; i < _path.Line;)
                    {
                        int height = MatMulTiles.Height(_path.Line - i);
                        MatMulTiles.Tile<T>(height, Math.Min(panel, filters - j), from + i * _path.LineStride, offsets,
                            _path.Offsets.Length, _path.LineStride, 1, b, panel, _path.Run, to + (nint)i * filters,
                            filters, false, scratch);
                        i += height;
                    }
                }
            }
        }
    }

    /// <summary>A line of results, from gathered copies of what a tile's positions see.</summary>
    void CopiedLine<T>(float* from, int line, float* rows, float* scratch) where T : struct, ILane<T>
    {
        int panel = 2 * T.Width, filters = _path.Filters, depth = _path.Depth;
        float* to = _result + (nint)line * _path.Line * filters;
        for (int i = 0; i < _path.Line;)
        {
            int height = MatMulTiles.Height(_path.Line - i);
            _path.Copy(from + i * _path.LineStride, height, rows);
            for (int j = 0; j < filters; j += panel)
                MatMulTiles.Tile<T>(height, Math.Min(panel, filters - j), rows, depth, 1, _packed + (nint)j * depth,
                    panel, depth, to + (nint)i * filters + j, filters, false, scratch);
            i += height;
        }
    }
}
