using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Shears images by random amounts in training (Keras <c>keras.layers.RandomShear</c>).</summary>
public class RandomShear : ImageAugmentation
{
    readonly (double Low, double High) _x, _y;
    readonly Sampling _sampling;

    /// <summary>Creates the layer.</summary>
    /// <param name="xFactor">The largest horizontal shear to either side, or the range of shears, in [0, 1]; 0 by
    /// default.</param>
    /// <param name="yFactor">The same for the vertical shear.</param>
    /// <param name="interpolation"><c>bilinear</c> or <c>nearest</c>.</param>
    /// <param name="fillMode">What is beyond the edges: <c>reflect</c> (a mirror image), <c>wrap</c> (the opposite
    /// edge), <c>constant</c> (the fill value), or <c>nearest</c> (the pixel at the edge).</param>
    /// <param name="fillValue">The value beyond the edges if <paramref name="fillMode"/> is <c>constant</c>.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="seed">A seed, or null for the model's.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">A number is out of range, or a name is unknown.</exception>
    public RandomShear(Factor? xFactor = null, Factor? yFactor = null, string interpolation = "bilinear",
        string fillMode = "reflect", double fillValue = 0, string? dataFormat = null, int? seed = null,
        string? name = null, bool trainable = true, Shape? inputShape = null, Shape? batchInputShape = null,
        int? batchSize = null)
        : this(xFactor, yFactor, interpolation, fillMode, fillValue, dataFormat, seed,
            new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal RandomShear(Factor? xFactor, Factor? yFactor, string interpolation, string fillMode, double fillValue,
        string? dataFormat, int? seed, LayerOptions options)
        : base(dataFormat, seed, options)
    {
        _x = (xFactor ?? 0).Within(0, lowIsIncluded: true, 1, nameof(xFactor));
        _y = (yFactor ?? 0).Within(0, lowIsIncluded: true, 1, nameof(yFactor));
        _sampling = Sampling.Of(interpolation, fillMode, fillValue);
    }

    private protected override bool NeedsSizes => true;

    internal override Tensor Augment(Tensor images)
    {
        Tensor[] t = Transformation(images);
        return _sampling.Affine(images, t[0], t[1], t[2], t[3], t[4], t[5]);
    }

    /// <summary>The numbers of the transformation for each image.</summary>
    internal Tensor[] Transformation(Tensor images)
    {
        Tensor side = Number(Side(images));
        return [1, side * Number(Drawn(images, _x)), 0, side * Number(Drawn(images, _y)), 1, 0];
    }

    /// <summary>A range to either side is written as the number that it comes from.</summary>
    static JsonNode Written((double Low, double High) range) =>
        range.Low < 0 ? JsonValue.Create(range.High) : Factor.ToJson(range);

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["x_factor"] = Written(_x);
        config["y_factor"] = Written(_y);
        config["fill_mode"] = _sampling.FillMode;
        config["interpolation"] = _sampling.Interpolation;
        config["seed"] = Seed;
        config["fill_value"] = _sampling.FillValue;
        return config;
    }
}
