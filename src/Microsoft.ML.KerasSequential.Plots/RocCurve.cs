using Microsoft.ML.KerasSequential.Plots.Numbers;

namespace Microsoft.ML.KerasSequential.Plots;

/// <summary>
/// The true positive rate over the false positive rate, threshold by threshold (the receiver operating characteristic),
/// with the area under the curve. Samples with equal scores count as half correct, as in the Mann–Whitney statistic.
/// </summary>
public sealed class RocCurve
{
    /// <summary>Creates a curve from scores.</summary>
    /// <param name="yTrue">1 for each positive sample, 0 for the others, (samples) or (samples, 1).</param>
    /// <param name="yScore">The scores, or probabilities, that a sample is positive.</param>
    /// <param name="name">The curve's name in the legend.</param>
    /// <exception cref="ArgumentException">The arrays do not match, or all samples are of one kind.</exception>
    public RocCurve(NDArray yTrue, NDArray yScore, string name = "")
    {
        ArgumentNullException.ThrowIfNull(name);
        var ranked = RankedScores.Of(yTrue, yScore);
        Name = name;
        Thresholds = [double.PositiveInfinity, .. ranked.Counts.Select(c => c.Threshold)];
        TruePositiveRate = [0, .. ranked.Counts.Select(c => c.True / (double)ranked.Positives)];
        FalsePositiveRate = [0, .. ranked.Counts.Select(c => c.False / (double)ranked.Negatives)];
        for (int i = 1; i < Thresholds.Count; i++)
            Area += (FalsePositiveRate[i] - FalsePositiveRate[i - 1]) * (TruePositiveRate[i]
                + TruePositiveRate[i - 1]) / 2;
    }

    /// <summary>The curve's name in the legend.</summary>
    public string Name { get; }

    /// <summary>The thresholds: infinity, then the distinct scores in descending order. Samples with at least this
    /// score are predicted positive.</summary>
    public IReadOnlyList<double> Thresholds { get; }

    /// <summary>The fraction of negative samples that are predicted positive, at each threshold.</summary>
    public IReadOnlyList<double> FalsePositiveRate { get; }

    /// <summary>The fraction of positive samples that are predicted positive, at each threshold.</summary>
    public IReadOnlyList<double> TruePositiveRate { get; }

    /// <summary>The area under the curve (AUC): 1 for perfect scores, 0.5 for random ones.</summary>
    public double Area { get; }

    /// <summary>Creates curves from a model's predictions: one for two classes, otherwise one for each class against
    /// all others.</summary>
    /// <param name="yTrue">The classes: indices from 0, (samples) or (samples, 1), or one column per class of 0 and
    /// 1.</param>
    /// <param name="yPred">The probabilities: of class 1, (samples) or (samples, 1), or one column per class.</param>
    /// <param name="classNames">A name for each class; for two classes, the curve has the name of the second.</param>
    /// <returns>The curves; classes without samples, or without samples of another class, have none.</returns>
    /// <exception cref="ArgumentException">The arrays or names do not match, or all samples are of one
    /// class.</exception>
    public static IReadOnlyList<RocCurve> Of(NDArray yTrue, NDArray yPred, IReadOnlyList<string>? classNames = null) =>
        [.. OneVersusRest.Of(yTrue, yPred, classNames).Select(c => new RocCurve(c.Truth, c.Scores, c.Name))];
}
