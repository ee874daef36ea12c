using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Stretches the values of each channel of each image to the whole range, in training and otherwise (Keras
/// <c>keras.layers.AutoContrast</c>). A channel of one value stays as it is. As in Keras, the lowest and the highest
/// value are those along dimensions 1 and 2, whatever the data format.</summary>
public class AutoContrast : ImageAugmentation
{
    readonly (double Low, double High) _range;

    /// <summary>Creates the layer.</summary>
    /// <param name="valueRange">The lowest and the highest value that images have; 0 and 255 by default.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">A number is out of range, or a name is unknown.</exception>
    public AutoContrast(Factor? valueRange = null, string? dataFormat = null, string? name = null,
        bool trainable = true, Shape? inputShape = null, Shape? batchInputShape = null, int? batchSize = null)
        : this(valueRange, dataFormat, new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal AutoContrast(Factor? valueRange, string? dataFormat, LayerOptions options)
        : base(dataFormat, seed: null, options)
    {
        _range = ValueRange(valueRange);
    }

    /// <inheritdoc/>
    public override Tensor Call(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Augment(x);
    }

    internal override Tensor Augment(Tensor images)
    {
        Tensor bytes = Ranged(images, _range, Bytes), low = K.Min(bytes, [1, 2], keepdims: true);
        Tensor range = K.Max(bytes, [1, 2], keepdims: true) - low, scale = 255 / K.Where(range > 0, range, 1);
        Tensor stretched = Ranged(K.Clip(bytes * scale - low * scale, 0, 255), Bytes, _range);
        return K.Where(range > 0, stretched, images);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["value_range"] = Factor.ToJson(_range);
        return config;
    }
}
