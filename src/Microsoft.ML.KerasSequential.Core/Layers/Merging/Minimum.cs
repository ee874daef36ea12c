namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>The smallest value, element by element (Keras <c>keras.layers.Minimum</c>).</summary>
public class Minimum : ElementwiseMerge
{
    /// <summary>Creates the layer.</summary>
    /// <param name="name">The layer's name.</param>
    public Minimum(string? name = null) : this(new LayerOptions(name))
    {
    }

    internal Minimum(LayerOptions options) : base(options)
    {
    }

    private protected override Tensor Fold(IReadOnlyList<Tensor> inputs) => inputs.Aggregate(K.Minimum);
}
