namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// Pads images with zeros, (batch, rows, columns, channels) (Keras <c>keras.layers.ZeroPadding2D</c>).
/// </summary>
public class ZeroPadding2D : Margin
{
    /// <summary>Creates the layer.</summary>
    /// <param name="padding">
    /// How much to pad: one number for all edges, one per dimension, or a pair per dimension; 1 by default.
    /// </param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">A number is negative, or the count of numbers is wrong.</exception>
    public ZeroPadding2D(Margins? padding = null, string? dataFormat = null, string? name = null, bool trainable = true,
        Shape? inputShape = null, Shape? batchInputShape = null, int? batchSize = null)
        : this(padding, dataFormat, new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal ZeroPadding2D(Margins? padding, string? dataFormat, LayerOptions options)
        : base(2, padding ?? 1, cuts: false, dataFormat, options)
    {
    }
}
