namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Upsamples images, (batch, rows, columns, channels) (Keras <c>keras.layers.UpSampling2D</c>).</summary>
public class UpSampling2D : UpSampling
{
    /// <summary>Creates the layer.</summary>
    /// <param name="size">The upsampling factor: one number per dimension, or one for all; 2 by default.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="interpolation">
    /// <c>nearest</c>, <c>bilinear</c>, <c>bicubic</c>, <c>lanczos3</c> or <c>lanczos5</c>.
    /// </param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">A number is less than 1, or an argument is unknown.</exception>
    public UpSampling2D(Sizes? size = null, string? dataFormat = null, string interpolation = "nearest",
        string? name = null, bool trainable = true, Shape? inputShape = null, Shape? batchInputShape = null,
        int? batchSize = null)
        : this(size, dataFormat, interpolation,
            new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal UpSampling2D(Sizes? size, string? dataFormat, string interpolation, LayerOptions options)
        : base(2, size, dataFormat, interpolation, options)
    {
    }
}
