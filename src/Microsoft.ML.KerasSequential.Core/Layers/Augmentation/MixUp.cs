using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Blends each image with another one of the batch in training (Keras <c>keras.layers.MixUp</c>). The share of
/// the image is drawn for each image from a beta distribution. A layer of a <see cref="Sequential"/> sees only the
/// images: it can't blend the targets, which keep describing the image that has the share.</summary>
public class MixUp : ImageAugmentation
{
    readonly double _alpha;

    /// <summary>Creates the layer.</summary>
    /// <param name="alpha">Both parameters of the beta distribution, more than 0: small numbers mean that one image has
    /// most of the share.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="seed">A seed, or null for the model's.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">A number is out of range, or a name is unknown.</exception>
    public MixUp(double alpha = 0.2, string? dataFormat = null, int? seed = null, string? name = null,
        bool trainable = true, Shape? inputShape = null, Shape? batchInputShape = null, int? batchSize = null)
        : this(alpha, dataFormat, seed, new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal MixUp(double alpha, string? dataFormat, int? seed, LayerOptions options) : base(dataFormat, seed, options)
    {
        if (!(alpha > 0 && double.IsFinite(alpha)))
            throw new ArgumentOutOfRangeException(nameof(alpha), $"`alpha` must be more than 0; given {alpha}.");
        _alpha = alpha;
    }

    internal override Tensor Augment(Tensor images)
    {
        Tensor share = K.BetaOf(new(images.Dims[0], 1, 1, 1), _alpha, _alpha, Seed);
        return share * images + (1 - share) * Shuffled(images);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["alpha"] = _alpha;
        config["seed"] = Seed;
        return config;
    }
}
