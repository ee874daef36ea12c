namespace Microsoft.ML.KerasSequential.Saving;

/// <summary>Which weights of a file go into a model.</summary>
/// <param name="ByName">Whether those of the same name do; else all, in order.</param>
/// <param name="SkipMismatch">Whether those that do not fit are left out.</param>
/// <param name="Reshape">Whether those of another shape fit if they have as many values.</param>
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
