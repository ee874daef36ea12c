namespace Microsoft.ML.KerasSequential.Plots.Numbers;

/// <summary>The numbers of positive and negative samples that score at least a threshold, for each distinct score, in
/// descending order.</summary>
internal sealed class RankedScores
{
    RankedScores(IReadOnlyList<(double Threshold, int True, int False)> counts) => Counts = counts;

    /// <summary>A score, and the positives and negatives that score at least as much. Samples with equal scores are
    /// grouped.</summary>
    public IReadOnlyList<(double Threshold, int True, int False)> Counts { get; }

    public int Positives => Counts[^1].True;

    public int Negatives => Counts[^1].False;

    /// <param name="yTrue">1 for each positive sample, 0 for the others.</param>
    /// <param name="yScore">The scores.</param>
    /// <exception cref="ArgumentException">The arrays do not match, or all samples are of one kind.</exception>
    public static RankedScores Of(NDArray yTrue, NDArray yScore)
    {
        ArgumentNullException.ThrowIfNull(yTrue);
        ArgumentNullException.ThrowIfNull(yScore);
        foreach ((NDArray values, string parameter) in new[] { (yTrue, nameof(yTrue)), (yScore, nameof(yScore)) })
        {
            bool isVector = values.Rank == 1 || (values.Rank == 2 && values.Shape[1] == 1);
            if (!isVector)
                throw new ArgumentException(
                    "Expected one value per sample, (samples) or (samples, 1); given shape "
                    + $"{ClassNumbers.Text(values)}.", parameter);
        }
        if (yTrue.Size != yScore.Size)
            throw new ArgumentException($"There are {yTrue.Size} targets, but {yScore.Size} scores.", nameof(yScore));
        foreach (float value in yTrue.Span)
            if (value is not (0 or 1))
                throw new ArgumentException($"Expected 1 for positive samples and 0 for the others; given {value}.",
                    nameof(yTrue));
        foreach (float value in yScore.Span)
            if (float.IsNaN(value)) throw new ArgumentException("A score is NaN.", nameof(yScore));

        (float[] scores, float[] kinds) = (yScore.ToArray(), yTrue.ToArray());
        Array.Sort(scores, kinds);
        var counts = new List<(double Threshold, int True, int False)>();
        (int positives, int negatives) = (0, 0);
        for (int i = scores.Length - 1; i >= 0; i--)
        {
            if (kinds[i] == 1) positives++;
            else negatives++;
            bool isLastOfScore = i == 0 || scores[i - 1] != scores[i];
            if (isLastOfScore) counts.Add((scores[i], positives, negatives));
        }
        if (positives == 0 || negatives == 0)
        {
            throw new ArgumentException(
                $"Expected positive and negative samples; given {positives} positive and {negatives} negative ones, "
                + "so no curve can be drawn.", nameof(yTrue));
        }
        return new(counts);
    }
}
