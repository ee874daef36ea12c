using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Makes random images gray in training; they keep their three channels (Keras
/// <c>keras.layers.RandomGrayscale</c>).</summary>
public class RandomGrayscale : ImageAugmentation
{
    readonly double _factor;

    /// <summary>Creates the layer.</summary>
    /// <param name="factor">The probability with which an image becomes gray, in [0, 1].</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="seed">A seed, or null for the model's.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">A number is out of range, or a name is unknown.</exception>
    public RandomGrayscale(double factor = 0.5, string? dataFormat = null, int? seed = null, string? name = null,
        bool trainable = true, Shape? inputShape = null, Shape? batchInputShape = null, int? batchSize = null)
        : this(factor, dataFormat, seed, new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal RandomGrayscale(double factor, string? dataFormat, int? seed, LayerOptions options)
        : base(dataFormat, seed, options)
    {
        if (factor is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(factor),
                $"`factor` should be between 0 and 1; given {factor}.");
        _factor = factor;
    }

    internal override Tensor Augment(Tensor images) =>
        K.Where(Drawn(images, 0, 1) < _factor, K.RgbToGrayscale(images), images);

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["factor"] = _factor;
        config["seed"] = Seed;
        return config;
    }
}
