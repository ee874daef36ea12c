namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>The sum, element by element (Keras <c>keras.layers.Add</c>).</summary>
public class Add : ElementwiseMerge
{
    /// <summary>Creates the layer.</summary>
    /// <param name="name">The layer's name.</param>
    public Add(string? name = null) : this(new LayerOptions(name))
    {
    }

    internal Add(LayerOptions options) : base(options)
    {
    }

    private protected override Tensor Fold(IReadOnlyList<Tensor> inputs) => inputs.Aggregate((a, b) => a + b);
}
