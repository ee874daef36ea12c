namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>The first tensor minus the second, element by element (Keras <c>keras.layers.Subtract</c>).</summary>
public class Subtract : ElementwiseMerge
{
    /// <summary>Creates the layer.</summary>
    /// <param name="name">The layer's name.</param>
    public Subtract(string? name = null) : this(new LayerOptions(name))
    {
    }

    internal Subtract(LayerOptions options) : base(options)
    {
    }

    private protected override int MaxInputs => 2;

    private protected override Tensor Fold(IReadOnlyList<Tensor> inputs) => inputs[0] - inputs[1];
}
