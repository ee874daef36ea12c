using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Mirrors images at random in training, left to right, top to bottom, or both (Keras
/// <c>keras.layers.RandomFlip</c>). Half of the images are mirrored.</summary>
public class RandomFlip : ImageAugmentation
{
    readonly string _mode;

    /// <summary>Creates the layer.</summary>
    /// <param name="mode"><c>horizontal</c>, <c>vertical</c>, or <c>horizontal_and_vertical</c>, which mirrors an image
    /// in both directions or not at all.</param>
    /// <param name="seed">A seed, or null for the model's.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">A name is unknown.</exception>
    public RandomFlip(string mode = "horizontal_and_vertical", int? seed = null, string? dataFormat = null,
        string? name = null, bool trainable = true, Shape? inputShape = null, Shape? batchInputShape = null,
        int? batchSize = null)
        : this(mode, seed, dataFormat, new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal RandomFlip(string mode, int? seed, string? dataFormat, LayerOptions options)
        : base(dataFormat, seed, options)
    {
        if (mode is not ("horizontal" or "vertical" or "horizontal_and_vertical"))
            throw new ArgumentException("`mode` must be \"horizontal\", \"vertical\", or " +
                $"\"horizontal_and_vertical\"; given \"{mode}\".", nameof(mode));
        _mode = mode;
    }

    internal override Tensor Augment(Tensor images)
    {
        int[] axes = _mode switch { "horizontal" => [2], "vertical" => [1], _ => [1, 2] };
        return K.Where(Drawn(images, 0, 1) <= 0.5, K.Reverse(images, axes), images);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["mode"] = _mode;
        config["seed"] = Seed;
        return config;
    }
}
