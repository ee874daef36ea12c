using System.Runtime.CompilerServices;
using ILGPU;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;
using Microsoft.ML.KerasSequential.Numerics;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>
/// A product on NVIDIA's tensor cores: 128 × 128 results per eight warps, each with 64 × 32 of them in fragments of 16
/// × 8. The factors are in shared memory as float32 values, rounded while they are copied.
/// </summary>
internal sealed class TensorProduct<TFormat, TA, TB, TProgram, TInputs, TWalk, TOutputs>
    : Products, IKernel<ProductArguments<TA, TB, TProgram>>
    where TFormat : struct, ITensorFormat
    where TA : struct, IFactor
    where TB : struct, IFactor
    where TProgram : struct, IProgram
    where TInputs : struct, IIndex
    where TWalk : struct, IWalk
    where TOutputs : struct, IIndex
{
    const int Edge = 128, Depth = 16, Threads = 256, WarpThreads = 32, WarpsAcross = 4, WarpHeight = 64, WarpWidth = 32,
        PieceHeight = 16;

    /// <summary>A fragment of each of the warps that are one below another.</summary>
    const int StagedRows = Edge / WarpHeight * PieceHeight;

    /// <summary>Rows are padded by eight values, so that the 32 values of a fragment are in 32 banks.</summary>
    const int Pitch = Edge + 8;

    protected override GpuLaunch Bind(GpuBinding binding, object a, object b, ProductSize size, Epilogue epilogue,
        int parts) =>
        Launch<TensorProduct<TFormat, TA, TB, TProgram, TInputs, TWalk, TOutputs>, TA, TB, TProgram>(binding, Threads,
            ProductArguments<TA, TB, TProgram>.Of((TA)a, (TB)b, size, epilogue, parts, Edge, Edge, Depth));

    public static void Run(ProductArguments<TA, TB, TProgram> a)
    {
        ArrayView<float> sharedA = SharedMemory.Allocate<float>(Pitch * Depth),
            sharedB = SharedMemory.Allocate<float>(Pitch * Depth);
        ArrayView<float> staging = SharedMemory.Allocate<float>(StagedRows * Edge);
        int thread = Group.IdxX, lane = thread % WarpThreads, warp = thread / WarpThreads;
        int warpRow = warp / WarpsAcross * WarpHeight, warpColumn = warp % WarpsAcross * WarpWidth;
        for (int tile = Grid.IdxX; tile < a.Count; tile += Grid.DimX)
        {
            ProductPlace place = a.Place(tile, Edge, Edge);
            FragmentRow r0 = default, r1 = default, r2 = default, r3 = default;
            for (int k = place.Start; k < place.End; k += Depth)
            {
                a.LoadA<TFormat>(sharedA, place, k, thread, Threads, Edge, Depth, Pitch);
                a.LoadB<TFormat>(sharedB, place, k, thread, Threads, Edge, Depth, Pitch);
                Group.Barrier();
                for (int at = 0; at < Depth; at += TFormat.Depth)
                {
                    RightFragment b0 = TFormat.Right(sharedB, at, warpColumn, Pitch, lane),
                        b1 = TFormat.Right(sharedB, at, warpColumn + 8, Pitch, lane);
                    RightFragment b2 = TFormat.Right(sharedB, at, warpColumn + 16, Pitch, lane),
                        b3 = TFormat.Right(sharedB, at, warpColumn + 24, Pitch, lane);
                    r0 = Multiply(r0, TFormat.Left(sharedA, at, warpRow, Pitch, lane), b0, b1, b2, b3);
                    r1 = Multiply(r1, TFormat.Left(sharedA, at, warpRow + 16, Pitch, lane), b0, b1, b2, b3);
                    r2 = Multiply(r2, TFormat.Left(sharedA, at, warpRow + 32, Pitch, lane), b0, b1, b2, b3);
                    r3 = Multiply(r3, TFormat.Left(sharedA, at, warpRow + 48, Pitch, lane), b0, b1, b2, b3);
                }
                Group.Barrier();
            }
            for (int piece = 0; piece < WarpHeight / PieceHeight; piece++)
            {
                // Through shared memory, so that neighboring threads complete and write neighboring values. A lane
                // holds two neighboring columns of a row, and the same of the eighth row below.
                FragmentRow sums = piece == 0 ? r0 : piece == 1 ? r1 : piece == 2 ? r2 : r3;
                int at = (warp / WarpsAcross * PieceHeight + lane / 4) * Edge + warpColumn + lane % 4 * 2;
                Put(staging, at, sums.F0);
                Put(staging, at + 8, sums.F1);
                Put(staging, at + 16, sums.F2);
                Put(staging, at + 24, sums.F3);
                Group.Barrier();
                for (int i = thread; i < StagedRows * Edge; i += Threads)
                {
                    int row = i / Edge, warpDown = row / PieceHeight;
                    a.Put<TInputs, TWalk, TOutputs>(place.LayerRow, place.Row + warpDown * WarpHeight
                        + piece * PieceHeight + row - warpDown * PieceHeight, place.Column + i % Edge, staging[i]);
                }
                Group.Barrier();
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static FragmentRow Multiply(FragmentRow sums, LeftFragment a, RightFragment b0, RightFragment b1, RightFragment b2,
        RightFragment b3) => new()
        {
            F0 = TFormat.Multiply(sums.F0, a, b0),
            F1 = TFormat.Multiply(sums.F1, a, b1),
            F2 = TFormat.Multiply(sums.F2, a, b2),
            F3 = TFormat.Multiply(sums.F3, a, b3),
        };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Put(ArrayView<float> staging, int at, Fragment f)
    {
        staging[at] = f.C0;
        staging[at + 1] = f.C1;
        staging[at + 8 * Edge] = f.C2;
        staging[at + 8 * Edge + 1] = f.C3;
    }
}

/// <summary>Four fragments of sums side by side.</summary>
internal struct FragmentRow
{
    public Fragment F0, F1, F2, F3;
}
