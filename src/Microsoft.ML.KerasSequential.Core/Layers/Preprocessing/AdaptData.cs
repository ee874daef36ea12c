namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>The data that a layer is adapted to.</summary>
internal static class AdaptData
{
    /// <summary>The inputs of batches, of the first ones if a number is given.</summary>
    /// <exception cref="ArgumentException">A batch is null.</exception>
    public static IEnumerable<NDArray> Of(IEnumerable<Batch> data, int? steps = null) =>
        (steps is int count ? data.Take(count) : data).Select(b => b?.X
            ?? throw new ArgumentException("The batches cannot be null.", nameof(data)));
}
