using System.Runtime.InteropServices;

namespace Microsoft.ML.KerasSequential.Reading;

/// <summary>
/// Rows of numbers, of which it is not known how many come. They are kept in pieces outside the managed heap, which are given back one by one while they
/// become an array: at no time are there two copies.
/// </summary>
internal sealed unsafe class GrowingRows(int rowSize) : IDisposable
{
    /// <summary>Large enough to be memory of its own for the system's allocator, so that it really goes back.</summary>
    const long PieceBytes = 64L << 20;

    readonly int _rowsPerPiece = (int)Math.Max(1, PieceBytes / sizeof(float) / Math.Max(1, rowSize));
    readonly List<nint> _pieces = [];

    /// <summary>The rows so far.</summary>
    public long Count { get; private set; }

    /// <summary>The place of the next row, which counts once it is kept.</summary>
    public Span<float> Next
    {
        get
        {
            int piece = (int)(Count / _rowsPerPiece);
            if (piece == _pieces.Count) _pieces.Add((nint)NativeMemory.Alloc((nuint)_rowsPerPiece * (nuint)Math.Max(1, rowSize), sizeof(float)));
            return new((float*)_pieces[piece] + Count % _rowsPerPiece * rowSize, rowSize);
        }
    }

    /// <summary>Keeps the row.</summary>
    public void Keep() => Count++;

    /// <summary>The rows as two arrays, of the first ones and of the rest; there are none here afterwards.</summary>
    public (float[] Start, float[] End) Take(long first)
    {
        float[] a = GC.AllocateUninitializedArray<float>(checked((int)(first * rowSize))), b = GC.AllocateUninitializedArray<float>(checked((int)((Count - first) * rowSize)));
        for (int piece = 0; piece < _pieces.Count; piece++)
        {
            long start = (long)piece * _rowsPerPiece;
            int rows = (int)Math.Min(_rowsPerPiece, Count - start), toFirst = (int)Math.Clamp(first - start, 0, rows);
            var values = new ReadOnlySpan<float>((float*)_pieces[piece], rows * rowSize);
            values[..(toFirst * rowSize)].CopyTo(a.AsSpan((int)(Math.Min(start, first) * rowSize)));
            values[(toFirst * rowSize)..].CopyTo(b.AsSpan((int)(Math.Max(0, start - first) * rowSize)));
            NativeMemory.Free((void*)_pieces[piece]);
            _pieces[piece] = 0;
        }
        Dispose();
        return (a, b);
    }

    public void Dispose()
    {
        foreach (nint piece in _pieces) NativeMemory.Free((void*)piece);
        _pieces.Clear();
        Count = 0;
    }
}
