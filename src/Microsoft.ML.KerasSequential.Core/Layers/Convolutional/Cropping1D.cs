namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Crops sequences, (batch, steps, channels) (Keras <c>keras.layers.Cropping1D</c>).</summary>
public class Cropping1D : Margin
{
    /// <summary>Creates the layer.</summary>
    /// <param name="cropping">How much to crop: one number for both ends, or a pair; 1 by default.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">A number is negative, or the count of numbers is wrong.</exception>
    public Cropping1D(Margins? cropping = null, string? name = null, bool trainable = true, Shape? inputShape = null,
        Shape? batchInputShape = null, int? batchSize = null)
        : this(cropping, new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal Cropping1D(Margins? cropping, LayerOptions options) : base(1, cropping ?? 1, cuts: true, null, options)
    {
    }
}
