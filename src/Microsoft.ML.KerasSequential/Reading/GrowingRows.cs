using System.Runtime.InteropServices;
using Microsoft.ML.KerasSequential.Graphs;

namespace Microsoft.ML.KerasSequential.Reading;

/// <summary>
/// Collects rows of numbers. The expected number of rows is written directly to the final array. If none are expected,
/// or more arrive, they are kept in pieces outside the managed heap, which are freed one by one while they are copied
/// to an array, so there are never two copies.
/// </summary>
internal sealed unsafe class GrowingRows(int rowSize, long expected = 0) : IDisposable
{
    /// <summary>Large enough for the system's allocator to return the memory to the system.</summary>
    const long PieceBytes = 64L << 20;

    readonly int _rowsPerPiece = (int)Math.Max(1, PieceBytes / sizeof(float) / Math.Max(1, rowSize));
    readonly List<nint> _pieces = [];
    float[] _array = GC.AllocateUninitializedArray<float>(Floats(expected, rowSize));
    long _inArray = expected;

    static int Floats(long rows, int rowSize) => Counts.Fits(rows * rowSize, $"The values of {rows} rows of {rowSize}");

    /// <summary>The rows so far.</summary>
    public long Count { get; private set; }

    /// <summary>The buffer of the next row, which counts once it is kept.</summary>
    public Span<float> Next
    {
        get
        {
            if (Count < _inArray) return _array.AsSpan((int)Count * rowSize, rowSize);
            (long piece, long row) = Math.DivRem(Count - _inArray, _rowsPerPiece);
            if (piece == _pieces.Count)
                _pieces.Add((nint)NativeMemory.Alloc((nuint)_rowsPerPiece * (nuint)Math.Max(1, rowSize),
                    sizeof(float)));
            return new((float*)_pieces[(int)piece] + row * rowSize, rowSize);
        }
    }

    /// <summary>Keeps the row.</summary>
    public void Keep() => Count++;

    /// <summary>Returns the rows as two arrays, the first rows and the rest; no rows remain here.</summary>
    public (float[] Start, float[] End) Take(long first)
    {
        float[] array = _array;
        if (Count == _inArray && first == Count)
        {
            Dispose();
            return (array, []);
        }
        float[] start = GC.AllocateUninitializedArray<float>(Floats(first, rowSize)),
            end = GC.AllocateUninitializedArray<float>(Floats(Count - first, rowSize));
        Copy(array.AsSpan(0, (int)Math.Min(Count, _inArray) * rowSize), 0);
        for (int piece = 0; piece < _pieces.Count; piece++)
        {
            long row = _inArray + (long)piece * _rowsPerPiece;
            Copy(new((float*)_pieces[piece], (int)Math.Clamp(Count - row, 0, _rowsPerPiece) * rowSize), row);
            NativeMemory.Free((void*)_pieces[piece]);
            _pieces[piece] = 0;
        }
        Dispose();
        return (start, end);

        void Copy(ReadOnlySpan<float> values, long row)
        {
            int toStart = (int)Math.Clamp((first - row) * rowSize, 0, values.Length);
            values[..toStart].CopyTo(start.AsSpan((int)(Math.Min(row, first) * rowSize)));
            values[toStart..].CopyTo(end.AsSpan((int)(Math.Max(0, row - first) * rowSize)));
        }
    }

    public void Dispose()
    {
        foreach (nint piece in _pieces) NativeMemory.Free((void*)piece);
        _pieces.Clear();
        (_array, _inArray, Count) = ([], 0, 0);
    }
}
