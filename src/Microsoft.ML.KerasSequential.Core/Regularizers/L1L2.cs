using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Regularizers;

/// <summary>l1·Σ|x| + l2·Σx² (Keras <c>keras.regularizers.L1L2</c>).</summary>
public class L1L2 : Regularizer
{
    /// <summary>Creates the regularizer.</summary>
    /// <param name="l1">The factor for the absolute values, 0 or more.</param>
    /// <param name="l2">The factor for the squares, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A factor is negative or not a number.</exception>
    public L1L2(double l1 = 0, double l2 = 0)
    {
        if (!(l1 >= 0))
            throw new ArgumentOutOfRangeException(nameof(l1), $"The factor l1 must be 0 or more; given {l1}.");
        if (!(l2 >= 0))
            throw new ArgumentOutOfRangeException(nameof(l2), $"The factor l2 must be 0 or more; given {l2}.");
        (L1, L2) = (l1, l2);
    }

    /// <summary>The factor for the absolute values.</summary>
    public double L1 { get; }

    /// <summary>The factor for the squares.</summary>
    public double L2 { get; }

    /// <inheritdoc/>
    public override Tensor Call(Tensor x)
    {
        Tensor penalty = 0;
        if (L1 != 0) penalty += L1 * K.Sum(K.Abs(x));
        if (L2 != 0) penalty += L2 * K.Sum(K.Square(x));
        return penalty;
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig() => new() { ["l1"] = L1, ["l2"] = L2 };
}
