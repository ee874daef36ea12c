namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>The mean, element by element (Keras <c>keras.layers.Average</c>).</summary>
public class Average : ElementwiseMerge
{
    /// <summary>Creates the layer.</summary>
    /// <param name="name">The layer's name.</param>
    public Average(string? name = null) : this(new LayerOptions(name))
    {
    }

    internal Average(LayerOptions options) : base(options)
    {
    }

    private protected override Tensor Fold(IReadOnlyList<Tensor> inputs) =>
        inputs.Aggregate((a, b) => a + b) / inputs.Count;
}
