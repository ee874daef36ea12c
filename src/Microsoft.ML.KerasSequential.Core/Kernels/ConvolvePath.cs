using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>The path of a convolution over its input, shared by its kernels.</summary>
internal sealed unsafe class ConvolvePath
{
    /// <summary>Values of scratch memory for lines that are copied with zero padding.</summary>
    public const int MaxViews = 32 * 1024;

    const int MinRun = 16, MaxCopied = 1024;

    readonly Window[] _windows;
    readonly int[] _lengths, _positions;
    readonly nint[] _distances;

    public ConvolvePath(Windows windows, int[] places, int filters)
    {
        _windows = [.. windows.Values];
        _lengths = places[1..^1];
        int rank = _windows.Length;
        Channels = places[^1];
        Filters = filters;
        _distances = new nint[rank];
        nint step = Channels;
        for (int i = rank - 1; i >= 0; i--)
        {
            _distances[i] = step;
            step *= _lengths[i];
        }
        SampleSize = step;
        _positions = [.. _windows.Select((w, i) => w.Positions(_lengths[i]))];
        Window last = _windows[^1];
        Line = _positions[^1];
        LineStride = last.Stride * _distances[^1];
        LinesPerSample = _positions[..^1].Aggregate(1, (a, b) => a * b);
        IsPadded = windows.ArePadded;
        Rows = _windows[..^1].Aggregate(1, (rows, w) => rows * w.Size);
        RowLength = (_lengths[^1] + last.Before + last.After) * Channels;

        // The values that the kernel sees from one position, as contiguous runs: entire rows of the window, or its
        // elements one by one.
        bool together = last.Dilation == 1;
        Run = together ? last.Size * Channels : Channels;
        nint[] rowStarts = IsPadded ? [.. Enumerable.Range(0, Rows).Select(row => (nint)row * RowLength)]
            : [.. Enumerable.Range(0, Rows).Select(row => Place(row, 0, out _))];
        Offsets = together ? rowStarts : [.. rowStarts
            .SelectMany(o => Enumerable.Range(0, last.Size).Select(k => o + k * last.Dilation * Channels))];
    }

    public int Channels { get; }

    public int Filters { get; }

    /// <summary>Positions along the last spatial dimension: a line of the result.</summary>
    public int Line { get; }

    /// <summary>The distance between positions on a line.</summary>
    public nint LineStride { get; }

    public int LinesPerSample { get; }

    public nint SampleSize { get; }

    /// <summary>The length of a run of values.</summary>
    public int Run { get; }

    /// <summary>Where the runs start, relative to the position's first value.</summary>
    public nint[] Offsets { get; }

    /// <summary>The number of values that the kernel sees.</summary>
    public int Depth => Run * Offsets.Length;

    /// <summary>Whether windows reach over the edge; then a line is read from a zero-padded copy.</summary>
    public bool IsPadded { get; }

    /// <summary>The number of values in such a copy.</summary>
    public int ViewSize => IsPadded ? Rows * RowLength : 0;

    /// <summary>Whether the runs are so short that gathering them costs less than a tile for each.</summary>
    public bool IsShort => Run < MinRun && Depth <= MaxCopied;

    /// <summary>The input rows that a line sees, and their length with padding.</summary>
    int Rows { get; }

    int RowLength { get; }

    /// <summary>Gathers what neighboring positions of a line see, one position per row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Copy(float* from, int positions, float* rows)
    {
        nint[] offsets = Offsets;
        int run = Run;
        for (int i = 0; i < positions; i++, from += LineStride)
        {
            foreach (nint offset in offsets)
            {
                float* seen = from + offset;
                int k = 0;
                for (; k <= run - Vector256<float>.Count; k += Vector256<float>.Count)
                    Vector256.Store(Vector256.Load(seen + k), rows + k);
                if (k <= run - Vector128<float>.Count)
                {
                    Vector128.Store(Vector128.Load(seen + k), rows + k);
                    k += Vector128<float>.Count;
                }
                for (; k < run; k++) rows[k] = seen[k];
                rows += run;
            }
        }
    }

    /// <summary>Where a line's first position starts, if no window reaches over the edge.</summary>
    public nint LineStart(int line) => line / LinesPerSample * SampleSize + Place(0, line % LinesPerSample, out _);

    /// <summary>
    /// What a line's first position sees first: in the input itself, or in a copy of <see cref="ViewSize"/> values.
    /// </summary>
    public float* View(float* places, int line, float* copy)
    {
        if (!IsPadded) return places + LineStart(line);
        int before = _windows[^1].Before * Channels, length = _lengths[^1] * Channels;
        float* sample = places + line / LinesPerSample * SampleSize, to = copy;
        for (int row = 0; row < Rows; row++, to += RowLength)
        {
            nint start = Place(row, line % LinesPerSample, out bool isInside);
            if (isInside)
            {
                new Span<float>(to, before).Clear();
                new ReadOnlySpan<float>(sample + start, length).CopyTo(new Span<float>(to + before, length));
                new Span<float>(to + before + length, RowLength - before - length).Clear();
            }
            else
            {
                new Span<float>(to, RowLength).Clear();
            }
        }
        return copy;
    }

    /// <summary>Where an input row that a line sees starts in a sample, and whether it exists.</summary>
    nint Place(int row, int line, out bool isInside)
    {
        nint start = 0;
        isInside = true;
        for (int i = _windows.Length - 2; i >= 0; i--)
        {
            Window w = _windows[i];
            int at = line % _positions[i] * w.Stride + row % w.Size * w.Dilation - w.Before;
            isInside &= at >= 0 && at < _lengths[i];
            start += at * _distances[i];
            line /= _positions[i];
            row /= w.Size;
        }
        return start;
    }
}
