namespace Microsoft.ML.KerasSequential;

/// <summary>A small table of samples with a target each.</summary>
public sealed class Dataset
{
    internal Dataset(NDArray x, NDArray y, IReadOnlyList<string> featureNames, IReadOnlyList<string> classNames) =>
        (X, Y, FeatureNames, ClassNames) = (x, y, featureNames, classNames);

    /// <summary>The features, (samples, features).</summary>
    public NDArray X { get; }

    /// <summary>The targets, (samples,): numbers of classes from 0, or values.</summary>
    public NDArray Y { get; }

    /// <summary>The names of the features.</summary>
    public IReadOnlyList<string> FeatureNames { get; }

    /// <summary>The names of the classes by their number; none where the targets are values.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>All samples: <c>var (x, y) = Datasets.Iris();</c>.</summary>
    /// <param name="x">The features.</param>
    /// <param name="y">The targets.</param>
    public void Deconstruct(out NDArray x, out NDArray y) => (x, y) = (X, Y);

    /// <summary>
    /// Mixes the samples and cuts off a part for tests: <c>var ((x, y), (testX, testY)) =
    /// Datasets.Iris().Split(0.3);</c>.
    /// </summary>
    /// <param name="testShare">Which share of the samples is for tests, in [0, 1]; the number is rounded.</param>
    /// <param name="seed">Which order is drawn; the same seed gives the same parts.</param>
    /// <returns>The samples for training, and those for tests.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The share is none.</exception>
    public ((NDArray X, NDArray Y) Train, (NDArray X, NDArray Y) Test) Split(double testShare, int seed = 0)
    {
        if (!(testShare >= 0 && testShare <= 1))
            throw new ArgumentOutOfRangeException(nameof(testShare),
                $"A share lies between 0 and 1; given {testShare}.");
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
