using System.Runtime.CompilerServices;
using ILGPU;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>
/// Windows over the spatial positions of a sample: which position a window's tap sees, and which window sees a position
/// with a tap.
/// </summary>
internal struct WindowTable
{
    const int Entries = 6, Size = 0, Positions = 1, Stride = 2, Dilation = 3, Before = 4, Taps = 5;

    public ArrayView<int> Values;
    public int Rank, PlaceCount, PositionCount, TapCount, Channels;

    public static WindowTable Of(Windows windows, int[] sizes, GpuBinding binding)
    {
        int[] lengths = sizes[1..^1], positions = [.. windows.Values.Select((w, i) => w.Positions(lengths[i]))];
        return new()
        {
            Values = binding.Table([.. windows.Values.SelectMany((w, i) =>
                new[] { lengths[i], positions[i], w.Stride, w.Dilation, w.Before, w.Size })]),
            Rank = lengths.Length,
            PlaceCount = Product(lengths),
            PositionCount = Product(positions),
            TapCount = Product([.. windows.Values.Select(w => w.Size)]),
            Channels = sizes[^1],
        };
    }

    /// <summary>The position that a window's tap sees; −1 beyond the edge.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly int PlaceOf(int position, int tap)
    {
        int place = 0, stride = 1;
        bool inside = true;
        for (int d = Rank - 1; d >= 0; d--)
        {
            int e = d * Entries, size = Values[e + Size], positions = Values[e + Positions], taps = Values[e + Taps];
            int at = position % positions * Values[e + Stride] + tap % taps * Values[e + Dilation] - Values[e + Before];
            inside = inside && at >= 0 && at < size;
            place += at * stride;
            stride *= size;
            position /= positions;
            tap /= taps;
        }
        return inside ? place : -1;
    }

    /// <summary>The window that sees a position with a tap; −1 if there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly int PositionOf(int place, int tap)
    {
        int position = 0, stride = 1;
        bool exists = true;
        for (int d = Rank - 1; d >= 0; d--)
        {
            int e = d * Entries, size = Values[e + Size], positions = Values[e + Positions], taps = Values[e + Taps],
                step = Values[e + Stride];
            int from = place % size + Values[e + Before] - tap % taps * Values[e + Dilation], at = from / step;
            exists = exists && from >= 0 && at * step == from && at < positions;
            position += at * stride;
            stride *= positions;
            place /= size;
            tap /= taps;
        }
        return exists ? position : -1;
    }

    static int Product(int[] values) => values.Aggregate(1, (product, value) => product * value);
}
