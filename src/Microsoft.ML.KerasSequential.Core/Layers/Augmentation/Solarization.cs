using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Inverts the values of images from a random threshold on in training (Keras
/// <c>keras.layers.Solarization</c>).</summary>
public class Solarization : ImageAugmentation
{
    readonly (double Low, double High) _addition, _threshold, _range;

    /// <summary>Creates the layer.</summary>
    /// <param name="additionFactor">The range of what is added to values before, in [0, 1]; 0 by default. As in Keras,
    /// only the upper end is multiplied by 255. A single number is the upper end of a range from 0.</param>
    /// <param name="thresholdFactor">The range of the threshold, with the same rules; 0 by default, which inverts all
    /// values.</param>
    /// <param name="valueRange">The lowest and the highest value that images have; 0 and 255 by default.</param>
    /// <param name="seed">A seed, or null for the model's.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">A number is out of range, or a name is unknown.</exception>
    public Solarization(Factor? additionFactor = null, Factor? thresholdFactor = null, Factor? valueRange = null,
        int? seed = null, string? dataFormat = null, string? name = null, bool trainable = true,
        Shape? inputShape = null, Shape? batchInputShape = null, int? batchSize = null)
        : this(additionFactor, thresholdFactor, valueRange, seed, dataFormat,
            new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal Solarization(Factor? additionFactor, Factor? thresholdFactor, Factor? valueRange, int? seed,
        string? dataFormat, LayerOptions options)
        : base(dataFormat, seed, options)
    {
        _addition = (additionFactor ?? 0).Within(0, lowIsIncluded: true, 1, nameof(additionFactor), fromZero: true);
        _threshold = (thresholdFactor ?? 0).Within(0, lowIsIncluded: true, 1, nameof(thresholdFactor), fromZero: true);
        _range = ValueRange(valueRange);
    }

    internal override Tensor Augment(Tensor images)
    {
        Tensor addition = Drawn(images, _addition.Low, _addition.High * 255);
        Tensor threshold = Drawn(images, _threshold.Low, _threshold.High * 255);
        Tensor bytes = K.Clip(Ranged(images, _range, Bytes) + addition, 0, 255);
        return Ranged(K.Where(bytes < threshold, bytes, 255 - bytes), Bytes, _range);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["value_range"] = Factor.ToJson(_range);
        config["addition_factor"] = Factor.ToJson(_addition);
        config["threshold_factor"] = Factor.ToJson(_threshold);
        config["seed"] = Seed;
        return config;
    }
}
