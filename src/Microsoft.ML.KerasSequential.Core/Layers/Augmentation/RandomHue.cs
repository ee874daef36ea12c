using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Turns the hue of color images by random amounts in training (Keras
/// <c>keras.layers.RandomHue</c>).</summary>
public class RandomHue : ImageAugmentation
{
    readonly (double Low, double High) _factor, _range;

    /// <summary>Creates the layer.</summary>
    /// <param name="factor">The largest amount in either direction, or its range, in [0, 1]: 1 turns the hue half of
    /// the circle.</param>
    /// <param name="valueRange">The lowest and the highest value that images have; 0 and 255 by default.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="seed">A seed, or null for the model's.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">A number is out of range, or a name is unknown.</exception>
    public RandomHue(Factor factor, Factor? valueRange = null, string? dataFormat = null, int? seed = null,
        string? name = null, bool trainable = true, Shape? inputShape = null, Shape? batchInputShape = null,
        int? batchSize = null)
        : this(factor, valueRange, dataFormat, seed,
            new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal RandomHue(Factor factor, Factor? valueRange, string? dataFormat, int? seed, LayerOptions options)
        : base(dataFormat, seed, options)
    {
        ArgumentNullException.ThrowIfNull(factor);
        _factor = factor.Overlapping(0, 1, nameof(factor));
        _range = ValueRange(valueRange, sorted: false);
    }

    internal override Tensor Augment(Tensor images)
    {
        Tensor amount = Side(images) * Drawn(images, _factor) * 0.5;
        (Tensor hue, Tensor saturation, Tensor value) =
            K.HueSaturationValue(Ranged(images, _range, (0, 1)), $"Layer {Name}");
        Tensor changed = K.RedGreenBlue(hue + amount, saturation, value);
        return Ranged(K.Clip(changed, 0, 1), (0, 1), _range);
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
