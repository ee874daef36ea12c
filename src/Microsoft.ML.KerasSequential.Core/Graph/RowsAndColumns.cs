namespace Microsoft.ML.KerasSequential.Graphs;

/// <summary>
/// Whether an operand is read by entire rows (a bias), by one value per row, or element by element, over a matrix.
/// </summary>
internal static class RowsAndColumns
{
    /// <summary>
    /// An epilogue runs over (rows, columns): the operand may broadcast over all rows, all columns, or both.
    /// </summary>
    public static bool Fits(Dims operand, Dims space)
    {
        if (space.Rank == 0) return true;
        int skip = space.Rank - operand.Rank;
        bool Repeats(int axis) => axis < skip || (operand[axis - skip].IsOne && !space[axis].IsOne);
        bool Follows(int axis) => axis >= skip && !operand[axis - skip].IsOne;
        int[] leading = [.. Enumerable.Range(0, space.Rank - 1).Where(i => !space[i].IsOne)];
        return leading.All(Repeats) || leading.All(Follows);
    }
}
