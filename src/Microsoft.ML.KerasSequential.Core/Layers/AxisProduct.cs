namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Weighted sums along one axis: each new position is a sum of all old ones, with constant weights.</summary>
internal static class AxisProduct
{
    const int LargestTable = 1 << 26;

    /// <summary>An empty table of weights, (old positions, new positions).</summary>
    /// <exception cref="ArgumentException">The table would be too large.</exception>
    public static NDArray Table(int from, long to, string owner) =>
        (double)from * to <= LargestTable ? new NDArray(from, (int)to)
        : throw new ArgumentException($"{owner} cannot map a size of {from} to {to}: the table of weights would be " +
            "too large.");

    /// <summary>The product of an axis of x with a table of weights.</summary>
    public static Tensor Of(Tensor x, int axis, NDArray weights)
    {
        if (axis == x.Rank - 1) return K.Dot(x, K.Constant(weights));
        int[] swap = [.. Enumerable.Range(0, x.Rank)];
        (swap[axis], swap[^1]) = (swap[^1], swap[axis]);
        return K.PermuteDimensions(K.Dot(K.PermuteDimensions(x, swap), K.Constant(weights)), swap);
    }
}
