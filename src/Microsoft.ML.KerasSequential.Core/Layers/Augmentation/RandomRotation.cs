using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Turns images by random angles in training (Keras <c>keras.layers.RandomRotation</c>).</summary>
public class RandomRotation : ImageAugmentation
{
    readonly (double Low, double High) _factor;
    readonly Sampling _sampling;

    /// <summary>Creates the layer.</summary>
    /// <param name="factor">The largest angle to either side, or the range of angles, as a part of a whole turn, in
    /// [−1, 1]. Positive numbers turn counterclockwise.</param>
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
    public RandomRotation(Factor factor, string fillMode = "reflect", string interpolation = "bilinear",
        int? seed = null, double fillValue = 0, string? dataFormat = null, string? name = null, bool trainable = true,
        Shape? inputShape = null, Shape? batchInputShape = null, int? batchSize = null)
        : this(factor, fillMode, interpolation, seed, fillValue, dataFormat,
            new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal RandomRotation(Factor factor, string fillMode, string interpolation, int? seed, double fillValue,
        string? dataFormat, LayerOptions options)
        : base(dataFormat, seed, options)
    {
        ArgumentNullException.ThrowIfNull(factor);
        _factor = factor.Overlapping(-1, 1, nameof(factor));
        _sampling = Sampling.Of(interpolation, fillMode, fillValue);
    }

    private protected override bool NeedsSizes => true;

    internal override Tensor Augment(Tensor images)
    {
        Tensor[] t = Transformation(images);
        return _sampling.Affine(images, t[0], t[1], t[2], t[3], t[4], t[5]);
    }

    /// <summary>The numbers of the transformation for each image.</summary>
    internal Tensor[] Transformation(Tensor images) =>
        Turn(images, Number(Drawn(images, _factor.Low * 360, _factor.High * 360)) * (Math.PI / 180));

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["factor"] = Factor.ToJson(_factor);
        config["fill_mode"] = _sampling.FillMode;
        config["interpolation"] = _sampling.Interpolation;
        config["seed"] = Seed;
        config["fill_value"] = _sampling.FillValue;
        return config;
    }
}
