using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Numerics;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>
/// The largest values of windows, and the backward pass. A chunk is some lines of positions or, in the backward pass, a
/// sample, since windows overlap.
/// </summary>
internal sealed unsafe class MaxPoolKernel : Launch
{
    const int ChunkSize = 16 * 1024;

    readonly float* _places, _largest, _gradient, _target;
    readonly Window[] _windows;
    readonly int[] _sizes, _positions;
    readonly int _channels, _positionsPerSample, _sampleSize, _count, _perChunk, _windowSize;

    MaxPoolKernel(float* places, float* largest, float* gradient, float* target, Windows windows, int[] sizes)
    {
        _places = places;
        _largest = largest;
        _gradient = gradient;
        _target = target;
        _windows = [.. windows.Values];
        _sizes = sizes[1..^1];
        _channels = sizes[^1];
        _positions = [.. _windows.Select((w, i) => w.Positions(_sizes[i]))];
        _positionsPerSample = _positions.Aggregate(1, (a, b) => a * b);
        _windowSize = _windows.Aggregate(1, (size, w) => size * w.Size);
        _sampleSize = _sizes.Aggregate(_channels, (a, b) => a * b);
        _count = sizes[0] * _positionsPerSample;
        _perChunk = gradient is null ? Math.Max(1, ChunkSize / Math.Max(1, _channels * _windowSize))
            : Math.Max(1, _positionsPerSample);
        Chunks = (_count + _perChunk - 1) / _perChunk;
    }

    public static Launch BindForward(Step step, CpuBinding binding)
    {
        Tensor x = step.Macro!.Inputs[0];
        return new MaxPoolKernel(binding.Address(x), binding.Address(step.Root), null, null,
            ((MaxPool)step.Macro.Op).Windows, x.Dims.Evaluate(binding.Bindings));
    }

    public static Launch BindBackward(Step step, CpuBinding binding)
    {
        IReadOnlyList<Tensor> inputs = step.Macro!.Inputs;
        return new MaxPoolKernel(binding.Address(inputs[0]), binding.Address(inputs[1]), binding.Address(inputs[2]),
            binding.Address(step.Root),
            ((MaxPoolGradient)step.Macro.Op).Windows, inputs[0].Dims.Evaluate(binding.Bindings));
    }

    public override void Run(int chunk, float* scratch)
    {
        int start = chunk * _perChunk, end = Math.Min(start + _perChunk, _count);
        if (_gradient is not null && start < end)
            new Span<float>(_target + (nint)(start / _positionsPerSample) * _sampleSize, _sampleSize).Clear();
        nint* seen = stackalloc nint[_windowSize];
        int whole = _channels - _channels % MatMulKernel.LaneWidth;
        for (int position = start; position < end; position++)
        {
            nint sample = (nint)(position / _positionsPerSample) * _sampleSize;
            int count = Seen(position % _positionsPerSample, seen);
            if (Vector512.IsHardwareAccelerated) Channels<Lane512>(position, sample, seen, count, 0, whole);
            else if (Vector256.IsHardwareAccelerated) Channels<Lane256>(position, sample, seen, count, 0, whole);
            else if (Vector128.IsHardwareAccelerated) Channels<Lane128>(position, sample, seen, count, 0, whole);
            else whole = 0;
            Channels<LaneScalar>(position, sample, seen, count, whole, _channels);
        }
    }

    /// <summary>The elements that a window covers within the edges.</summary>
    int Seen(int position, nint* seen)
    {
        seen[0] = 0;
        int count = 1;
        nint stride = _channels;
        // From the last dimension to the first, so that the elements end up in order: each position along a dimension
        // offsets all those found so far.
        for (int i = _windows.Length - 1; i >= 0; i--)
        {
            Window window = _windows[i];
            int at = position % _positions[i] * window.Stride - window.Before, found = count;
            position /= _positions[i];
            int first = 0;
            while (at + first * window.Dilation < 0) first++;
            int last = first;
            while (last + 1 < window.Size && at + (last + 1) * window.Dilation < _sizes[i]) last++;
            for (int k = last; k >= first; k--)
                for (int j = 0; j < found; j++)
                    seen[(k - first) * found + j] = seen[j] + (at + k * window.Dilation) * stride;
            count = found * (last - first + 1);
            stride *= _sizes[i];
        }
        return count;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Channels<T>(int position, nint sample, nint* seen, int count, int start, int end) where T : struct, ILane<T>
    {
        float* places = _places + sample, largest = _largest + (nint)position * _channels;
        for (int c = start; c < end; c += T.Width)
        {
            if (_gradient is null)
            {
                T max = T.Load(places + seen[0] + c);
                for (int k = 1; k < count; k++) max = T.Max(max, T.Load(places + seen[k] + c));
                T.Store(largest + c, max);
                continue;
            }
            float* target = _target + sample;
            T left = T.Load(_gradient + (nint)position * _channels + c), value = T.Load(largest + c),
                none = T.Splat(0f);
            for (int k = 0; k < count; k++)
            {
                T hit = T.Equal(T.Load(places + seen[k] + c), value);
                T.Store(target + seen[k] + c, T.Load(target + seen[k] + c) + T.Select(hit, left, none));
                left = T.Select(hit, none, left);
            }
        }
    }
}
