using System.Runtime.CompilerServices;
using ILGPU;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;
using Microsoft.ML.KerasSequential.Kernels;
using Microsoft.ML.KerasSequential.Numerics;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>
/// The inputs of a fused expression over rows and columns: their locations and strides; 0 for broadcasting.
/// </summary>
internal struct Operands
{
    public ArrayView<float> P0, P1, P2, P3, P4, P5, P6, P7;
    public int R0, R1, R2, R3, R4, R5, R6, R7;
    public int C0, C1, C2, C3, C4, C5, C6, C7;

    /// <summary>If rows or columns are several loops: their sizes, then the strides of each input.</summary>
    public ArrayView<int> Table;

    public int RowLoops, ColumnLoops;

    /// <summary>The values at a position, from the given slot on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Args<LaneThread> Load<TFirst, TInputs, TWalk>(int row, int column) where TFirst : struct, IIndex
        where TInputs : struct, IIndex where TWalk : struct, IWalk
    {
        Args<LaneThread> a = default;
        if (TInputs.Value > 0 && TFirst.Value <= 0) a.I0 = new(P0[TWalk.Offset(this, 0, row, column, R0, C0)]);
        if (TInputs.Value > 1) a.I1 = new(P1[TWalk.Offset(this, 1, row, column, R1, C1)]);
        if (TInputs.Value > 2) a.I2 = new(P2[TWalk.Offset(this, 2, row, column, R2, C2)]);
        if (TInputs.Value > 3) a.I3 = new(P3[TWalk.Offset(this, 3, row, column, R3, C3)]);
        if (TInputs.Value > 4) a.I4 = new(P4[TWalk.Offset(this, 4, row, column, R4, C4)]);
        if (TInputs.Value > 5) a.I5 = new(P5[TWalk.Offset(this, 5, row, column, R5, C5)]);
        if (TInputs.Value > 6) a.I6 = new(P6[TWalk.Offset(this, 6, row, column, R6, C6)]);
        if (TInputs.Value > 7) a.I7 = new(P7[TWalk.Offset(this, 7, row, column, R7, C7)]);
        return a;
    }

    /// <summary>The operands of a chain.</summary>
    /// <param name="binding">The location of values.</param>
    /// <param name="inputs">The inputs; an input's index is its slot.</param>
    /// <param name="space">The loops.</param>
    /// <param name="rows">The loops that make up the row index.</param>
    /// <param name="columns">The loops that make up the column index.</param>
    /// <returns>The operands, and how to traverse them.</returns>
    public static (Operands Operands, Type Walk) Of(GpuBinding binding, IReadOnlyList<Tensor> inputs,
        IterationSpace space, int[] rows, int[] columns)
    {
        int[] sizes = [.. space.Loops.Select(l => binding.Evaluate(l.Size))];
        int[][] strides = [.. inputs.Select((_, i) => space.Strides(i, sizes))];
        return Of(binding, [.. inputs.Select(binding.View)], sizes, strides, rows, columns);
    }

    /// <summary>The operands at given locations.</summary>
    public static (Operands Operands, Type Walk) Of(GpuBinding binding, ArrayView<float>[] views, int[] sizes,
        int[][] strides, int[] rows, int[] columns)
    {
        ArrayView<float> View(int i) => views.Length == 0 ? binding.Temporary(1) : views[Math.Min(i, views.Length - 1)];
        int Stride(int i, int[] loops) => i < strides.Length && loops.Length == 1 ? strides[i][loops[0]] : 0;
        var operands = new Operands
        {
            P0 = View(0),
            P1 = View(1),
            P2 = View(2),
            P3 = View(3),
            P4 = View(4),
            P5 = View(5),
            P6 = View(6),
            P7 = View(7),
            R0 = Stride(0, rows),
            R1 = Stride(1, rows),
            R2 = Stride(2, rows),
            R3 = Stride(3, rows),
            R4 = Stride(4, rows),
            R5 = Stride(5, rows),
            R6 = Stride(6, rows),
            R7 = Stride(7, rows),
            C0 = Stride(0, columns),
            C1 = Stride(1, columns),
            C2 = Stride(2, columns),
            C3 = Stride(3, columns),
            C4 = Stride(4, columns),
            C5 = Stride(5, columns),
            C6 = Stride(6, columns),
            C7 = Stride(7, columns),
            RowLoops = rows.Length,
            ColumnLoops = columns.Length,
        };
        if (rows.Length <= 1 && columns.Length <= 1)
        {
            operands.Table = binding.Table([0]);
            return (operands, rows.Length == 0 ? typeof(Line) : typeof(Plane));
        }
        int[] order = [.. rows, .. columns];
        operands.Table =
            binding.Table([.. order.Select(l => sizes[l]), .. strides.SelectMany(s => order.Select(l => s[l]))]);
        return (operands, typeof(Loops));
    }
}

/// <summary>Maps a row and a column to the location of an input's value.</summary>
internal interface IWalk
{
    static abstract int Offset(in Operands operands, int slot, int row, int column, int rowStride, int columnStride);
}

/// <summary>There are only columns.</summary>
internal readonly struct Line : IWalk
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Offset(in Operands operands, int slot, int row, int column, int rowStride, int columnStride) =>
        column * columnStride;
}

/// <summary>Rows and columns are one loop each.</summary>
internal readonly struct Plane : IWalk
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Offset(in Operands operands, int slot, int row, int column, int rowStride, int columnStride) =>
        row * rowStride + column * columnStride;
}

/// <summary>Rows or columns are several loops.</summary>
internal readonly struct Loops : IWalk
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Offset(in Operands operands, int slot, int row, int column, int rowStride, int columnStride)
    {
        int loops = operands.RowLoops + operands.ColumnLoops, strides = loops * (1 + slot), offset = 0;
        for (int d = operands.RowLoops - 1; d >= 0; d--)
        {
            int size = operands.Table[d];
            offset += row % size * operands.Table[strides + d];
            row /= size;
        }
        for (int d = loops - 1; d >= operands.RowLoops; d--)
        {
            int size = operands.Table[d];
            offset += column % size * operands.Table[strides + d];
            column /= size;
        }
        return offset;
    }
}
