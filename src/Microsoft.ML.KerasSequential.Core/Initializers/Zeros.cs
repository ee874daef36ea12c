using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Initializers;

/// <summary>All zeros (Keras <c>keras.initializers.Zeros</c>).</summary>
public class Zeros : Initializer
{
    /// <inheritdoc/>
    public override JsonObject GetConfig() => [];

    internal override void Fill(Span<float> values, ReadOnlySpan<int> shape, RandomSource random)
    {
        values.Clear();
    }
}
