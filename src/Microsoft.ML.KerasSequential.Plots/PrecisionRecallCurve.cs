using Microsoft.ML.KerasSequential.Plots.Numbers;

namespace Microsoft.ML.KerasSequential.Plots;

/// <summary>The precision over the recall, threshold by threshold, and the average precision.</summary>
public sealed class PrecisionRecallCurve
{
    /// <summary>The curve of some scores.</summary>
    /// <param name="yTrue">1 for each positive sample, 0 for the others, (samples) or (samples, 1).</param>
    /// <param name="yScore">The scores, or probabilities, that a sample is positive.</param>
    /// <param name="name">What the legend calls the curve.</param>
    /// <exception cref="ArgumentException">The arrays do not fit, or all samples are of one kind.</exception>
    public PrecisionRecallCurve(NDArray yTrue, NDArray yScore, string name = "")
    {
        ArgumentNullException.ThrowIfNull(name);
        var ranked = RankedScores.Of(yTrue, yScore);
        Name = name;
        Thresholds = [double.PositiveInfinity, .. ranked.Counts.Select(c => c.Threshold)];
        Recall = [0, .. ranked.Counts.Select(c => c.True / (double)ranked.Positives)];
        Precision = [1, .. ranked.Counts.Select(c => c.True / (double)(c.True + c.False))];
        for (int i = 1; i < Thresholds.Count; i++) AveragePrecision += (Recall[i] - Recall[i - 1]) * Precision[i];
    }

    /// <summary>What the legend calls the curve.</summary>
    public string Name { get; }

    /// <summary>The scores that occur, from the largest, behind infinity: samples of this score or more are taken as
    /// positive.</summary>
    public IReadOnlyList<double> Thresholds { get; }

    /// <summary>The share of those taken as positive that are, at each threshold; 1 where none is.</summary>
    public IReadOnlyList<double> Precision { get; }

    /// <summary>The share of the positive samples that are taken as positive at each threshold.</summary>
    public IReadOnlyList<double> Recall { get; }

    /// <summary>The mean of the precisions, each weighted by the recall that its threshold adds; nothing is
    /// interpolated.</summary>
    public double AveragePrecision { get; }

    /// <summary>The curves of a model's predictions: one for two classes, otherwise one for each class against all
    /// others.</summary>
    /// <param name="yTrue">The classes: numbers from 0, (samples) or (samples, 1), or a column a class of 0 and
    /// 1.</param>
    /// <param name="yPred">The probabilities: of class 1, (samples) or (samples, 1), or a column a class.</param>
    /// <param name="classNames">A name for each class; for two classes, that of the second names the curve.</param>
    /// <returns>The curves; classes without samples, or without samples of another class, have none.</returns>
    /// <exception cref="ArgumentException">The arrays or names do not fit, or all samples are of one class.</exception>
    public static IReadOnlyList<PrecisionRecallCurve> Of(NDArray yTrue, NDArray yPred,
        IReadOnlyList<string>? classNames = null) =>
        [.. OneVersusRest.Of(yTrue, yPred, classNames)
        .Select(c => new PrecisionRecallCurve(c.Truth, c.Scores, c.Name))];
}
