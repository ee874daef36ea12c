using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>How a convolution walks over its places: what its kernels have in common.</summary>
internal sealed unsafe class ConvolvePath
{
    readonly int[] _positions;
    readonly nint[] _strides;

    public ConvolvePath(Windows windows, int[] places, int filters)
    {
        int rank = windows.Values.Count;
        Channels = places[^1];
        Filters = filters;
        int[] lengths = places[1..^1];
        var distance = new nint[rank];
        nint step = Channels;
        for (int i = rank - 1; i >= 0; i--)
        {
            distance[i] = step;
            step *= lengths[i];
        }
        SampleSize = step;
        _positions = [.. windows.Values.Select((w, i) => w.Positions(lengths[i]))];
        _strides = [.. windows.Values.Select((w, i) => w.Stride * distance[i])];
        Window last = windows.Values[^1];
        Line = _positions[^1];
        LineStride = _strides[^1];
        LinesPerSample = _positions[..^1].Aggregate(1, (a, b) => a * b);

        // The values that the kernel sees from one position, as runs that lie together: whole rows of the window, or its places one by one.
        bool together = last.Dilation == 1;
        Run = together ? last.Size * Channels : Channels;
        var offsets = new List<nint> { 0 };
        for (int i = 0; i < rank; i++)
        {
            if (together && i == rank - 1) break;
            Window w = windows.Values[i];
            nint apart = distance[i] * w.Dilation;
            offsets = [.. offsets.SelectMany(o => Enumerable.Range(0, w.Size).Select(k => o + k * apart))];
        }
        Offsets = [.. offsets];
    }

    public int Channels { get; }

    public int Filters { get; }

    /// <summary>Positions along the last dimension of places: a line of the result.</summary>
    public int Line { get; }

    /// <summary>From position to position on a line.</summary>
    public nint LineStride { get; }

    public int LinesPerSample { get; }

    public nint SampleSize { get; }

    /// <summary>The length of a run of values.</summary>
    public int Run { get; }

    /// <summary>Where the runs begin, from the position's first value on.</summary>
    public nint[] Offsets { get; }

    /// <summary>The values that the kernel sees.</summary>
    public int Depth => Run * Offsets.Length;

    /// <summary>Whether the runs are so short that copying them together costs less than a tile for each.</summary>
    public bool IsShort => Run < MinRun && Depth <= MaxCopied;

    const int MinRun = 16, MaxCopied = 1024;

    /// <summary>Copies what neighbouring positions of a line see, a position a row.</summary>
    public void Copy(float* from, int positions, float* rows)
    {
        for (int i = 0; i < positions; i++, from += LineStride)
        {
            foreach (nint offset in Offsets)
                for (int k = 0; k < Run; k++) *rows++ = from[offset + k];
        }
    }

    /// <summary>Where a line's first position begins.</summary>
    public nint LineStart(int line)
    {
        nint start = line / LinesPerSample * SampleSize;
        int rest = line % LinesPerSample;
        for (int i = _positions.Length - 2; i >= 0; i--)
        {
            start += rest % _positions[i] * _strides[i];
            rest /= _positions[i];
        }
        return start;
    }
}
