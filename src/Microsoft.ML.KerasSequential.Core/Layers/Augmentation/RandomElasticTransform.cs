using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Bends random images in training: each pixel moves by a random distance, similar to that of its neighbors
/// (Keras <c>keras.layers.RandomElasticTransform</c>). As in Keras, the strength is drawn once for a batch.</summary>
public class RandomElasticTransform : ImageAugmentation
{
    readonly (double Low, double High) _factor, _scale, _range;
    readonly Sampling _sampling;

    /// <summary>Creates the layer.</summary>
    /// <param name="factor">The probability with which an image is changed, or the range of probabilities, in [0, 1]; 1
    /// by default. A single number is the upper end of a range from 0.</param>
    /// <param name="scale">The range of the strength, in [0, 1]; 1 by default. A single number is the upper end of a
    /// range from 0.</param>
    /// <param name="interpolation"><c>bilinear</c> or <c>nearest</c>.</param>
    /// <param name="fillMode">What is beyond the edges: <c>reflect</c> (a mirror image), <c>mirror</c> (a mirror image
    /// without the pixel at the edge), <c>wrap</c> (the opposite edge), <c>constant</c> (the fill value), or
    /// <c>nearest</c> (the pixel at the edge).</param>
    /// <param name="fillValue">The value beyond the edges if <paramref name="fillMode"/> is <c>constant</c>.</param>
    /// <param name="valueRange">The lowest and the highest value that images have; 0 and 255 by default.</param>
    /// <param name="seed">A seed, or null for the model's.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">A number is out of range, or a name is unknown.</exception>
    public RandomElasticTransform(Factor? factor = null, Factor? scale = null, string interpolation = "bilinear",
        string fillMode = "reflect", double fillValue = 0, Factor? valueRange = null, int? seed = null,
        string? dataFormat = null, string? name = null, bool trainable = true, Shape? inputShape = null,
        Shape? batchInputShape = null, int? batchSize = null)
        : this(factor, scale, interpolation, fillMode, fillValue, valueRange, seed, dataFormat,
            new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal RandomElasticTransform(Factor? factor, Factor? scale, string interpolation, string fillMode,
        double fillValue, Factor? valueRange, int? seed, string? dataFormat, LayerOptions options)
        : base(dataFormat, seed, options)
    {
        _factor = (factor ?? 1).Overlapping(0, 1, nameof(factor));
        _scale = (scale ?? 1).Overlapping(0, 1, nameof(scale));
        _range = ValueRange(valueRange, sorted: false);
        _sampling = Sampling.Of(interpolation, fillMode, fillValue, withMirror: true);
    }

    private protected override bool NeedsSizes => true;

    internal override Tensor Augment(Tensor images)
    {
        if (_scale.High == 0 || _factor.High == 0) return images;
        (int height, int width) = Sampling.SizeOf(images);
        Tensor chosen = Chosen(images, _factor), strength = K.RandomUniform([1], _scale.Low, _scale.High, Seed);
        double perStrength = 0.05 * Math.Min(height, width);
        // Without any deviation, there would be no weights.
        Tensor sigma = K.Maximum(strength * perStrength, 1e-6);
        Tensor bent = K.Bent(images, strength * (0.1 * Math.Max(height, width)), sigma,
            Math.Max(perStrength * _scale.High, 1e-6), _sampling, Seed);
        return K.Clip(K.Where(chosen, bent, images), _range.Low, _range.High);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["factor"] = Factor.ToJson(_factor);
        config["scale"] = Factor.ToJson(_scale);
        config["interpolation"] = _sampling.Interpolation;
        config["fill_mode"] = _sampling.FillMode;
        config["fill_value"] = _sampling.FillValue;
        config["value_range"] = Factor.ToJson(_range);
        config["seed"] = Seed;
        return config;
    }
}
