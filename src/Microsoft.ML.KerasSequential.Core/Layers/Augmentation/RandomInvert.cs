using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Inverts the values of random images in training: each value is subtracted from the highest one (Keras
/// <c>keras.layers.RandomInvert</c>).</summary>
public class RandomInvert : ImageAugmentation
{
    readonly (double Low, double High) _factor, _range;

    /// <summary>Creates the layer.</summary>
    /// <param name="factor">The probability with which an image is inverted, or the range of probabilities, in [0, 1];
    /// 1 by default. A single number is the upper end of a range from 0.</param>
    /// <param name="valueRange">The lowest and the highest value that images have; 0 and 255 by default.</param>
    /// <param name="seed">A seed, or null for the model's.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">A number is out of range, or a name is unknown.</exception>
    public RandomInvert(Factor? factor = null, Factor? valueRange = null, int? seed = null, string? dataFormat = null,
        string? name = null, bool trainable = true, Shape? inputShape = null, Shape? batchInputShape = null,
        int? batchSize = null)
        : this(factor, valueRange, seed, dataFormat,
            new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal RandomInvert(Factor? factor, Factor? valueRange, int? seed, string? dataFormat, LayerOptions options)
        : base(dataFormat, seed, options)
    {
        _factor = (factor ?? 1).Overlapping(0, 1, nameof(factor));
        _range = ValueRange(valueRange, sorted: false);
    }

    internal override Tensor Augment(Tensor images) =>
        K.Where(Chosen(images, _factor), _range.High - images, images);

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
