namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Pads sequences with zeros, (batch, steps, channels) (Keras <c>keras.layers.ZeroPadding1D</c>).</summary>
public class ZeroPadding1D : Margin
{
    /// <summary>Creates the layer.</summary>
    /// <param name="padding">How much to pad: one number for both ends, or a pair; 1 by default.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">A number is negative, or the count of numbers is wrong.</exception>
    public ZeroPadding1D(Margins? padding = null, string? dataFormat = null, string? name = null,
    bool trainable = true, Shape? inputShape = null,
        Shape? batchInputShape = null, int? batchSize = null)
        : this(padding, dataFormat, new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal ZeroPadding1D(Margins? padding, string? dataFormat, LayerOptions options)
        : base(1, padding ?? 1, cuts: false, dataFormat, options)
    {
    }
}
