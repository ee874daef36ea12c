namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>A matrix in memory: element (row, column) is at row·RowStride + column·ColumnStride.</summary>
internal readonly unsafe record struct Matrix(nint Address, int Rows, int Columns, int RowStride, int ColumnStride)
{
    // Not public: a record prints its public properties, and a pointer has no string form.
    internal float* Pointer => (float*)Address;

    public static Matrix Of(nint address, int rows, int columns, bool transposed) => transposed
        ? new(address, columns, rows, 1, columns)
        : new(address, rows, columns, columns, 1);
}
