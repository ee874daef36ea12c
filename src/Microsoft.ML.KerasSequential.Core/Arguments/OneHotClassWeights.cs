namespace Microsoft.ML.KerasSequential;

/// <summary>
/// Class weights for targets with one label per sample, passed as <c>classWeight</c>. A plain dictionary uses the
/// column of the largest target, as Keras does, so only the first of several labels counts; with this class, targets
/// that are not one-hot are an error.
/// </summary>
public sealed class OneHotClassWeights : Dictionary<int, double>
{
    /// <summary>Creates an empty set of weights, for a collection initializer.</summary>
    public OneHotClassWeights()
    {
    }

    /// <summary>Creates weights by class index.</summary>
    /// <param name="weights">The weight of each class.</param>
    /// <exception cref="ArgumentNullException">The weights are null.</exception>
    public OneHotClassWeights(IReadOnlyDictionary<int, double> weights)
        : base(weights ?? throw new ArgumentNullException(nameof(weights)))
    {
    }

    /// <summary>Whether a row of targets is a single 1 among zeros.</summary>
    internal static bool IsOneHot(ReadOnlySpan<float> row) => row.Count(0f) == row.Length - 1 && row.Contains(1f);
}
