using System.Globalization;
using System.IO.Compression;
using Microsoft.ML.Data;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>A row of a data set whose label is a class.</summary>
internal sealed class ClassRow
{
    public float[] Features { get; set; } = [];

    public string Species { get; set; } = "";

    public float Number { get; set; }

    public bool Yes { get; set; }

    public float Weight { get; set; } = 1;
}

/// <summary>A row of a data set whose label is a number.</summary>
internal sealed class NumberRow
{
    public float[] Features { get; set; } = [];

    public float Label { get; set; }

    [VectorType(2)]
    public float[] Both { get; set; } = [];
}

/// <summary>Public data sets, shuffled once.</summary>
internal static class DataSets
{
    public static IDataView Iris(MLContext ml) => Classes(ml, Read("iris.csv"), ["setosa", "versicolor", "virginica"]);

    public static IDataView Wine(MLContext ml) => Classes(ml, Read("wine_data.csv"), ["one", "two", "three"]);

    public static IDataView BreastCancer(MLContext ml) =>
        Classes(ml, Read("breast_cancer.csv"), ["malignant", "benign"]);

    public static IDataView Digits(MLContext ml) =>
        Classes(ml, Read("digits.csv.gz"), [.. Enumerable.Range(0, 10).Select(d => $"digit {d}")]);

    public static IDataView Diabetes(MLContext ml)
    {
        float[][] features = [.. Lines("diabetes_data_raw.csv.gz").Select(l => Numbers(l, ' '))],
            labels = [.. Lines("diabetes_target.csv.gz").Select(l => Numbers(l, ' '))];
        NumberRow[] rows = [
            .. features.Zip(labels, (x, y) => new NumberRow { Features = x, Label = y[0], Both = [y[0], y[0] / 2] })];
        new Random(1).Shuffle(rows);
        return ml.Data.LoadFromEnumerable(rows, Sized(typeof(NumberRow), features[0].Length));
    }

    static IDataView Classes(MLContext ml, float[][] lines, string[] names)
    {
        ClassRow[] rows = [
            .. lines.Select((l, i) =>
                new ClassRow { Features = l[..^1], Number = l[^1], Species = names[(int)l[^1]], Yes = l[^1] > 0,
                    Weight = 1 + i % 3 })];
        new Random(1).Shuffle(rows);
        return ml.Data.LoadFromEnumerable(rows, Sized(typeof(ClassRow), rows[0].Features.Length));
    }

    public static SchemaDefinition Sized(Type type, int features)
    {
        SchemaDefinition schema = SchemaDefinition.Create(type);
        schema["Features"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, features);
        return schema;
    }

    /// <summary>A first line with the numbers of rows and columns is not a row.</summary>
    static float[][] Read(string file) =>
        [.. Lines(file).Where(l => !l.Any(char.IsLetter) && l.Count(c => c == ',') > 2).Select(l => Numbers(l, ','))];

    static float[] Numbers(string line, char separator) =>
        [.. line.Split(separator, StringSplitOptions.RemoveEmptyEntries)
            .Select(v => float.Parse(v, CultureInfo.InvariantCulture))];

    static string[] Lines(string file)
    {
        using Stream raw = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Data", file));
        using Stream stream = file.EndsWith(".gz", StringComparison.Ordinal)
            ? new GZipStream(raw, CompressionMode.Decompress) : raw;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }
}
