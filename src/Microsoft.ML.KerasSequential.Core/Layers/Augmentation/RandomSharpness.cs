using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Sharpens or blurs images by random amounts in training (Keras
/// <c>keras.layers.RandomSharpness</c>).</summary>
public class RandomSharpness : ImageAugmentation
{
    readonly (double Low, double High) _factor, _range;

    /// <summary>Creates the layer.</summary>
    /// <param name="factor">The largest amount, or its range, in [0, 1]: 0 blurs images, 0.5 leaves them as they are,
    /// and 1 sharpens them. A single number is the upper end of a range from 0.</param>
    /// <param name="valueRange">The lowest and the highest value that images have; 0 and 255 by default.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="seed">A seed, or null for the model's.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">A number is out of range, or a name is unknown.</exception>
    public RandomSharpness(Factor factor, Factor? valueRange = null, string? dataFormat = null, int? seed = null,
        string? name = null, bool trainable = true, Shape? inputShape = null, Shape? batchInputShape = null,
        int? batchSize = null)
        : this(factor, valueRange, dataFormat, seed,
            new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal RandomSharpness(Factor factor, Factor? valueRange, string? dataFormat, int? seed, LayerOptions options)
        : base(dataFormat, seed, options)
    {
        ArgumentNullException.ThrowIfNull(factor);
        _factor = factor.Overlapping(0, 1, nameof(factor));
        _range = ValueRange(valueRange);
    }

    internal override Tensor Augment(Tensor images)
    {
        // Each of the eight neighbors has the weight 1/13, and the pixel itself 5/13.
        Tensor equal = K.Constant(1, [3]);
        Tensor smooth = (Blur.Of(images, equal, equal) + 4 * images) * (1.0 / 13);
        Tensor changed = images + (1 - 2 * Drawn(images, _factor)) * (smooth - images);
        return K.Clip(changed, _range.Low, _range.High);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["factor"] = Factor.ToJson(_factor);
        config["value_range"] = Factor.ToJson(_range);
        config["seed"] = Seed;
        return config;
    }
}
