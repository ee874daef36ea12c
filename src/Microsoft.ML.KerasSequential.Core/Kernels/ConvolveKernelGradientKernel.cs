using System.Runtime.Intrinsics;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Numerics;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>
/// The gradient with respect to the kernel: for each line of positions, the product of what they see, transposed, and
/// the line's gradient; short runs are gathered first. The batch is split into a fixed number of parts that are summed
/// separately, then together, so that the order of additions is fixed.
/// </summary>
internal sealed unsafe class ConvolveKernelGradientKernel : Launch
{
    const int MaxParts = 8, WorkPerPart = 2 * 1024 * 1024;

    /// <summary>
    /// Positions at a time: their gradients stay in the L1 cache, and an edge of them in scratch memory.
    /// </summary>
    const int MaxPositions = 512;

    const int MaxLines = 8;

    /// <summary>The maximum number of values to gather.</summary>
    const int MaxCopied = 32 * 1024;

    readonly ConvolvePath _path;
    readonly float* _places, _gradient, _parts;
    readonly int _samples;

    ConvolveKernelGradientKernel(ConvolvePath path, nint places, nint gradient, nint parts, int samples, int count)
    {
        _path = path;
        _places = (float*)places;
        _gradient = (float*)gradient;
        _parts = (float*)parts;
        _samples = samples;
        Chunks = count;
    }

    public static IEnumerable<Launch> Bind(Step step, CpuBinding binding)
    {
        Tensor node = step.Macro!;
        (ConvolvePath path, nint places, Launch[] pad) = ConvolveKernel.Path(node.Inputs[0],
            ((ConvolveKernelGradient)node.Op).Windows, binding.Evaluate(node.Dims.Last), binding);
        int size = path.Depth * path.Filters, samples = binding.Evaluate(node.Inputs[0].Dims[0]);
        long work = (long)samples * path.LinesPerSample * path.Line * size;
        int count = (int)Math.Clamp(work / WorkPerPart, 1, Math.Min(MaxParts, Math.Max(1, samples)));
        nint result = (nint)binding.Address(node), parts = count == 1 ? result : (nint)binding.Temporary(count * size);
        var launch = new ConvolveKernelGradientKernel(path, places, (nint)binding.Address(node.Inputs[1]), parts,
            samples, count);
        return count == 1 ? [.. pad, launch] : [.. pad, launch, new SumLaunch(parts, result, count, size)];
    }

    public override void Run(int chunk, float* scratch)
    {
        if (Vector512.IsHardwareAccelerated) Part<Lane512>(chunk, scratch);
        else if (Vector256.IsHardwareAccelerated) Part<Lane256>(chunk, scratch);
        else if (Vector128.IsHardwareAccelerated) Part<Lane128>(chunk, scratch);
        else Part<LaneScalar>(chunk, scratch);
    }

    void Part<T>(int chunk, float* scratch) where T : struct, ILane<T>
    {
        int filters = _path.Filters;
        float* sum = _parts + (nint)chunk * _path.Depth * filters;
        new Span<float>(sum, _path.Depth * filters).Clear();
        int start = (int)((long)_samples * chunk / Chunks) * _path.LinesPerSample,
            end = (int)((long)_samples * (chunk + 1) / Chunks) * _path.LinesPerSample;
        // Short lines are taken together, so that a tile of the sum stays in the L1 cache for all of them; long ones
        // are split.
        int most = _path.IsShort ? Math.Min(MaxPositions, MaxCopied / _path.Depth) : MaxPositions,
            together = Math.Clamp(most / Math.Max(1, _path.Line), 1, MaxLines);
        if (_path.IsPadded) together = Math.Clamp(ConvolvePath.MaxViews / _path.ViewSize, 1, together);
        float* views = scratch + (MatMulTiles.Rows + MaxPositions) * 2 * T.Width + MaxCopied;
        nint* from = stackalloc nint[MaxLines];
        for (int line = start; line < end; line += together)
        {
            int lines = Math.Min(together, end - line);
            // Offsets from the input on, wherever the lines are.
            for (int i = 0; i < lines; i++)
                from[i] = (nint)(_path.View(_places, line + i, views + i * _path.ViewSize) - _places);
            for (int first = 0; first < _path.Line; first += most)
            {
                Positions<T>(_places + first * _path.LineStride, from, lines,
                    _gradient + ((nint)line * _path.Line + first) * filters, Math.Min(most, _path.Line - first), sum,
                    scratch);
            }
        }
    }

    /// <summary>Adds the contribution of neighboring positions of some lines.</summary>
    void Positions<T>(float* places, nint* from, int lines, float* gradient, int count, float* sum, float* scratch)
        where T : struct, ILane<T>
    {
        int panel = 2 * T.Width, filters = _path.Filters;
        for (int j = 0; j < filters; j += panel)
        {
            int width = Math.Min(panel, filters - j);
            float* b = gradient + j;
            nint bStride = filters;
            if (width != panel && width != T.Width)
            {
                // The edge, padded to full registers.
                b = scratch + MatMulTiles.Rows * panel;
                bStride = panel;
                for (int i = 0; i < lines * count; i++)
                {
                    new ReadOnlySpan<float>(gradient + (nint)i * filters + j, width)
                        .CopyTo(new Span<float>(b + i * panel, width));
                    new Span<float>(b + i * panel + width, panel - width).Clear();
                }
            }
            if (_path.IsShort)
            {
                float* rows = scratch + (MatMulTiles.Rows + MaxPositions) * panel;
                for (int line = 0; j == 0 && line < lines; line++)
                    _path.Copy(places + from[line], count, rows + (nint)line * count * _path.Depth);
                nint whole = 0;
                Rows<T>(rows, 1, &whole, _path.Depth, lines * count, b, bStride, _path.Depth, sum + j, width, scratch);
                continue;
            }
            for (int o = 0; o < _path.Offsets.Length; o++)
                Rows<T>(places + _path.Offsets[o], lines, from, _path.LineStride, count, b, bStride, _path.Run,
                    sum + (nint)o * _path.Run * filters + j, width, scratch);
        }
    }

    /// <summary>
    /// Adds to neighboring rows of the sum: for each line, what its positions see there times their gradients.
    /// </summary>
    void Rows<T>(float* places, int lines, nint* from, nint stride, int count, float* b, nint bStride, int rows,
        float* sum, int width, float* scratch) where T : struct, ILane<T>
    {
        int filters = _path.Filters;
        for (int k = 0; k < rows;)
        {
            int height = MatMulTiles.Height(rows - k);
            MatMulTiles.Tile<T>(height, width, places + k, from, lines, 1, stride, b, bStride, count,
                sum + (nint)k * filters, filters, true, scratch);
            k += height;
        }
    }
}
