using System.Runtime.Intrinsics;
using Microsoft.ML.KerasSequential.Numerics;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>
/// A kernel that processes the rows of a matrix independently: the rows are divided among threads, and the lane is
/// chosen once.
/// </summary>
internal abstract unsafe class RowKernel : Launch
{
    const int ChunkSize = 8 * 1024;

    readonly int _rowsPerChunk;

    protected RowKernel(int rows, int columns)
    {
        (Rows, Columns) = (rows, columns);
        _rowsPerChunk = Math.Max(1, ChunkSize / Math.Max(1, columns));
        Chunks = (rows + _rowsPerChunk - 1) / _rowsPerChunk;
    }

    protected int Rows { get; }

    protected int Columns { get; }

    public override void Run(int chunk, float* scratch)
    {
        int start = chunk * _rowsPerChunk, end = Math.Min(start + _rowsPerChunk, Rows);
        for (int row = start; row < end; row++)
        {
            // Rows shorter than a register go through the scalar lane anyway: narrower registers suit them better.
            if (Vector512.IsHardwareAccelerated && Columns >= Lane512.Width) Row<Lane512>(row);
            else if (Vector256.IsHardwareAccelerated && Columns >= Lane256.Width) Row<Lane256>(row);
            else if (Vector128.IsHardwareAccelerated && Columns >= Lane128.Width) Row<Lane128>(row);
            else Row<LaneScalar>(row);
        }
    }

    protected abstract void Row<T>(int row) where T : struct, ILane<T>;

    /// <summary>The largest value of a row.</summary>
    protected static float Max<T>(float* x, int count) where T : struct, ILane<T>
    {
        float max = float.NegativeInfinity;
        int i = 0;
        if (count >= T.Width)
        {
            T lanes = T.Load(x);
            for (i = T.Width; i + T.Width <= count; i += T.Width) lanes = T.Max(lanes, T.Load(x + i));
            max = T.MaxAcross(lanes);
        }
        for (; i < count; i++) max = MathF.Max(max, x[i]);
        return max;
    }
}
