using System.IO.Compression;

namespace Microsoft.ML.KerasSequential;

/// <summary>
/// Small tables that this library ships, and readers of the files of well-known sets that you have downloaded (Keras
/// <c>keras.datasets</c>, without its downloads).
/// </summary>
public static partial class Datasets
{
    static readonly string[] s_cells =
    [
        "radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity", "concave points",
            "symmetry",
        "fractal dimension",
    ];

    /// <summary>Iris (R. A. Fisher, 1936): 150 flowers of three species by the sizes of their leaves.</summary>
    /// <returns>X (150, 4) in centimetres, Y (150,) the species.</returns>
    public static Dataset Iris() => Shipped("iris.csv.gz",
        ["sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"],
        ["setosa", "versicolor", "virginica"]);

    /// <summary>Breast Cancer Wisconsin (W. Wolberg and others, 1995): 569 tumours by the shapes of their
    /// cells.</summary>
    /// <returns>X (569, 30), Y (569,): 0 malignant, 1 benign.</returns>
    public static Dataset BreastCancer() => Shipped("breast_cancer.csv.gz",
        [.. s_cells.Select(c => $"mean {c}"), .. s_cells.Select(c => $"{c} error"),
            .. s_cells.Select(c => $"worst {c}")],
        ["malignant", "benign"]);

    /// <summary>Diabetes (B. Efron and others, 2004): 442 patients, and how far the disease went within a
    /// year.</summary>
    /// <returns>X (442, 10) as measured, Y (442,) the progression.</returns>
    public static Dataset Diabetes()
    {
        NDArray x = Table("diabetes_data_raw.csv.gz", ' '), y = Table("diabetes_target.csv.gz", ',');
        return new(x, y.Reshape(y.Size), ["age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"], []);
    }

    /// <summary>Handwritten digits (E. Alpaydin, C. Kaynak, 1998): 1797 images of 8×8 pixels from 0 to 16.</summary>
    /// <returns>X (1797, 64), row by row, Y (1797,) the digit.</returns>
    public static Dataset Digits() => Shipped("digits.csv.gz",
        [.. Enumerable.Range(0, 64).Select(i => $"pixel_{i / 8}_{i % 8}")],
        [.. Enumerable.Range(0, 10).Select(d => $"{d}")]);

    /// <summary>A table with its target in the last column.</summary>
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
