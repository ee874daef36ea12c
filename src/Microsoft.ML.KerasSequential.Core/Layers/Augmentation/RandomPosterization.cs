using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Reduces the number of bits of the values of images in training (Keras
/// <c>keras.layers.RandomPosterization</c>). No gradient flows through it.</summary>
public class RandomPosterization : ImageAugmentation
{
    readonly (double Low, double High) _factor, _range;

    /// <summary>Creates the layer.</summary>
    /// <param name="factor">The range of the number of bits that are kept, from 1 to 8; the upper end is excluded if
    /// the ends differ. A single number is the upper end of a range from 1.</param>
    /// <param name="valueRange">The lowest and the highest value that images have; 0 and 255 by default.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="seed">A seed, or null for the model's.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">A number is out of range, or a name is unknown.</exception>
    public RandomPosterization(Factor factor, Factor? valueRange = null, string? dataFormat = null, int? seed = null,
        string? name = null, bool trainable = true, Shape? inputShape = null, Shape? batchInputShape = null,
        int? batchSize = null)
        : this(factor, valueRange, dataFormat, seed,
            new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal RandomPosterization(Factor factor, Factor? valueRange, string? dataFormat, int? seed, LayerOptions options)
        : base(dataFormat, seed, options)
    {
        ArgumentNullException.ThrowIfNull(factor);
        _factor = factor.Overlapping(1, 8, nameof(factor));
        _range = ValueRange(valueRange);
    }

    internal override Tensor Augment(Tensor images)
    {
        (double low, double high) = (Math.Floor(_factor.Low), Math.Floor(_factor.High));
        Tensor bits = K.Minimum(K.Floor(Drawn(images, low, high)), Math.Max(low, high - 1)), step = 1;
        for (int kept = 1; kept < 8; kept++) step *= 1 + (bits <= kept);
        Tensor bytes = K.Cast(K.Clip(Ranged(images, _range, Bytes), 0, 255), "uint8");
        return Ranged(K.Floor(bytes / step) * step, Bytes, _range);
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
