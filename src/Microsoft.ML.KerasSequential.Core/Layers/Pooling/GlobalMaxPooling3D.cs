namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// The largest value of each channel over all three spatial dimensions: (batch, planes, rows, columns, channels) to
/// (batch, channels) (Keras <c>keras.layers.GlobalMaxPooling3D</c>).
/// </summary>
public class GlobalMaxPooling3D : GlobalPooling
{
    /// <summary>Creates the layer.</summary>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="keepdims">Whether to keep the pooled dimensions, with size 1.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">The data format is unknown.</exception>
    public GlobalMaxPooling3D(string? dataFormat = null, bool keepdims = false, string? name = null,
    bool trainable = true,
        Shape? inputShape = null, Shape? batchInputShape = null, int? batchSize = null)
        : this(dataFormat, keepdims, new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal GlobalMaxPooling3D(string? dataFormat, bool keepdims, LayerOptions options) : base(3, dataFormat,
    keepdims, options)
    {
    }

    private protected override Tensor Pool(Tensor x, int[] axes) => K.Max(x, axes, KeepDims);
}
