namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>The product, element by element (Keras <c>keras.layers.Multiply</c>).</summary>
public class Multiply : ElementwiseMerge
{
    /// <summary>Creates the layer.</summary>
    /// <param name="name">The layer's name.</param>
    public Multiply(string? name = null) : this(new LayerOptions(name))
    {
    }

    internal Multiply(LayerOptions options) : base(options)
    {
    }

    private protected override Tensor Fold(IReadOnlyList<Tensor> inputs) => inputs.Aggregate((a, b) => a * b);
}
