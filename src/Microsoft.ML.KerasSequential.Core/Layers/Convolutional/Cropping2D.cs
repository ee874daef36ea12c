namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Crops images, (batch, rows, columns, channels) (Keras <c>keras.layers.Cropping2D</c>).</summary>
public class Cropping2D : Margin
{
    /// <summary>Creates the layer.</summary>
    /// <param name="cropping">
    /// How much to crop: one number for all edges, one per dimension, or a pair per dimension; 0 by default.
    /// </param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">A number is negative, or the count of numbers is wrong.</exception>
    public Cropping2D(Margins? cropping = null, string? dataFormat = null, string? name = null, bool trainable = true,
        Shape? inputShape = null, Shape? batchInputShape = null, int? batchSize = null)
        : this(cropping, dataFormat, new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal Cropping2D(Margins? cropping, string? dataFormat, LayerOptions options)
        : base(2, cropping ?? 0, cuts: true, dataFormat, options)
    {
    }
}
