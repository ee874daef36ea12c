namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// The mean of each part of (batch, rows, columns, channels), for a fixed number of
/// parts along the rows and columns (Keras <c>keras.layers.AdaptiveAveragePooling2D</c>).
/// </summary>
public class AdaptiveAveragePooling2D : AdaptiveAveragePooling
{
    /// <summary>Creates the layer.</summary>
    /// <param name="outputSize">The number of parts: one number per dimension, or one for all.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">A size is less than 1, or the data format is unknown.</exception>
    public AdaptiveAveragePooling2D(Sizes outputSize, string? dataFormat = null, string? name = null,
        bool trainable = true, Shape? inputShape = null, Shape? batchInputShape = null, int? batchSize = null)
        : this(outputSize, dataFormat, new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal AdaptiveAveragePooling2D(Sizes outputSize, string? dataFormat, LayerOptions options)
        : base(2, outputSize, dataFormat, options)
    {
    }
}
