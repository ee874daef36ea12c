namespace Microsoft.ML.KerasSequential.Plots.Numbers;

/// <summary>Each class against all others, for curves of binary classification.</summary>
internal static class OneVersusRest
{
    /// <summary>The targets (1 or 0) and scores of each class with both positive and negative samples.</summary>
    /// <exception cref="ArgumentException">The arrays or names do not match, or all samples are of one
    /// class.</exception>
    public static IReadOnlyList<(string Name, NDArray Truth, NDArray Scores)> Of(NDArray yTrue, NDArray yPred,
        IReadOnlyList<string>? classNames)
    {
        (int rows, int known) = ClassNumbers.Sizes(yTrue, nameof(yTrue));
        (int predicted, int columns) = ClassNumbers.Sizes(yPred, nameof(yPred));
        if (rows != predicted)
            throw new ArgumentException($"There are {rows} targets, but {predicted} predictions.", nameof(yPred));
        bool isBinary = columns == 1 || (columns == 2 && (known == 1 || IsOneHot(yTrue)));
        int classes = isBinary ? 2 : columns;
        if (known > 1 && known != classes)
            throw new ArgumentException($"The targets have {known} classes, but the predictions {classes}.",
                nameof(yPred));
        bool fits = classNames is null || classNames.Count == classes || (isBinary && classNames.Count == 1);
        if (!fits)
            throw new ArgumentException($"There are {classes} classes, but {classNames!.Count} names.",
                nameof(classNames));
        foreach (float value in yTrue.Span)
        {
            bool isKnown = known > 1 ? value is 0 or 1 : value == Math.Floor(value) && value >= 0 && value < classes;
            if (!isKnown)
                throw new ArgumentException(
                    $"Expected targets that are class indices from 0 to {classes - 1}, or one column per class of 0 "
                    + "and "
                    + $"1; given {value}.", nameof(yTrue));
        }

        var all = new List<(string Name, NDArray Truth, NDArray Scores)>();
        for (int c = isBinary ? 1 : 0; c < classes; c++)
        {
            (float[] truth, float[] scores) = (new float[rows], new float[rows]);
            for (int row = 0; row < rows; row++)
            {
                truth[row] = known > 1 ? yTrue.Span[row * known + c] : yTrue.Span[row] == c ? 1 : 0;
                scores[row] = yPred.Span[row * columns + (columns == 1 ? 0 : c)];
            }
            if (truth.Distinct().Count() == 2) all.Add((Name(c), truth, scores));
        }
        return all.Count > 0 ? all
            : throw new ArgumentException("All samples are of one class, so no curve can be drawn.",
                nameof(yTrue));

        string Name(int c) => classNames is not null ? classNames[classNames.Count == 1 ? 0 : c]
            : isBinary ? "" : $"class {c}";
    }

    static bool IsOneHot(NDArray targets)
    {
        for (int row = 0; row < targets.Shape[0]; row++)
            if (targets[row, 0] + targets[row, 1] != 1) return false;
        return true;
    }
}
