using System.Runtime.Intrinsics;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Numerics;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>
/// The convolution as products of tiles that read the places where they lie: neighbouring positions are neighbouring rows of a matrix that is never made.
/// </summary>
internal sealed unsafe class ConvolveKernel : Launch
{
    const int WorkPerChunk = 2 * 1024 * 1024;

    readonly ConvolvePath _path;
    readonly float* _places, _packed, _result;
    readonly int _lines, _linesPerChunk;
    readonly ElementwiseLoop? _epilogue;

    ConvolveKernel(ConvolvePath path, nint places, nint packed, nint result, int lines, ElementwiseLoop? epilogue)
    {
        _path = path;
        _places = (float*)places;
        _packed = (float*)packed;
        _result = (float*)result;
        _lines = lines;
        _epilogue = epilogue;
        long perLine = Math.Max(1, (long)path.Line * path.Depth * path.Filters);
        _linesPerChunk = (int)Math.Max(1, WorkPerChunk / perLine);
        Chunks = path.Line == 0 ? 0 : (lines + _linesPerChunk - 1) / _linesPerChunk;
    }

    public static IEnumerable<Launch> Bind(Step step, CpuBinding binding)
    {
        Tensor node = step.Macro!;
        int[] places = node.Inputs[0].Dims.Evaluate(binding.Bindings);
        Dims kernel = node.Inputs[1].Dims;
        int filters = binding.Evaluate(kernel.Last), depth = binding.Evaluate(kernel.Product(0, kernel.Rank - 1));
        var path = new ConvolvePath(((Convolve)node.Op).Windows, places, filters);
        (nint result, ElementwiseLoop? epilogue) = MatMulKernel.Epilogue(step, places[0] * path.LinesPerSample * path.Line * filters, binding);
        (nint packed, PackLaunch pack) = PackLaunch.Of(Matrix.Of((nint)binding.Address(node.Inputs[1]), depth, filters, false), 0, node.Inputs[1], binding);
        return
        [
            pack,
            new ConvolveKernel(path, (nint)binding.Address(node.Inputs[0]), packed, result, places[0] * path.LinesPerSample, epilogue),
        ];
    }

    public override void Run(int chunk, float* scratch)
    {
        int start = chunk * _linesPerChunk, end = Math.Min(start + _linesPerChunk, _lines);
        if (Vector512.IsHardwareAccelerated) Lines<Lane512>(start, end, scratch);
        else if (Vector256.IsHardwareAccelerated) Lines<Lane256>(start, end, scratch);
        else if (Vector128.IsHardwareAccelerated) Lines<Lane128>(start, end, scratch);
        else Lines<LaneScalar>(start, end, scratch);
        _epilogue?.Run(start * _path.Line, end * _path.Line, 0, _path.Filters);
    }

    void Lines<T>(int start, int end, float* scratch) where T : struct, ILane<T>
    {
        int panel = 2 * T.Width, filters = _path.Filters;
        for (int j = 0; j < filters; j += panel)
        {
            float* b = _packed + (nint)(j / panel) * panel * _path.Depth;
            int width = Math.Min(panel, filters - j);
            for (int line = start; line < end; line++)
            {
                float* from = _places + _path.LineStart(line), to = _result + (nint)line * _path.Line * filters + j;
                for (int i = 0; i < _path.Line;)
                {
                    int height = _path.Line - i >= MatMulLaunch.TileRows ? MatMulLaunch.TileRows : _path.Line - i >= 4 ? 4 : 1;
                    float* c = width == panel ? to + (nint)i * filters : scratch;
                    nint cStride = width == panel ? filters : panel;
                    float* run = b;
                    for (int o = 0; o < _path.Offsets.Length; o++, run += (nint)_path.Run * panel)
                        MatMulLaunch.Tile<T>(height, from + i * _path.LineStride + _path.Offsets[o], _path.LineStride, 1, run, panel, _path.Run, c, cStride, o > 0);
                    for (int r = 0; width < panel && r < height; r++)
                        new ReadOnlySpan<float>(scratch + r * panel, width).CopyTo(new Span<float>(to + (nint)(i + r) * filters, width));
                    i += height;
                }
            }
        }
    }
}
