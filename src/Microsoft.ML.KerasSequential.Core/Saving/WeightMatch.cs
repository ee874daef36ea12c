namespace Microsoft.ML.KerasSequential.Saving;

/// <summary>Which weights of a file are loaded into a model.</summary>
/// <param name="ByName">Whether weights are matched by name; otherwise all are loaded, in order.</param>
/// <param name="SkipMismatch">Whether weights that do not fit are skipped.</param>
/// <param name="Reshape">Whether weights of another shape fit if they have the same number of values.</param>
internal readonly record struct WeightMatch(bool ByName, bool SkipMismatch, bool Reshape)
{
    /// <summary>All weights of a model's own file.</summary>
    public static WeightMatch Whole => default;

    public bool Fits(ReadOnlySpan<int> stored, ReadOnlySpan<int> own) =>
        stored.SequenceEqual(own) || (Reshape && Product(stored) == Product(own));

    static double Product(ReadOnlySpan<int> sizes)
    {
        double product = 1;
        foreach (int size in sizes) product *= size;
        return product;
    }
}
