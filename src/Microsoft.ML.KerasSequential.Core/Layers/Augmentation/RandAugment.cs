using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Changes each image by some operations, which are chosen at random, in training (Cubuk et al. 2019; Keras
/// <c>keras.layers.RandAugment</c>). Keras chooses the operations for a batch; this layer chooses them for each image.
/// It computes all eleven operations and selects among their results.</summary>
public class RandAugment : ImageAugmentation
{
    readonly (double Low, double High) _factor, _range;
    readonly int _numOps;
    readonly string _interpolation;
    readonly AugmentationChoice _choice;

    /// <summary>Creates the layer.</summary>
    /// <param name="valueRange">The lowest and the highest value that images have; 0 and 255 by default.</param>
    /// <param name="numOps">The number of operations, one after the other, 0 or more.</param>
    /// <param name="factor">The strength of the operations, or its range, in [0, 1]; 0.5 by default. A single number is
    /// the upper end of a range from 0.</param>
    /// <param name="interpolation"><c>bilinear</c> or <c>nearest</c>.</param>
    /// <param name="seed">A seed, or null for the model's.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">A number is out of range, or a name is unknown.</exception>
    public RandAugment(Factor? valueRange = null, int numOps = 2, Factor? factor = null,
        string interpolation = "bilinear", int? seed = null, string? dataFormat = null, string? name = null,
        bool trainable = true, Shape? inputShape = null, Shape? batchInputShape = null, int? batchSize = null)
        : this(valueRange, numOps, factor, interpolation, seed, dataFormat,
            new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal RandAugment(Factor? valueRange, int numOps, Factor? factor, string interpolation, int? seed,
        string? dataFormat, LayerOptions options)
        : base(dataFormat, seed, options)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(numOps);
        _factor = (factor ?? 0.5).Overlapping(0, 1, nameof(factor));
        _range = ValueRange(valueRange, sorted: false);
        (_numOps, _interpolation) = (numOps, interpolation);
        _choice = new(_range, _factor, interpolation, seed, withColors: true);
    }

    private protected override bool NeedsSizes => true;

    internal override Tensor Augment(Tensor images)
    {
        for (int i = 0; i < _numOps; i++) images = _choice.Apply(images, Drawn(images, 0, _choice.Count));
        return images;
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["value_range"] = Factor.ToJson(_range);
        config["num_ops"] = _numOps;
        config["factor"] = Factor.ToJson(_factor);
        config["interpolation"] = _interpolation;
        config["seed"] = Seed;
        return config;
    }
}
