using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Initializers;

/// <summary>All the same value (Keras <c>keras.initializers.Constant</c>).</summary>
/// <param name="value">The value.</param>
public class Constant(double value = 0) : Initializer
{
    /// <inheritdoc/>
    public override JsonObject GetConfig() => new() { ["value"] = value };

    internal override void Fill(Span<float> values, ReadOnlySpan<int> shape, RandomSource random)
    {
        values.Fill((float)value);
    }
}
