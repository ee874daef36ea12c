using System.Numerics.Tensors;
using Microsoft.ML.KerasSequential.Plots.Drawing;
using Microsoft.ML.KerasSequential.Plots.Numbers;

namespace Microsoft.ML.KerasSequential.Plots;

/// <summary>Vectors projected to the two directions with the most variance (principal component analysis).</summary>
public sealed class PrincipalComponents
{
    /// <summary>Finds the directions, and projects the vectors onto them.</summary>
    /// <param name="vectors">The vectors (rows, values): at least two rows. They are centered, not scaled.</param>
    /// <exception cref="ArgumentException">The array has another shape, or contains NaN or infinity.</exception>
    public PrincipalComponents(NDArray vectors)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        if (vectors.Rank != 2 || vectors.Shape[0] < 2 || vectors.Shape[1] < 1)
            throw new ArgumentException(
                $"Expected at least two vectors, (rows, values); given shape {ClassNumbers.Text(vectors)}.",
                nameof(vectors));
        foreach (float value in vectors.Span)
            if (!float.IsFinite(value))
                throw new ArgumentException($"Expected numbers; one of the values is {value}.", nameof(vectors));

        double[][] rows = Centred(vectors);
        double[][] directions = Directions(rows, out double[] variances);
        (Points, Components) = (new NDArray(rows.Length, 2), new NDArray(2, rows[0].Length));
        for (int c = 0; c < directions.Length; c++)
        {
            for (int i = 0; i < rows[0].Length; i++) Components[c, i] = (float)directions[c][i];
            for (int r = 0; r < rows.Length; r++)
                Points[r, c] = (float)TensorPrimitives.Dot<double>(rows[r], directions[c]);
        }
        double total = rows.Sum(r => TensorPrimitives.SumOfSquares<double>(r));
        ExplainedVarianceRatio = [.. Enumerable.Range(0, 2)
            .Select(c => total > 0 && c < variances.Length ? Math.Max(0, variances[c]) / total : 0)];
    }

    /// <summary>The vectors in two dimensions (rows, 2).</summary>
    public NDArray Points { get; }

    /// <summary>The two directions, as unit vectors (2, values). The largest entry of each is positive. The second is
    /// zero if the vectors lie on a line.</summary>
    public NDArray Components { get; }

    /// <summary>The fraction of the variance along each of the two directions.</summary>
    public IReadOnlyList<double> ExplainedVarianceRatio { get; }

    /// <summary>Draws the vectors as points.</summary>
    /// <param name="path">The file: <c>.png</c>, <c>.svg</c>, <c>.jpg</c> or <c>.webp</c>.</param>
    /// <param name="labels">A text for each point; texts without space are omitted.</param>
    /// <param name="classes">A class for each point, as indices or one-hot, which determines its color.</param>
    /// <param name="classNames">A name for each class, for the legend; the indices by default.</param>
    /// <param name="title">The title.</param>
    /// <param name="width">The width in pixels.</param>
    /// <param name="height">The height in pixels.</param>
    /// <exception cref="ArgumentException">The extension is unknown, a size is out of range, or labels, classes or
    /// names do not match.</exception>
    /// <exception cref="IOException">The file cannot be written; the existing file stays unchanged.</exception>
    public void Plot(string path, IReadOnlyList<string>? labels = null, NDArray? classes = null,
        IReadOnlyList<string>? classNames = null, string? title = null, int width = 800, int height = 640) =>
        PointPicture.Write(this, path, labels, classes, classNames, title, width, height);

    static double[][] Centred(NDArray vectors)
    {
        (int rows, int columns) = (vectors.Shape[0], vectors.Shape[1]);
        double[] mean = new double[columns];
        for (int i = 0; i < vectors.Size; i++) mean[i % columns] += vectors.Span[i] / (double)rows;
        return [.. Enumerable.Range(0, rows).Select(r => Enumerable.Range(0, columns)
            .Select(c => vectors.Span[r * columns + c] - mean[c]).ToArray())];
    }

    /// <summary>The two directions, or fewer if there are no more, from the smaller of the two Gram matrices of the
    /// rows.</summary>
    static double[][] Directions(double[][] rows, out double[] variances)
    {
        (int count, int columns) = (rows.Length, rows[0].Length);
        bool isWide = columns > count;
        double[][] vectors;
        if (isWide)
        {
            double[][] products = [.. rows.Select(r => rows.Select(s => TensorPrimitives.Dot<double>(r, s)).ToArray())];
            (variances, vectors) = SymmetricEigen.Largest(products, 2);
            vectors = [.. vectors.Select(v => Sum(v, rows))];
        }
        else
        {
            double[][] scatter = [.. rows[0].Select(_ => new double[columns])];
            foreach (double[] row in rows)
                for (int i = 0; i < columns; i++)
                    TensorPrimitives.MultiplyAdd<double>(row, row[i], scatter[i], scatter[i]);
            (variances, vectors) = SymmetricEigen.Largest(scatter, Math.Min(2, columns));
        }
        double largest = variances[0];
        return [.. vectors.Zip(variances)
            .Select(p => p.Second > 1e-12 * largest ? Unit(p.First) : new double[columns])];
    }

    static double[] Sum(double[] factors, double[][] rows)
    {
        double[] sum = new double[rows[0].Length];
        foreach ((double factor, double[] row) in factors.Zip(rows))
            TensorPrimitives.MultiplyAdd<double>(row, factor, sum, sum);
        return sum;
    }

    static double[] Unit(double[] vector)
    {
        double length = Math.Sqrt(TensorPrimitives.SumOfSquares<double>(vector));
        double sign = vector[TensorPrimitives.IndexOfMaxMagnitude<double>(vector)] < 0 ? -1 : 1;
        return length == 0 ? vector : [.. vector.Select(v => sign * v / length)];
    }
}
