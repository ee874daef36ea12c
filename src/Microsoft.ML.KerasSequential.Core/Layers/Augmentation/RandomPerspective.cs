using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Draws images in a random perspective in training (Keras <c>keras.layers.RandomPerspective</c>).</summary>
public class RandomPerspective : ImageAugmentation
{
    readonly (double Low, double High) _factor;
    readonly double _scale;
    readonly Sampling _sampling;

    /// <summary>Creates the layer.</summary>
    /// <param name="factor">The probability with which an image is changed, or the range of probabilities, in [0, 1]; 1
    /// by default. A single number is the upper end of a range from 0.</param>
    /// <param name="scale">How far the corners of an image move at most, in [0, 1].</param>
    /// <param name="interpolation"><c>bilinear</c> or <c>nearest</c>.</param>
    /// <param name="fillValue">The value beyond the edges.</param>
    /// <param name="seed">A seed, or null for the model's.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">A number is out of range, or a name is unknown.</exception>
    public RandomPerspective(Factor? factor = null, double scale = 1, string interpolation = "bilinear",
        double fillValue = 0, int? seed = null, string? dataFormat = null, string? name = null, bool trainable = true,
        Shape? inputShape = null, Shape? batchInputShape = null, int? batchSize = null)
        : this(factor, scale, interpolation, fillValue, seed, dataFormat,
            new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal RandomPerspective(Factor? factor, double scale, string interpolation, double fillValue, int? seed,
        string? dataFormat, LayerOptions options)
        : base(dataFormat, seed, options)
    {
        _factor = (factor ?? 1).Overlapping(0, 1, nameof(factor));
        if (scale is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(scale), $"`scale` must be in [0, 1]; given {scale}.");
        _scale = scale;
        _sampling = Sampling.Of(interpolation, "constant", fillValue);
    }

    private protected override bool NeedsSizes => true;

    internal override Tensor Augment(Tensor images)
    {
        (int height, int width) = Sampling.SizeOf(images);
        Tensor chosen = Chosen(images, _factor);
        Tensor before = new(new Ops.BroadcastTo(new(images.Dims[0], 4, 2)), K.Constant(new float[,]
            { { 0, 0 }, { width - 1, 0 }, { 0, height - 1 }, { width - 1, height - 1 } }));
        Tensor after = before * (1 + K.RandomUniform(before, -0.5 * _scale, 0.5 * _scale, Seed));
        Tensor drawn = K.PerspectiveTransform(images, before, after, _sampling.Interpolation, _sampling.FillValue);
        return K.Where(chosen, drawn, images);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["factor"] = Factor.ToJson(_factor);
        config["scale"] = _scale;
        config["interpolation"] = _sampling.Interpolation;
        config["fill_value"] = _sampling.FillValue;
        config["seed"] = Seed;
        return config;
    }
}
