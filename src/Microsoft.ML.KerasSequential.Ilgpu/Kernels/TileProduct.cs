using System.Runtime.CompilerServices;
using ILGPU;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;
using Microsoft.ML.KerasSequential.Numerics;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>A tiled product of float32 multiply-adds.</summary>
internal sealed class TileProduct<TTile, TA, TB, TProgram, TInputs, TWalk, TOutputs>
    : Products, IKernel<ProductArguments<TA, TB, TProgram>>
    where TTile : struct, ITile
    where TA : struct, IFactor
    where TB : struct, IFactor
    where TProgram : struct, IProgram
    where TInputs : struct, IIndex
    where TWalk : struct, IWalk
    where TOutputs : struct, IIndex
{
    /// <summary>The unroll factor along the inner dimension.</summary>
    const int Unrolled = 4;

    static int Threads => TTile.ThreadRows * TTile.ThreadColumns;

    static int Height => 4 * TTile.ThreadRows * TTile.Squares;

    static int Width => 4 * TTile.ThreadColumns * TTile.Squares;

    /// <summary>
    /// Rows of A in shared memory are padded by four values, so that threads that write one below another use different
    /// banks.
    /// </summary>
    static int Pitch => Height + 4;

    protected override GpuLaunch Bind(GpuBinding binding, object a, object b, ProductSize size, Epilogue epilogue,
        int parts) =>
        Launch<TileProduct<TTile, TA, TB, TProgram, TInputs, TWalk, TOutputs>, TA, TB, TProgram>(binding, Threads,
            ProductArguments<TA, TB, TProgram>.Of((TA)a, (TB)b, size, epilogue, parts, Height, Width, TTile.Depth));

    public static void Run(ProductArguments<TA, TB, TProgram> a)
    {
        ArrayView<float> sharedA =
            SharedMemory.Allocate<float>((4 * TTile.ThreadRows * TTile.Squares + 4) * TTile.Depth);
        ArrayView<float> sharedB = SharedMemory.Allocate<float>(4 * TTile.ThreadColumns * TTile.Squares * TTile.Depth);
        ArrayView<float> staging = SharedMemory.Allocate<float>(16 * TTile.ThreadRows * TTile.ThreadColumns);
        int thread = Group.IdxX, threadRow = thread / TTile.ThreadColumns, threadColumn = thread % TTile.ThreadColumns;
        for (int tile = Grid.IdxX; tile < a.Count; tile += Grid.DimX)
        {
            ProductPlace place = a.Place(tile, Height, Width);
            Square s00 = default, s01 = default, s10 = default, s11 = default;
            for (int k = place.Start; k < place.End; k += TTile.Depth)
            {
                a.LoadA<Exactly>(sharedA, place, k, thread, Threads, Height, TTile.Depth, Pitch);
                a.LoadB<Exactly>(sharedB, place, k, thread, Threads, Width, TTile.Depth, Width);
                Group.Barrier();
                ArrayView<Four> left = sharedA.Cast<Four>(), right = sharedB.Cast<Four>();
                for (int block = 0; block < TTile.Depth; block += Unrolled)
                {
                    Add(left, right, block, threadRow, threadColumn, ref s00, ref s01, ref s10, ref s11);
                    Add(left, right, block + 1, threadRow, threadColumn, ref s00, ref s01, ref s10, ref s11);
                    Add(left, right, block + 2, threadRow, threadColumn, ref s00, ref s01, ref s10, ref s11);
                    Add(left, right, block + 3, threadRow, threadColumn, ref s00, ref s01, ref s10, ref s11);
                }
                Group.Barrier();
            }
            for (int square = 0; square < TTile.Squares * TTile.Squares; square++)
            {
                // Through shared memory, so that neighboring threads complete and write neighboring values, with one
                // copy of the expression's code.
                Square sums = square == 0 ? s00 : square == 1 ? s01 : square == 2 ? s10 : s11;
                ArrayView<Four> rows = staging.Cast<Four>();
                int at = 4 * threadRow * TTile.ThreadColumns + threadColumn;
                rows[at] = sums.R0;
                rows[at + TTile.ThreadColumns] = sums.R1;
                rows[at + 2 * TTile.ThreadColumns] = sums.R2;
                rows[at + 3 * TTile.ThreadColumns] = sums.R3;
                Group.Barrier();
                int row = place.Row + square / 2 * 4 * TTile.ThreadRows,
                    column = place.Column + square % 2 * 4 * TTile.ThreadColumns;
                for (int i = thread; i < 16 * Threads; i += Threads)
                    a.Put<TInputs, TWalk, TOutputs>(place.LayerRow, row + i / (4 * TTile.ThreadColumns),
                        column + i % (4 * TTile.ThreadColumns), staging[i]);
                Group.Barrier();
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Add(ArrayView<Four> left, ArrayView<Four> right, int k, int threadRow, int threadColumn, ref Square s00,
        ref Square s01, ref Square s10, ref Square s11)
    {
        Four a0 = left[k * (Pitch / 4) + threadRow], b0 = right[k * (Width / 4) + threadColumn];
        s00 = Square.Add(s00, a0, b0);
        if (TTile.Squares == 1) return;
        Four a1 = left[k * (Pitch / 4) + threadRow + TTile.ThreadRows],
            b1 = right[k * (Width / 4) + threadColumn + TTile.ThreadColumns];
        s01 = Square.Add(s01, a0, b1);
        s10 = Square.Add(s10, a1, b0);
        s11 = Square.Add(s11, a1, b1);
    }
}
