using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Initializers;

/// <summary>All ones (Keras <c>keras.initializers.Ones</c>).</summary>
public class Ones : Initializer
{
    /// <inheritdoc/>
    public override JsonObject GetConfig() => [];

    internal override void Fill(Span<float> values, ReadOnlySpan<int> shape, RandomSource random)
    {
        values.Fill(1f);
    }
}
