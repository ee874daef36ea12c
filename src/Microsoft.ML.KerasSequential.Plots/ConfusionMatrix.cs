using System.Globalization;
using Microsoft.ML.KerasSequential.Plots.Drawing;
using Microsoft.ML.KerasSequential.Plots.Numbers;

namespace Microsoft.ML.KerasSequential.Plots;

/// <summary>How many samples of each class were predicted as which.</summary>
public sealed class ConfusionMatrix
{
    readonly int[,] _counts;
    readonly int[] _samples;

    /// <summary>Counts.</summary>
    /// <param name="yTrue">The classes: numbers from 0, (samples) or (samples, 1), or one-hot, (samples,
    /// classes).</param>
    /// <param name="yPred">What the model says: class numbers, as of <c>PredictClasses</c>; probabilities of class 1,
    /// (samples) or (samples, 1), of which those above 0.5 count as 1; or a column a class, of which the largest
    /// counts, as of <c>Predict</c>.</param>
    /// <param name="classNames">A name for each class; the numbers by default.</param>
    /// <exception cref="ArgumentException">The arrays or names do not fit each other, or are no classes.</exception>
    public ConfusionMatrix(NDArray yTrue, NDArray yPred, IReadOnlyList<string>? classNames = null)
    {
        int[] actual = ClassNumbers.OfTargets(yTrue, nameof(yTrue)),
            predicted = ClassNumbers.OfPredictions(yPred, nameof(yPred));
        if (actual.Length != predicted.Length)
            throw new ArgumentException($"There are {actual.Length} targets, but {predicted.Length} predictions.",
                nameof(yPred));
        (int columns, int others) = (ClassNumbers.Sizes(yTrue, nameof(yTrue)).Columns,
            ClassNumbers.Sizes(yPred, nameof(yPred)).Columns);
        if (columns > 1 && others > 1 && columns != others)
            throw new ArgumentException($"The targets have {columns} classes, but the predictions {others}.",
                nameof(yPred));
        int known = Math.Max(columns, others), largest = Math.Max(actual.Max(), predicted.Max());
        if (known > 1 && largest >= known)
            throw new ArgumentException($"There is a class {largest}, but only {known} columns.",
                columns > 1 ? nameof(yPred) : nameof(yTrue));
        int least = known > 1 ? known : largest + 1;
        if (classNames is not null && (known > 1 ? classNames.Count != known : classNames.Count < least))
            throw new ArgumentException($"There are {least} classes, but {classNames.Count} names.",
                nameof(classNames));

        int classes = classNames?.Count ?? Math.Max(2, least);
        ClassNames = classNames is null
            ? [.. Enumerable.Range(0, classes).Select(c => c.ToString(CultureInfo.InvariantCulture))]
            : [.. classNames.Select(n => n ?? throw new ArgumentException("A name is null.", nameof(classNames)))];
        (_counts, _samples) = (new int[classes, classes], new int[classes]);
        foreach ((int row, int column) in actual.Zip(predicted))
        {
            _counts[row, column]++;
            _samples[row]++;
        }
        Total = actual.Length;
    }

    /// <summary>The names of the classes.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>How many samples there are.</summary>
    public int Total { get; }

    /// <summary>The share of the samples that were predicted as what they are.</summary>
    public double Accuracy => Enumerable.Range(0, ClassNames.Count).Sum(c => (double)_counts[c, c]) / Total;

    /// <summary>How many samples of a class were predicted as which.</summary>
    /// <param name="actual">The class.</param>
    /// <param name="predicted">The class that they were taken for.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class.</exception>
    public int this[int actual, int predicted] =>
        _counts[Known(actual, nameof(actual)), Known(predicted, nameof(predicted))];

    /// <summary>Which share of a class's samples was predicted as which; on the diagonal, the recall of the
    /// class.</summary>
    /// <param name="actual">The class.</param>
    /// <param name="predicted">The class that they were taken for.</param>
    /// <returns>From 0 to 1; 0 for a class without samples.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class.</exception>
    public double Share(int actual, int predicted) => this[actual, predicted] / (double)Math.Max(1, _samples[actual]);

    /// <summary>Draws the matrix: a row a class, a column a predicted class, in each cell the count and the share of
    /// the row.</summary>
    /// <param name="path">The file: <c>.png</c>, <c>.svg</c>, <c>.jpg</c> or <c>.webp</c>.</param>
    /// <param name="normalize">Whether cells are coloured by their share of the row, which comes first then, instead of
    /// by their count.</param>
    /// <param name="title">What stands above; the accuracy by default.</param>
    /// <param name="width">Pixels; by default, as the classes need.</param>
    /// <param name="height">Pixels; by default, as the classes need.</param>
    /// <exception cref="ArgumentException">The ending is unknown, or a size out of range.</exception>
    /// <exception cref="IOException">The file cannot be written; what was there stays.</exception>
    public void Plot(string path, bool normalize = false, string? title = null, int? width = null,
        int? height = null) =>
        ConfusionPicture.Write(this, path, normalize, title, width, height);

    int Known(int index, string parameter) => (uint)index < (uint)ClassNames.Count ? index
        : throw new ArgumentOutOfRangeException(parameter, index, $"The classes are 0 to {ClassNames.Count - 1}.");
}
