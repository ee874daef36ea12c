using Microsoft.ML.KerasSequential.Reading;

namespace Microsoft.ML.KerasSequential.Scoring;

/// <summary>The features of the rows that pass through a network as one batch: numbers, or texts that its first layer
/// turns into numbers together.</summary>
internal sealed class FeatureBlock(FeatureColumns features, int[] sample, FeatureColumns.Reader reader)
{
    float[] _numbers = [];
    string[][] _texts = [];

    /// <summary>Makes space for blocks of a given size.</summary>
    public void Grow(int rows)
    {
        if (features.Text is null) _numbers = new float[Graphs.Counts.Values([rows, features.Size])];
        else _texts = new string[rows][];
    }

    /// <summary>Reads the features of the cursor's current row.</summary>
    public void Read(int row)
    {
        if (features.Text is null) reader.Read(_numbers.AsSpan(row * features.Size, features.Size));
        else _texts[row] = reader.Texts();
    }

    /// <summary>The rows that were read, as a batch.</summary>
    public NDArray Batch(int rows)
    {
        if (features.Text is { } layer) return layer.CallRows(_texts[..rows]);
        float[] exact = rows * features.Size == _numbers.Length ? _numbers : _numbers[..(rows * features.Size)];
        return new(exact, [rows, .. sample]);
    }
}
