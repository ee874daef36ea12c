using System.Runtime.CompilerServices;
using ILGPU;
using Microsoft.ML.KerasSequential.Numerics;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>A tiled product: its factors, what is done with the sums, and how it is divided.</summary>
internal struct ProductArguments<TA, TB, TProgram> where TA : struct, IFactor where TB : struct, IFactor where TProgram
    : struct, IProgram
{
    public TA A;
    public TB B;
    public Finish<TProgram> Finish;
    public int Rows, Columns, Inner, Part, Parts, TileRows, TileColumns, Count;

    /// <param name="a">The left factor.</param>
    /// <param name="b">The right factor.</param>
    /// <param name="size">The sizes.</param>
    /// <param name="epilogue">What is done with the sums.</param>
    /// <param name="parts">The number of parts that the inner dimension is split into.</param>
    /// <param name="height">The rows of a tile.</param>
    /// <param name="width">The columns of a tile.</param>
    /// <param name="depth">The number of values along the inner dimension in shared memory at a time.</param>
    public static ProductArguments<TA, TB, TProgram> Of(TA a, TB b, ProductSize size, Epilogue epilogue, int parts,
        int height, int width, int depth)
    {
        int down = (size.Rows + height - 1) / height, across = (size.Columns + width - 1) / width;
        return new()
        {
            A = a,
            B = b,
            Finish = Finish<TProgram>.Of(epilogue, size),
            Rows = size.Rows,
            Columns = size.Columns,
            Inner = size.Inner,
            Part = ((size.Inner + parts - 1) / parts + depth - 1) / depth * depth,
            Parts = parts,
            TileRows = down,
            TileColumns = across,
            Count = down * across * parts * size.Batch,
        };
    }

    /// <summary>The location of a tile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ProductPlace Place(int tile, int height, int width)
    {
        int place = tile % (TileRows * TileColumns), layer = tile / (TileRows * TileColumns),
            start = layer % Parts * Part;
        return new()
        {
            Batch = layer / Parts,
            LayerRow = layer * Rows,
            Row = place / TileColumns * height,
            Column = place % TileColumns * width,
            Start = start,
            End = start + Part < Inner ? start + Part : Inner,
        };
    }

    /// <summary>Copies rows of A to shared memory, neighboring rows side by side.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void LoadA<TRounding>(ArrayView<float> shared, in ProductPlace place, int k, int thread,
        int threads, int height, int depth, int pitch) where TRounding : struct, IRounding
    {
        bool along = A.RunsAlongRows;
        if (A.ReadsFours)
        {
            for (int i = thread; i < height * depth / 4; i += threads)
            {
                int r = along ? i / (depth / 4) : i % (height / 4) * 4,
                    c = along ? i % (depth / 4) * 4 : i / (height / 4);
                bool inside = place.Row + r < Rows && k + c < place.End;
                Four four = default;
                if (inside) four = A.FoursAt(place.Batch, place.Row + r, k + c);
                int at = c * pitch + r, step = along ? pitch : 1;
                shared[at] = TRounding.Of(four.X0);
                shared[at + step] = TRounding.Of(four.X1);
                shared[at + 2 * step] = TRounding.Of(four.X2);
                shared[at + 3 * step] = TRounding.Of(four.X3);
            }
            return;
        }
        for (int i = thread; i < height * depth; i += threads)
        {
            int r = along ? i / depth : i % height, c = along ? i % depth : i / height;
            bool inside = place.Row + r < Rows && k + c < place.End;
            shared[c * pitch + r] = inside ? TRounding.Of(A.At(place.Batch, place.Row + r, k + c)) : 0f;
        }
    }

    /// <summary>Copies rows of B to shared memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void LoadB<TRounding>(ArrayView<float> shared, in ProductPlace place, int k, int thread,
        int threads, int width, int depth, int pitch) where TRounding : struct, IRounding
    {
        bool along = B.RunsAlongRows;
        if (B.ReadsFours)
        {
            for (int i = thread; i < width * depth / 4; i += threads)
            {
                int r = along ? i / (width / 4) : i % (depth / 4) * 4,
                    c = along ? i % (width / 4) * 4 : i / (depth / 4);
                bool inside = k + r < place.End && place.Column + c < Columns;
                Four four = default;
                if (inside) four = B.FoursAt(place.Batch, k + r, place.Column + c);
                int at = r * pitch + c, step = along ? 1 : pitch;
                shared[at] = TRounding.Of(four.X0);
                shared[at + step] = TRounding.Of(four.X1);
                shared[at + 2 * step] = TRounding.Of(four.X2);
                shared[at + 3 * step] = TRounding.Of(four.X3);
            }
            return;
        }
        for (int i = thread; i < width * depth; i += threads)
        {
            int r = along ? i / width : i % depth, c = along ? i % width : i / depth;
            bool inside = k + r < place.End && place.Column + c < Columns;
            shared[r * pitch + c] = inside ? TRounding.Of(B.At(place.Batch, k + r, place.Column + c)) : 0f;
        }
    }

    /// <summary>Completes a sum, if it is part of the result.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Put<TInputs, TWalk, TOutputs>(int layerRow, int row, int column, float value)
        where TInputs : struct, IIndex where TWalk : struct, IWalk where TOutputs : struct, IIndex
    {
        if (row < Rows && column < Columns) Finish.Put<TInputs, TWalk, TOutputs>(layerRow + row, column, value);
    }
}

/// <summary>
/// The location of a tile in a product: its first row and column, and the part of the inner dimension.
/// </summary>
internal struct ProductPlace
{
    public int Batch, LayerRow, Row, Column, Start, End;
}

/// <summary>The conversion of a factor on its way to shared memory.</summary>
internal interface IRounding
{
    static abstract float Of(float value);
}

/// <summary>No conversion.</summary>
internal readonly struct Exactly : IRounding
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Of(float value) => value;
}
