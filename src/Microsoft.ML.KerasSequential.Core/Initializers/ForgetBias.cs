using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Initializers;

/// <summary>
/// The bias of gates side by side: 1 for the forget gate, the values of another initializer for the others (Keras'
/// <c>unit_forget_bias</c>).
/// </summary>
internal sealed class ForgetBias(Initializer others, int units, int gate) : Initializer
{
    public override int? Seed => others.Seed;

    public override JsonObject GetConfig() => others.GetConfig();

    internal override void Fill(Span<float> values, ReadOnlySpan<int> shape, RandomSource random)
    {
        others.Fill(values, shape, random);
        values.Slice(gate * units, units).Fill(1);
    }
}
