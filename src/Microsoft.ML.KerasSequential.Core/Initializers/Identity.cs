using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Initializers;

/// <summary>The identity matrix times a factor (Keras <c>keras.initializers.Identity</c>).</summary>
/// <param name="gain">The factor.</param>
public class Identity(double gain = 1) : Initializer
{
    /// <inheritdoc/>
    public override JsonObject GetConfig() => new() { ["gain"] = gain };

    internal override void Fill(Span<float> values, ReadOnlySpan<int> shape, RandomSource random)
    {
        if (shape.Length != 2)
            throw new ArgumentException("The identity initializer creates matrices; the weight has shape " +
                $"{Shape.Format(shape)}.");
        values.Clear();
        for (int i = 0; i < Math.Min(shape[0], shape[1]); i++) values[i * shape[1] + i] = (float)gain;
    }
}
