using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Moves the values of images away from their means, or toward them, by random factors in training (Keras
/// <c>keras.layers.RandomContrast</c>).</summary>
public class RandomContrast : ImageAugmentation
{
    readonly (double Low, double High) _factor, _range;

    /// <summary>Creates the layer.</summary>
    /// <param name="factor">The largest decrease and increase, in [0, 1]: the factor is drawn from 1 minus the lower
    /// number, which is 0 if a single one is given, to 1 plus the upper one.</param>
    /// <param name="valueRange">The lowest and the highest value that images have; 0 and 255 by default.</param>
    /// <param name="seed">A seed, or null for the model's.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">A number is out of range, or a name is unknown.</exception>
    public RandomContrast(Factor factor, Factor? valueRange = null, int? seed = null, string? dataFormat = null,
        string? name = null, bool trainable = true, Shape? inputShape = null, Shape? batchInputShape = null,
        int? batchSize = null)
        : this(factor, valueRange, seed, dataFormat,
            new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal RandomContrast(Factor factor, Factor? valueRange, int? seed, string? dataFormat, LayerOptions options)
        : base(dataFormat, seed, options)
    {
        ArgumentNullException.ThrowIfNull(factor);
        _factor = factor.Overlapping(0, 1, nameof(factor));
        _range = ValueRange(valueRange, sorted: false);
    }

    internal override Tensor Augment(Tensor images)
    {
        Tensor mean = K.Mean(images, [1, 2], keepdims: true);
        Tensor changed = (images - mean) * Drawn(images, 1 - _factor.Low, 1 + _factor.High) + mean;
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
