using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Replaces a random rectangle of each image by that of another one of the batch in training (Keras
/// <c>keras.layers.CutMix</c>). The area is drawn for each image from a beta distribution. A layer of a <see
/// cref="Sequential"/> sees only the images: it can't blend the targets, which keep describing the image around the
/// rectangle.</summary>
public class CutMix : ImageAugmentation
{
    readonly (double Low, double High) _factor;

    /// <summary>Creates the layer.</summary>
    /// <param name="factor">The range from which both parameters of the beta distribution are drawn for a batch, in [0,
    /// 1]; 1 by default. A single number is the upper end of a range from 0.</param>
    /// <param name="seed">A seed, or null for the model's.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">A number is out of range, or a name is unknown.</exception>
    public CutMix(Factor? factor = null, int? seed = null, string? dataFormat = null, string? name = null,
        bool trainable = true, Shape? inputShape = null, Shape? batchInputShape = null, int? batchSize = null)
        : this(factor, seed, dataFormat, new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal CutMix(Factor? factor, int? seed, string? dataFormat, LayerOptions options)
        : base(dataFormat, seed, options)
    {
        _factor = (factor ?? 1).Overlapping(0, 1, nameof(factor));
    }

    private protected override bool NeedsSizes => true;

    internal override Tensor Augment(Tensor images)
    {
        (int height, int width) = Sampling.SizeOf(images);
        (Tensor rows, Tensor columns) = Sampling.Pixels(images);
        Tensor alpha = K.RandomUniform([1], _factor.Low, _factor.High, Seed) + 1e-6;
        Tensor part = K.Sqrt(1 - K.BetaOf(new(images.Dims[0], 1, 1, 1), alpha, alpha, Seed));
        Tensor top = Drawn(images, 0, 1) * (height - height * part);
        Tensor left = Drawn(images, 0, 1) * (width - width * part);
        (Tensor y, Tensor x) = (K.ExpandDims(rows), K.ExpandDims(columns));
        Tensor inside = (y >= top) * (y < top + height * part) * ((x >= left) * (x < left + width * part));
        return K.Where(inside, Shuffled(images), images);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["factor"] = Factor.ToJson(_factor);
        config["seed"] = Seed;
        return config;
    }
}
