using System.Runtime.CompilerServices;
using ILGPU;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>A factor of a product, read element by element while it is copied into shared memory.</summary>
internal interface IFactor
{
    /// <summary>Whether neighbouring columns lie together, so that neighbouring threads should read along a row.</summary>
    bool RunsAlongRows { get; }

    /// <summary>Whether four neighbours are read at once: then the size along which they lie is a multiple of four, so that they are all there or none is.</summary>
    bool ReadsFours { get; }

    float At(int batch, int row, int column);

    /// <summary>Four neighbours from a value on.</summary>
    Four FoursAt(int batch, int row, int column);
}

/// <summary>A matrix in memory: any distances between rows, columns and, where there are many, matrices.</summary>
internal struct StridedFactor : IFactor
{
    public ArrayView<float> Values;
    public int RowStride, ColumnStride, BatchStride;

    /// <summary>1 where four neighbours may be read at once.</summary>
    public int Fours;

    /// <param name="values">The values of a matrix, or of many.</param>
    /// <param name="columns">How many lie together.</param>
    /// <param name="transposed">Whether they are read as columns.</param>
    /// <param name="batchStride">From matrix to matrix.</param>
    public static StridedFactor Of(ArrayView<float> values, int columns, bool transposed, int batchStride = 0)
    {
        // The buffers themselves begin at multiples of much more.
        int fours = columns % 4 == 0 && batchStride % 4 == 0 && ((IContiguousArrayView)values).Index % 4 == 0 ? 1 : 0;
        return transposed
            ? new() { Values = values, RowStride = 1, ColumnStride = columns, BatchStride = batchStride, Fours = fours }
            : new() { Values = values, RowStride = columns, ColumnStride = 1, BatchStride = batchStride, Fours = fours };
    }

    public readonly bool RunsAlongRows => ColumnStride == 1;

    public readonly bool ReadsFours => Fours != 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Four FoursAt(int batch, int row, int column) => Values.Cast<Four>()[((long)batch * BatchStride + (long)row * RowStride + (long)column * ColumnStride) / 4];

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
