using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Initializers;

/// <summary>
/// One identity matrix per gate, side by side: Keras' interpretation of <see cref="Identity"/> for a recurrent kernel.
/// </summary>
internal sealed class GateIdentity(Identity gate) : Initializer
{
    public override JsonObject GetConfig() => gate.GetConfig();

    internal override void Fill(Span<float> values, ReadOnlySpan<int> shape, RandomSource random)
    {
        int units = shape[0], columns = shape[1];
        float[] identity = gate.Call([units, units]).ToArray();
        for (int row = 0; row < units; row++)
            for (int column = 0; column < columns; column += units)
                identity.AsSpan(row * units, units).CopyTo(values[(row * columns + column)..]);
    }
}
