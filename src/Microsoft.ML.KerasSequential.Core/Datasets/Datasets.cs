using System.IO.Compression;

namespace Microsoft.ML.KerasSequential;

/// <summary>
/// Provides small tables that are included in this library, and reads the files of well-known datasets that you have
/// downloaded (Keras <c>keras.datasets</c>, without its downloads).
/// </summary>
public static partial class Datasets
{
    static readonly string[] s_cells =
    [
        "radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity", "concave points",
            "symmetry",
        "fractal dimension",
    ];

    /// <summary>
    /// Gets the Iris dataset (R. A. Fisher, 1936): the sepal and petal sizes of 150 flowers of three species.
    /// </summary>
    /// <returns>X with shape (150, 4), in centimeters; Y with shape (150,), the species.</returns>
    public static Dataset Iris() => Shipped("iris.csv.gz",
        ["sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"],
        ["setosa", "versicolor", "virginica"]);

    /// <summary>
    /// Gets the Breast Cancer Wisconsin dataset (W. Wolberg and others, 1995): 569 tumors, described by the shapes of
    /// their cells.
    /// </summary>
    /// <returns>X with shape (569, 30); Y with shape (569,): 0 for malignant, 1 for benign.</returns>
    public static Dataset BreastCancer() => Shipped("breast_cancer.csv.gz",
        [.. s_cells.Select(c => $"mean {c}"), .. s_cells.Select(c => $"{c} error"),
            .. s_cells.Select(c => $"worst {c}")],
        ["malignant", "benign"]);

    /// <summary>
    /// Gets the Diabetes dataset (B. Efron and others, 2004): measurements of 442 patients, and the progression of the
    /// disease within one year.
    /// </summary>
    /// <returns>X with shape (442, 10), in the original units; Y with shape (442,), the progression.</returns>
    public static Dataset Diabetes()
    {
        NDArray x = Table("diabetes_data_raw.csv.gz", ' '), y = Table("diabetes_target.csv.gz", ',');
        return new(x, y.Reshape(y.Size), ["age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"], []);
    }

    /// <summary>
    /// Gets a dataset of handwritten digits (E. Alpaydin, C. Kaynak, 1998): 1797 images of 8×8 pixels with values from
    /// 0 to 16.
    /// </summary>
    /// <returns>X with shape (1797, 64), the pixels row by row; Y with shape (1797,), the digit.</returns>
    public static Dataset Digits() => Shipped("digits.csv.gz",
        [.. Enumerable.Range(0, 64).Select(i => $"pixel_{i / 8}_{i % 8}")],
        [.. Enumerable.Range(0, 10).Select(d => $"{d}")]);

    /// <summary>Reads a table with the target in the last column.</summary>
    static Dataset Shipped(string file, string[] featureNames, string[] classNames)
    {
        NDArray table = Table(file, ',');
        int rows = table.Shape[0], features = table.Shape[1] - 1;
        NDArray x = new(rows, features), y = new(rows);
        for (int r = 0; r < rows; r++)
        {
            ReadOnlySpan<float> row = table.Span.Slice(r * (features + 1), features + 1);
            row[..features].CopyTo(x.Span[(r * features)..]);
            y.Span[r] = row[features];
        }
        return new(x, y, featureNames, classNames);
    }

    static NDArray Table(string file, char separator)
    {
        Stream packed = typeof(Datasets).Assembly.GetManifestResourceStream($"Datasets/{file}")!;
        using var reader = new StreamReader(new GZipStream(packed, CompressionMode.Decompress));
        return NDArray.FromCsv(reader, separator, header: false);
    }
}
