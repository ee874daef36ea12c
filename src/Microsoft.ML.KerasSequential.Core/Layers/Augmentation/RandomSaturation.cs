using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Makes the colors of images stronger or weaker by random factors in training (Keras
/// <c>keras.layers.RandomSaturation</c>).</summary>
public class RandomSaturation : ImageAugmentation
{
    readonly (double Low, double High) _factor, _range;

    /// <summary>Creates the layer.</summary>
    /// <param name="factor">The largest strength, or its range, in [−1, 1]: 0 gives gray images, 0.5 leaves images as
    /// they are, and 1 gives the strongest colors.</param>
    /// <param name="valueRange">The limits of the changed saturation; 0 and 255 by default.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="seed">A seed, or null for the model's.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">A number is out of range, or a name is unknown.</exception>
    public RandomSaturation(Factor factor, Factor? valueRange = null, string? dataFormat = null, int? seed = null,
        string? name = null, bool trainable = true, Shape? inputShape = null, Shape? batchInputShape = null,
        int? batchSize = null)
        : this(factor, valueRange, dataFormat, seed,
            new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal RandomSaturation(Factor factor, Factor? valueRange, string? dataFormat, int? seed, LayerOptions options)
        : base(dataFormat, seed, options)
    {
        ArgumentNullException.ThrowIfNull(factor);
        _factor = factor.Overlapping(-1, 1, nameof(factor));
        _range = ValueRange(valueRange);
    }

    internal override Tensor Augment(Tensor images)
    {
        Tensor strength = Drawn(images, _factor);
        (Tensor hue, Tensor saturation, Tensor value) = K.HueSaturationValue(images, $"Layer {Name}");
        saturation = K.Clip(saturation * (strength / (1 - strength + K.Epsilon)), _range.Low, _range.High);
        return K.RedGreenBlue(hue, saturation, value);
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
