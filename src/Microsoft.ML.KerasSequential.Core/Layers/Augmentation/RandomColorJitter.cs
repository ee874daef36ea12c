using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Changes the brightness, contrast, saturation, and hue of color images at random in training, in this order
/// (Keras <c>keras.layers.RandomColorJitter</c>).</summary>
public class RandomColorJitter : ImageAugmentation
{
    readonly (double Low, double High) _range;
    readonly Factor? _brightness, _contrast, _saturation, _hue;
    readonly ImageAugmentation[] _steps;

    /// <summary>Creates the layer.</summary>
    /// <param name="valueRange">The lowest and the highest value that images have; 0 and 255 by default.</param>
    /// <param name="brightnessFactor">The factor of a <see cref="RandomBrightness"/>; null to leave the brightness as
    /// it is.</param>
    /// <param name="contrastFactor">The factor of a <see cref="RandomContrast"/>, or null.</param>
    /// <param name="saturationFactor">The factor of a <see cref="RandomSaturation"/>, or null.</param>
    /// <param name="hueFactor">The factor of a <see cref="RandomHue"/>, or null.</param>
    /// <param name="seed">A seed, or null for the model's.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">A number is out of range, or a name is unknown.</exception>
    public RandomColorJitter(Factor? valueRange = null, Factor? brightnessFactor = null, Factor? contrastFactor = null,
        Factor? saturationFactor = null, Factor? hueFactor = null, int? seed = null, string? dataFormat = null,
        string? name = null, bool trainable = true, Shape? inputShape = null, Shape? batchInputShape = null,
        int? batchSize = null)
        : this(valueRange, brightnessFactor, contrastFactor, saturationFactor, hueFactor, seed, dataFormat,
            new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal RandomColorJitter(Factor? valueRange, Factor? brightnessFactor, Factor? contrastFactor,
        Factor? saturationFactor, Factor? hueFactor, int? seed, string? dataFormat, LayerOptions options)
        : base(dataFormat, seed, options)
    {
        _range = ValueRange(valueRange, sorted: false);
        (_brightness, _contrast) = (brightnessFactor, contrastFactor);
        (_saturation, _hue) = (saturationFactor, hueFactor);
        ImageAugmentation?[] steps =
        [
            _brightness is null ? null : new RandomBrightness(_brightness, valueRange, seed),
            _contrast is null ? null : new RandomContrast(_contrast, valueRange, seed),
            _saturation is null ? null : new RandomSaturation(_saturation, valueRange, seed: seed),
            _hue is null ? null : new RandomHue(_hue, valueRange, seed: seed),
        ];
        _steps = [.. steps.OfType<ImageAugmentation>()];
    }

    internal override Tensor Augment(Tensor images) =>
        _steps.Aggregate(images, (changed, step) => step.Augment(changed));

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["value_range"] = Factor.ToJson(_range);
        config["brightness_factor"] = _brightness?.ToJson();
        config["contrast_factor"] = _contrast?.ToJson();
        config["saturation_factor"] = _saturation?.ToJson();
        config["hue_factor"] = _hue?.ToJson();
        config["seed"] = Seed;
        return config;
    }
}
