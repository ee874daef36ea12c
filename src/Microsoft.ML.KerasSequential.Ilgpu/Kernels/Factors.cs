using System.Runtime.CompilerServices;
using ILGPU;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>A factor of a product, read element by element while it is copied into shared memory.</summary>
internal interface IFactor
{
    /// <summary>Whether neighbouring columns lie together, so that neighbouring threads should read along a row.</summary>
    bool RunsAlongRows { get; }

    float At(int batch, int row, int column);
}

/// <summary>A matrix in memory: any distances between rows, columns and, where there are many, matrices.</summary>
internal struct StridedFactor : IFactor
{
    public ArrayView<float> Values;
    public int RowStride, ColumnStride, BatchStride;

    public static StridedFactor Of(ArrayView<float> values, int columns, bool transposed, int batchStride = 0) => transposed
        ? new() { Values = values, RowStride = 1, ColumnStride = columns, BatchStride = batchStride }
        : new() { Values = values, RowStride = columns, ColumnStride = 1, BatchStride = batchStride };

    public readonly bool RunsAlongRows => ColumnStride == 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly float At(int batch, int row, int column) => Values[(long)batch * BatchStride + (long)row * RowStride + (long)column * ColumnStride];
}

/// <summary>
/// What windows see, as a matrix that is never made: a row for each position of each sample, a column for each value of the kernel. Two tables say where the positions and the values of a window begin.
/// </summary>
internal struct WindowFactor : IFactor
{
    public ArrayView<float> Places;
    public ArrayView<int> Positions, Offsets;
    public int PositionCount, SampleSize;

    public readonly bool RunsAlongRows => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly float At(int batch, int row, int column)
    {
        int sample = row / PositionCount;
        return Places[(long)sample * SampleSize + Positions[row - sample * PositionCount] + Offsets[column]];
    }
}

/// <summary>The same matrix, transposed.</summary>
internal struct TurnedWindowFactor : IFactor
{
    public WindowFactor Windows;

    public readonly bool RunsAlongRows => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly float At(int batch, int row, int column) => Windows.At(batch, column, row);
}
