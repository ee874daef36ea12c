namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Returns its input unchanged (Keras <c>keras.layers.Identity</c>).</summary>
public class Identity : Layer
{
    /// <summary>Creates the layer.</summary>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    public Identity(string? name = null, bool trainable = true, Shape? inputShape = null,
        Shape? batchInputShape = null, int? batchSize = null)
        : this(new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal Identity(LayerOptions options) : base(options)
    {
    }

    /// <inheritdoc/>
    public override bool SupportsMasking => true;

    /// <inheritdoc/>
    public override Tensor Call(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return x;
    }
}
