using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Zooms into images or out of them by random factors in training (Keras
/// <c>keras.layers.RandomZoom</c>).</summary>
public class RandomZoom : ImageAugmentation
{
    readonly Factor _givenHeight;
    readonly Factor? _givenWidth;
    readonly (double Low, double High) _height;
    readonly (double Low, double High)? _width;
    readonly Sampling _sampling;

    /// <summary>Creates the layer.</summary>
    /// <param name="heightFactor">The largest change of the height, or its range, in (−1, 1]: −0.2 shows 20 percent
    /// less of the image, 0.2 shows 20 percent more.</param>
    /// <param name="widthFactor">The same for the width; null to keep the aspect ratio.</param>
    /// <param name="fillMode">What is beyond the edges: <c>reflect</c> (a mirror image), <c>wrap</c> (the opposite
    /// edge), <c>constant</c> (the fill value), or <c>nearest</c> (the pixel at the edge).</param>
    /// <param name="interpolation"><c>bilinear</c> or <c>nearest</c>.</param>
    /// <param name="seed">A seed, or null for the model's.</param>
    /// <param name="fillValue">The value beyond the edges if <paramref name="fillMode"/> is <c>constant</c>.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">A number is out of range, or a name is unknown.</exception>
    public RandomZoom(Factor heightFactor, Factor? widthFactor = null, string fillMode = "reflect",
        string interpolation = "bilinear", int? seed = null, double fillValue = 0, string? dataFormat = null,
        string? name = null, bool trainable = true, Shape? inputShape = null, Shape? batchInputShape = null,
        int? batchSize = null)
        : this(heightFactor, widthFactor, fillMode, interpolation, seed, fillValue, dataFormat,
            new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal RandomZoom(Factor heightFactor, Factor? widthFactor, string fillMode, string interpolation, int? seed,
        double fillValue, string? dataFormat, LayerOptions options)
        : base(dataFormat, seed, options)
    {
        ArgumentNullException.ThrowIfNull(heightFactor);
        (_givenHeight, _givenWidth) = (heightFactor, widthFactor);
        _height = heightFactor.Within(-1, lowIsIncluded: false, 1, nameof(heightFactor));
        _width = widthFactor?.Within(-1, lowIsIncluded: false, 1, nameof(widthFactor));
        _sampling = Sampling.Of(interpolation, fillMode, fillValue);
    }

    private protected override bool NeedsSizes => true;

    internal override Tensor Augment(Tensor images)
    {
        Tensor y = Number(Drawn(images, 1 + _height.Low, 1 + _height.High));
        Tensor x = _width is var (low, high) ? Number(Drawn(images, 1 + low, 1 + high)) : y;
        (int rows, int columns) = Sampling.SizeOf(images);
        return _sampling.Affine(images, x, 0, (columns - 1) * 0.5 * (1 - x), 0, y, (rows - 1) * 0.5 * (1 - y));
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["height_factor"] = _givenHeight.ToJson();
        config["width_factor"] = _givenWidth?.ToJson();
        config["fill_mode"] = _sampling.FillMode;
        config["interpolation"] = _sampling.Interpolation;
        config["seed"] = Seed;
        config["fill_value"] = _sampling.FillValue;
        return config;
    }
}
