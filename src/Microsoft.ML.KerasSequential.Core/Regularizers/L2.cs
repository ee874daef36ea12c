using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Regularizers;

/// <summary>l2·Σx² (Keras <c>keras.regularizers.L2</c>).</summary>
/// <param name="l2">The factor, 0 or more.</param>
/// <exception cref="ArgumentOutOfRangeException">The factor is negative or not a number.</exception>
public class L2(double l2 = 0.01) : L1L2(l2: l2)
{
    /// <inheritdoc/>
    public override JsonObject GetConfig() => new() { ["l2"] = base.L2 };
}
