using System.Runtime.CompilerServices;
using ILGPU;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>A factor of a product, read element by element while it is copied to shared memory.</summary>
internal interface IFactor
{
    /// <summary>
    /// Whether neighboring columns are contiguous, so that neighboring threads should read along a row.
    /// </summary>
    bool RunsAlongRows { get; }

    /// <summary>
    /// Whether four neighbors are read at once: then the contiguous size is a multiple of four, so that all of them
    /// exist or none does.
    /// </summary>
    bool ReadsFours { get; }

    float At(int batch, int row, int column);

    /// <summary>Four neighbors, starting at a value.</summary>
    Four FoursAt(int batch, int row, int column);
}

/// <summary>A matrix in memory, with any strides between rows, columns and, if there are many, matrices.</summary>
internal struct StridedFactor : IFactor
{
    public ArrayView<float> Values;
    public int RowStride, ColumnStride, BatchStride;

    /// <summary>1 if four neighbors may be read at once.</summary>
    public int Fours;

    /// <param name="values">The values of a matrix, or of many.</param>
    /// <param name="columns">The number of contiguous values.</param>
    /// <param name="transposed">Whether to read them as columns.</param>
    /// <param name="batchStride">The distance between matrices.</param>
    public static StridedFactor Of(ArrayView<float> values, int columns, bool transposed, int batchStride = 0)
    {
        // The buffers themselves are aligned to much larger multiples.
        int fours = columns % 4 == 0 && batchStride % 4 == 0 && ((IContiguousArrayView)values).Index % 4 == 0 ? 1 : 0;
        return transposed
            ? new() { Values = values, RowStride = 1, ColumnStride = columns, BatchStride = batchStride, Fours = fours }
            : new()
            {
                Values = values,
                RowStride = columns,
                ColumnStride = 1,
                BatchStride = batchStride,
                Fours = fours
            };
    }

    public readonly bool RunsAlongRows => ColumnStride == 1;

    public readonly bool ReadsFours => Fours != 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Four FoursAt(int batch, int row, int column) =>
        Values.Cast<Four>()[((long)batch * BatchStride + (long)row * RowStride + (long)column * ColumnStride) / 4];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly float At(int batch, int row, int column) =>
        Values[(long)batch * BatchStride + (long)row * RowStride + (long)column * ColumnStride];
}

/// <summary>
/// What windows cover, as a matrix that is never materialized: one row per position of each sample, one column per
/// value of the kernel. Two tables hold the offsets of the positions and of the values in a window.
/// </summary>
internal struct WindowFactor : IFactor
{
    public ArrayView<float> Places;
    public ArrayView<int> Positions, Offsets;
    public int PositionCount, SampleSize;

    public readonly bool RunsAlongRows => true;

    public readonly bool ReadsFours => false;

    public readonly Four FoursAt(int batch, int row, int column) => default;

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

    public readonly bool ReadsFours => false;

    public readonly Four FoursAt(int batch, int row, int column) => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly float At(int batch, int row, int column) => Windows.At(batch, column, row);
}
