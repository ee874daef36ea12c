namespace Microsoft.ML.KerasSequential.Plots.Numbers;

/// <summary>Gets class indices from Keras' targets and predictions.</summary>
internal static class ClassNumbers
{
    const int MostClasses = 2000;

    /// <summary>The number of samples of an array, at least one, and of values per sample; one for a vector or a single
    /// column.</summary>
    /// <exception cref="ArgumentException">The array does not contain classes.</exception>
    public static (int Rows, int Columns) Sizes(NDArray values, string parameter)
    {
        ArgumentNullException.ThrowIfNull(values, parameter);
        if (values.Rank is not (1 or 2) || values.Size == 0)
        {
            throw new ArgumentException(
                "Expected one class or probability per sample, (samples) or (samples, 1), or one column per class, "
                + $"(samples, classes), and at least one sample; given shape {Text(values)}.", parameter);
        }
        foreach (float value in values.Span)
            if (!float.IsFinite(value))
                throw new ArgumentException($"Expected numbers; one of the values is {value}.", parameter);
        return (values.Shape[0], values.Rank == 1 ? 1 : values.Shape[1]);
    }

    /// <summary>The classes of targets: indices, or rows with a single largest value (one-hot).</summary>
    public static int[] OfTargets(NDArray values, string parameter)
    {
        (int rows, int columns) = Sizes(values, parameter);
        if (columns == 1) return Whole(values, parameter, "the targets");
        int[] classes = Largest(values, rows, columns);
        for (int row = 0; row < rows; row++)
        {
            ReadOnlySpan<float> scores = values.Span.Slice(row * columns, columns);
            if (scores.Count(scores[classes[row]]) > 1)
                throw new ArgumentException(
                    $"Sample {row} does not belong to one class: several columns of its target are "
                    + $"{scores[classes[row]]}.", parameter);
        }
        return classes;
    }

    /// <summary>The classes of predictions: indices, probabilities of class 1, or the column of the largest
    /// value.</summary>
    public static int[] OfPredictions(NDArray values, string parameter)
    {
        (int rows, int columns) = Sizes(values, parameter);
        if (columns > 1) return Largest(values, rows, columns);
        bool areProbabilities = !values.Span.ContainsAnyExceptInRange(0f, 1f);
        return areProbabilities ? [.. values.ToArray().Select(p => p > 0.5f ? 1 : 0)]
            : Whole(values, parameter, "the predictions");
    }

    static int[] Largest(NDArray values, int rows, int columns)
    {
        int[] classes = new int[rows];
        for (int row = 0; row < rows; row++)
        {
            ReadOnlySpan<float> scores = values.Span.Slice(row * columns, columns);
            for (int c = 1; c < columns; c++)
                if (scores[c] > scores[classes[row]]) classes[row] = c;
        }
        return classes;
    }

    static int[] Whole(NDArray values, string parameter, string what)
    {
        foreach (float value in values.Span)
        {
            if (value != Math.Floor(value) || value is < 0 or >= MostClasses)
                throw new ArgumentException(
                    $"Expected {what} as integers from 0 to {MostClasses - 1}, or one column per class; given "
                    + $"{value}.", parameter);
        }
        return [.. values.ToArray().Select(v => (int)v)];
    }

    public static string Text(NDArray values) => new Shape([.. values.Shape.ToArray().Select(d => (int?)d)]).ToString();
}
