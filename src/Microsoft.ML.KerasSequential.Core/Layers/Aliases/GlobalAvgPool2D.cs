namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// An alias for <see cref="GlobalAveragePooling2D"/> (Keras <c>keras.layers.GlobalAvgPool2D</c>); configurations and
/// names are those of <see cref="GlobalAveragePooling2D"/>.
/// </summary>
public class GlobalAvgPool2D : GlobalAveragePooling2D
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
    public GlobalAvgPool2D(string? dataFormat = null, bool keepdims = false, string? name = null, bool trainable = true,
        Shape? inputShape = null, Shape? batchInputShape = null, int? batchSize = null)
        : base(dataFormat, keepdims, name, trainable, inputShape, batchInputShape, batchSize)
    {
    }

    /// <inheritdoc/>
    public override string ClassName => nameof(GlobalAveragePooling2D);
}
