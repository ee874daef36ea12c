using System.Globalization;
using Microsoft.ML.KerasSequential.Plots.Drawing;
using Microsoft.ML.KerasSequential.Plots.Numbers;

namespace Microsoft.ML.KerasSequential.Plots;

/// <summary>A confusion matrix: how many samples of each class were predicted as each class.</summary>
public sealed class ConfusionMatrix
{
    readonly int[,] _counts;
    readonly int[] _samples;

    /// <summary>Counts predictions.</summary>
    /// <param name="yTrue">The classes: indices from 0, (samples) or (samples, 1), or one-hot, (samples,
    /// classes).</param>
    /// <param name="yPred">The predictions: class indices, as from <c>PredictClasses</c>; probabilities of class 1,
    /// (samples) or (samples, 1), where values above 0.5 count as 1; or one column per class, where the largest counts,
    /// as from <c>Predict</c>.</param>
    /// <param name="classNames">A name for each class; the indices by default.</param>
    /// <exception cref="ArgumentException">The arrays or names do not match, or are not classes.</exception>
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

    /// <summary>The number of samples.</summary>
    public int Total { get; }

    /// <summary>The fraction of samples predicted correctly.</summary>
    public double Accuracy => Enumerable.Range(0, ClassNames.Count).Sum(c => (double)_counts[c, c]) / Total;

    /// <summary>Gets how many samples of a class were predicted as a class.</summary>
    /// <param name="actual">The class.</param>
    /// <param name="predicted">The predicted class.</param>
    /// <exception cref="ArgumentOutOfRangeException">The class does not exist.</exception>
    public int this[int actual, int predicted] =>
        _counts[Known(actual, nameof(actual)), Known(predicted, nameof(predicted))];

    /// <summary>Gets the fraction of a class's samples predicted as a class; on the diagonal, the recall of the
    /// class.</summary>
    /// <param name="actual">The class.</param>
    /// <param name="predicted">The predicted class.</param>
    /// <returns>From 0 to 1; 0 for a class without samples.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The class does not exist.</exception>
    public double Share(int actual, int predicted) => this[actual, predicted] / (double)Math.Max(1, _samples[actual]);

    /// <summary>Draws the matrix, with a row per class, a column per predicted class, and the count and the fraction of
    /// the row in each cell.</summary>
    /// <param name="path">The file: <c>.png</c>, <c>.svg</c>, <c>.jpg</c> or <c>.webp</c>.</param>
    /// <param name="normalize">Whether cells are colored by their fraction of the row, which is then shown first,
    /// instead of by their count.</param>
    /// <param name="title">The title; the accuracy by default.</param>
    /// <param name="width">The width in pixels; by default, depends on the number of classes.</param>
    /// <param name="height">The height in pixels; by default, depends on the number of classes.</param>
    /// <exception cref="ArgumentException">The extension is unknown, or a size is out of range.</exception>
    /// <exception cref="IOException">The file cannot be written; the existing file stays unchanged.</exception>
    public void Plot(string path, bool normalize = false, string? title = null, int? width = null,
        int? height = null) =>
        ConfusionPicture.Write(this, path, normalize, title, width, height);

    int Known(int index, string parameter) => (uint)index < (uint)ClassNames.Count ? index
        : throw new ArgumentOutOfRangeException(parameter, index, $"The classes are 0 to {ClassNames.Count - 1}.");
}
