using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Regularizers;

/// <summary>l1·Σ|x| (Keras <c>keras.regularizers.L1</c>).</summary>
/// <param name="l1">The factor, 0 or more.</param>
/// <exception cref="ArgumentOutOfRangeException">The factor is negative or not a number.</exception>
public class L1(double l1 = 0.01) : L1L2(l1: l1)
{
    /// <inheritdoc/>
    public override JsonObject GetConfig() => new() { ["l1"] = base.L1 };
}
