using System.Globalization;
using System.IO.Compression;
using Microsoft.ML.KerasSequential;

namespace Samples;

/// <summary>Rows of numbers from a shipped file, split into training and test parts.</summary>
internal sealed class Table(float[][] features, float[][] targets)
{
    public int Rows => features.Length;

    /// <summary>Reads a shipped file; `.gz` is unpacked, a first line that is not a row of the table is
    /// skipped.</summary>
    public static float[][] Read(string file, char separator = ',', int skip = 0)
    {
        using Stream raw = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Data", file));
        using Stream stream = file.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(raw, CompressionMode.Decompress) : raw;
        using var reader = new StreamReader(stream);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(skip)
            .Select(line => line.Split(separator).Select(v => float.Parse(v, CultureInfo.InvariantCulture)).ToArray())];
    }

    /// <summary>The last column is the target.</summary>
    public static Table WithTargetLast(float[][] rows) => new([.. rows.Select(r => r[..^1])], [.. rows.Select(r => r[^1..])]);

    /// <summary>The first part of the shuffled rows for training, the rest for testing.</summary>
    public (NDArray X, NDArray Y, NDArray TestX, NDArray TestY) Split(double testShare, int seed)
    {
        int[] order = [.. Enumerable.Range(0, Rows)];
        new Random(seed).Shuffle(order);
        int test = (int)Math.Round(Rows * testShare);
        int[] train = order[test..], held = order[..test];
        return (Pick(features, train), Pick(targets, train), Pick(features, held), Pick(targets, held));
    }

    /// <summary>Scales each column to mean 0 and standard deviation 1, based on the training part.</summary>
    public static void Standardize(NDArray train, NDArray test)
    {
        int columns = train.Shape[1], rows = train.Shape[0];
        for (int c = 0; c < columns; c++)
        {
            double mean = 0, square = 0;
            for (int r = 0; r < rows; r++) mean += train[r, c];
            mean /= rows;
            for (int r = 0; r < rows; r++) square += Math.Pow(train[r, c] - mean, 2);
            double deviation = Math.Sqrt(square / rows);
            if (deviation == 0) deviation = 1;
            foreach (NDArray part in (NDArray[])[train, test])
                for (int r = 0; r < part.Shape[0]; r++) part[r, c] = (float)((part[r, c] - mean) / deviation);
        }
    }

    static NDArray Pick(float[][] rows, int[] indices) => indices.Select(i => rows[i]).ToArray();
}
