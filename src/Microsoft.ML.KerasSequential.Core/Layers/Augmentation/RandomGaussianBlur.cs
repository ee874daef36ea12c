using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Blurs random images in training (Keras <c>keras.layers.RandomGaussianBlur</c>). As in Keras, the deviations
/// are drawn once for a batch.</summary>
public class RandomGaussianBlur : ImageAugmentation
{
    readonly (double Low, double High) _factor, _sigma, _range;
    readonly int[] _kernelSize;

    /// <summary>Creates the layer.</summary>
    /// <param name="factor">The probability with which an image is blurred, or the range of probabilities, in [0, 1]; 1
    /// by default. A single number is the upper end of a range from 0.</param>
    /// <param name="kernelSize">The width and the height of the window in pixels, both odd; 3 by default.</param>
    /// <param name="sigma">The range of the standard deviation in pixels, in [0, 1]; 1 by default. A single number is
    /// the upper end of a range from 0.</param>
    /// <param name="valueRange">The lowest and the highest value that images have; 0 and 255 by default.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="seed">A seed, or null for the model's.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">A number is out of range, or a name is unknown.</exception>
    public RandomGaussianBlur(Factor? factor = null, Sizes? kernelSize = null, Factor? sigma = null,
        Factor? valueRange = null, string? dataFormat = null, int? seed = null, string? name = null,
        bool trainable = true, Shape? inputShape = null, Shape? batchInputShape = null, int? batchSize = null)
        : this(factor, kernelSize, sigma, valueRange, dataFormat, seed,
            new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal RandomGaussianBlur(Factor? factor, Sizes? kernelSize, Factor? sigma, Factor? valueRange,
        string? dataFormat, int? seed, LayerOptions options)
        : base(dataFormat, seed, options)
    {
        _factor = (factor ?? 1).Overlapping(0, 1, nameof(factor));
        _kernelSize = (kernelSize ?? 3).For(2, nameof(kernelSize));
        if (_kernelSize.Any(size => size % 2 == 0))
            throw new ArgumentException("`kernelSize` must be odd; given " +
                $"{string.Join(", ", _kernelSize)}.", nameof(kernelSize));
        _sigma = (sigma ?? 1).Overlapping(0, 1, nameof(sigma));
        _range = ValueRange(valueRange, sorted: false);
    }

    internal override Tensor Augment(Tensor images)
    {
        Tensor chosen = Chosen(images, _factor), sigma = K.RandomUniform([2], _sigma.Low, _sigma.High, Seed) + 1e-6;
        Tensor changed = K.Where(chosen, K.GaussianBlur(images, _kernelSize, sigma), images);
        return K.Clip(changed, _range.Low, _range.High);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["factor"] = Factor.ToJson(_factor);
        config["kernel_size"] = Saving.Config.Sizes(_kernelSize);
        config["sigma"] = Factor.ToJson(_sigma);
        config["value_range"] = Factor.ToJson(_range);
        config["seed"] = Seed;
        return config;
    }
}
