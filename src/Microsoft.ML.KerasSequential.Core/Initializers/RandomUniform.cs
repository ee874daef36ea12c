using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Initializers;

/// <summary>Uniformly distributed (Keras <c>keras.initializers.RandomUniform</c>).</summary>
/// <param name="minval">The lower end.</param>
/// <param name="maxval">The upper end.</param>
/// <param name="seed">A seed, or null for the model's seed.</param>
public class RandomUniform(double minval = -0.05, double maxval = 0.05, int? seed = null) : Initializer
{
    /// <inheritdoc/>
    public override int? Seed => seed;

    /// <inheritdoc/>
    public override JsonObject GetConfig() => new() { ["minval"] = minval, ["maxval"] = maxval, ["seed"] = seed };

    internal override void Fill(Span<float> values, ReadOnlySpan<int> shape, RandomSource random)
    {
        foreach (ref float v in values) v = (float)(minval + (maxval - minval) * random.Uniform());
    }
}
