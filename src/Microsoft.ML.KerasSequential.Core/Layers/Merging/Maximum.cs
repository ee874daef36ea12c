namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>The largest value, element by element (Keras <c>keras.layers.Maximum</c>).</summary>
public class Maximum : ElementwiseMerge
{
    /// <summary>Creates the layer.</summary>
    /// <param name="name">The layer's name.</param>
    public Maximum(string? name = null) : this(new LayerOptions(name))
    {
    }

    internal Maximum(LayerOptions options) : base(options)
    {
    }

    private protected override Tensor Fold(IReadOnlyList<Tensor> inputs) => inputs.Aggregate(K.Maximum);
}
