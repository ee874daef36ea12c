using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Initializers;

/// <summary>Normally distributed (Keras <c>keras.initializers.RandomNormal</c>).</summary>
/// <param name="mean">The mean.</param>
/// <param name="stddev">The standard deviation.</param>
/// <param name="seed">A seed, or null for the model's seed.</param>
public class RandomNormal(double mean = 0, double stddev = 0.05, int? seed = null) : Initializer
{
    /// <inheritdoc/>
    public override int? Seed => seed;

    /// <inheritdoc/>
    public override JsonObject GetConfig() => new() { ["mean"] = mean, ["stddev"] = stddev, ["seed"] = seed };

    internal override void Fill(Span<float> values, ReadOnlySpan<int> shape, RandomSource random)
    {
        foreach (ref float v in values) v = (float)(mean + stddev * random.Normal());
    }
}
