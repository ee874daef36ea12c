using System.Numerics.Tensors;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>
/// Copies what windows cover into rows, or adds such rows back to their positions. Forward, a chunk is a number of
/// rows; backward, a sample, since windows overlap, so that additions have a fixed order.
/// </summary>
internal sealed unsafe class PatchesKernel : Launch
{
    const int ChunkSize = 16 * 1024;

    readonly float* _places, _patches;
    readonly Window[] _windows;
    readonly int[] _sizes, _positions;
    readonly int _channels, _rowsPerSample, _rowSize, _sampleSize, _rows, _rowsPerChunk;
    readonly float? _fill;

    PatchesKernel(float* places, float* patches, Windows windows, int[] sizes, float? fill)
    {
        _places = places;
        _patches = patches;
        _fill = fill;
        _windows = [.. windows.Values];
        _sizes = sizes[1..^1];
        _positions = [.. _windows.Select((w, i) => w.Positions(_sizes[i]))];
        _channels = sizes[^1];
        _rowsPerSample = Product(_positions);
        _rowSize = _windows.Aggregate(_channels, (size, w) => size * w.Size);
        _sampleSize = Product(_sizes) * _channels;
        _rows = sizes[0] * _rowsPerSample;
        _rowsPerChunk = fill is null ? Math.Max(1, _rowsPerSample) : Math.Max(1, ChunkSize / Math.Max(1, _rowSize));
        Chunks = (_rows + _rowsPerChunk - 1) / _rowsPerChunk;
    }

    public static Launch BindForward(Step step, CpuBinding binding)
    {
        var op = (Patches)step.Macro!.Op;
        Tensor x = step.Macro.Inputs[0];
        return new PatchesKernel(binding.Address(x), binding.Address(step.Root), op.Windows,
            [.. x.Dims.Select(binding.Evaluate)], op.Fill);
    }

    public static Launch BindBackward(Step step, CpuBinding binding)
    {
        var op = (PatchesGradient)step.Macro!.Op;
        return new PatchesKernel(binding.Address(step.Root), binding.Address(step.Macro.Inputs[0]), op.Windows,
            [.. step.Root.Dims.Select(binding.Evaluate)], null);
    }

    /// <summary>The spatial sizes, including padding.</summary>
    public static Launch Padding(float* places, float* padded, Windows windows, int[] sizes) =>
        new PatchesKernel(places, padded, windows.Padding(), sizes, 0);

    public override void Run(int chunk, float* scratch)
    {
        int start = chunk * _rowsPerChunk, end = Math.Min(start + _rowsPerChunk, _rows);
        if (_fill is null && start < end)
            new Span<float>(_places + (nint)(start / _rowsPerSample) * _sampleSize, _sampleSize).Clear();
        int* position = stackalloc int[_windows.Length];
        for (int row = start; row < end; row++)
        {
            int rest = row % _rowsPerSample;
            for (int i = _windows.Length - 1; i >= 0; i--)
            {
                position[i] = rest % _positions[i];
                rest /= _positions[i];
            }
            Walk(0, position, _places + (nint)(row / _rowsPerSample) * _sampleSize, _patches + (nint)row * _rowSize,
                _rowSize);
        }
    }

    /// <summary>
    /// One dimension of the window, for the indices chosen so far in the others; null beyond the edge.
    /// </summary>
    void Walk(int dimension, int* position, float* places, float* patch, int size)
    {
        Window window = _windows[dimension];
        int inner = size / window.Size, stride = _channels;
        for (int i = dimension + 1; i < _sizes.Length; i++) stride *= _sizes[i];
        int at = position[dimension] * window.Stride - window.Before;
        bool last = dimension == _windows.Length - 1;
        for (int k = 0; k < window.Size; k++, at += window.Dilation, patch += inner)
        {
            bool inside = places is not null && at >= 0 && at < _sizes[dimension];
            float* there = inside ? places + (nint)at * stride : null;
            if (!last) Walk(dimension + 1, position, there, patch, inner);
            else Move(there, patch);
        }
    }

    void Move(float* place, float* patch)
    {
        var row = new Span<float>(patch, _channels);
        if (_fill is float fill)
        {
            if (place is null) row.Fill(fill);
            else new ReadOnlySpan<float>(place, _channels).CopyTo(row);
        }
        else if (place is not null)
        {
            var sum = new Span<float>(place, _channels);
            TensorPrimitives.Add<float>(sum, row, sum);
        }
    }

    static int Product(int[] sizes) => sizes.Aggregate(1, (product, size) => product * size);
}
