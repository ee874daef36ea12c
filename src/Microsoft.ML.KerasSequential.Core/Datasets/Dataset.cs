namespace Microsoft.ML.KerasSequential;

/// <summary>Represents a small table of samples, with one target per sample.</summary>
public sealed class Dataset
{
    internal Dataset(NDArray x, NDArray y, IReadOnlyList<string> featureNames, IReadOnlyList<string> classNames) =>
        (X, Y, FeatureNames, ClassNames) = (x, y, featureNames, classNames);

    /// <summary>Gets the features, with shape (samples, features).</summary>
    public NDArray X { get; }

    /// <summary>Gets the targets, with shape (samples,): class numbers starting at 0, or values.</summary>
    public NDArray Y { get; }

    /// <summary>Gets the names of the features.</summary>
    public IReadOnlyList<string> FeatureNames { get; }

    /// <summary>
    /// Gets the class names in the order of the class numbers. The list is empty if the targets are values.
    /// </summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>Deconstructs the dataset into features and targets: <c>var (x, y) = Datasets.Iris();</c>.</summary>
    /// <param name="x">The features.</param>
    /// <param name="y">The targets.</param>
    public void Deconstruct(out NDArray x, out NDArray y) => (x, y) = (X, Y);

    /// <summary>
    /// Shuffles the samples and splits them into a training part and a test part:
    /// <c>var ((x, y), (testX, testY)) = Datasets.Iris().Split(0.3);</c>.
    /// </summary>
    /// <param name="testShare">
    /// The fraction of the samples to use for testing, from 0 to 1. The number of samples is rounded.
    /// </param>
    /// <param name="seed">The seed for the order of the samples. The same seed results in the same parts.</param>
    /// <returns>The training samples and the test samples.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The fraction is not between 0 and 1.</exception>
    public ((NDArray X, NDArray Y) Train, (NDArray X, NDArray Y) Test) Split(double testShare, int seed = 0)
    {
        if (!(testShare >= 0 && testShare <= 1))
            throw new ArgumentOutOfRangeException(nameof(testShare),
                $"The share must be between 0 and 1; given {testShare}.");
        int[] order = [.. Enumerable.Range(0, X.Rows)];
        new Random(seed).Shuffle(order);
        int test = (int)Math.Round(order.Length * testShare);
        return ((Picked(X, order[test..]), Picked(Y, order[test..])),
            (Picked(X, order[..test]), Picked(Y, order[..test])));
    }

    static NDArray Picked(NDArray array, int[] rows)
    {
        var picked = new NDArray([rows.Length, .. array.Shape[1..]]);
        int size = array.RowSize;
        for (int i = 0; i < rows.Length; i++) array.Span.Slice(rows[i] * size, size).CopyTo(picked.Span[(i * size)..]);
        return picked;
    }
}
