namespace Microsoft.ML.KerasSequential;

/// <summary>
/// Class weights for targets with one label a sample, to be given as <c>classWeight</c>. A plain dictionary takes the
/// column of the largest target, as Keras does, so that of several labels only the first one counts; with these
/// weights, targets that are not one-hot are an error.
/// </summary>
public sealed class OneHotClassWeights : Dictionary<int, double>
{
    /// <summary>No weights yet: to be filled by a collection initializer.</summary>
    public OneHotClassWeights()
    {
    }

    /// <summary>Weights by class number.</summary>
    /// <param name="weights">The factor of each class.</param>
    /// <exception cref="ArgumentNullException">No weights.</exception>
    public OneHotClassWeights(IReadOnlyDictionary<int, double> weights)
        : base(weights ?? throw new ArgumentNullException(nameof(weights)))
    {
    }

    /// <summary>Whether a row of targets is a single 1 among zeros.</summary>
    internal static bool IsOneHot(ReadOnlySpan<float> row) => row.Count(0f) == row.Length - 1 && row.Contains(1f);
}
