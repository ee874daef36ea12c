namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// Average pooling over images, (batch, rows, columns, channels) (Keras <c>keras.layers.AveragePooling2D</c>).
/// </summary>
public class AveragePooling2D : AveragePooling
{
    /// <summary>Creates the layer.</summary>
    /// <param name="poolSize">The size of the window: one number per dimension, or one for all; 2 by default.</param>
    /// <param name="strides">The stride of the window; the size of the window by default.</param>
    /// <param name="padding"><c>valid</c> or <c>same</c>.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">A size is less than 1, or an argument is unknown.</exception>
    public AveragePooling2D(Sizes? poolSize = null, Sizes? strides = null, string padding = "valid",
        string? dataFormat = null, string? name = null, bool trainable = true, Shape? inputShape = null,
        Shape? batchInputShape = null, int? batchSize = null)
        : this(poolSize, strides, padding, dataFormat,
            new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal AveragePooling2D(Sizes? poolSize, Sizes? strides, string padding, string? dataFormat, LayerOptions options)
        : base(2, poolSize, strides, padding, dataFormat, options)
    {
    }
}
