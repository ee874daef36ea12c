using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Covers a random rectangle of each image in training (Keras <c>keras.layers.RandomErasing</c>).</summary>
public class RandomErasing : ImageAugmentation
{
    readonly (double Low, double High) _factor, _scale, _range;
    readonly NDArray? _fillValue;

    /// <summary>Creates the layer.</summary>
    /// <param name="factor">The probability with which an image is changed, or the range of probabilities, in [0, 1]; 1
    /// by default. A single number is the upper end of a range from 0.</param>
    /// <param name="scale">The range of the rectangle's squared height and width, as parts of those of the image, in
    /// [0, 1]; (0.02, 0.33) by default.</param>
    /// <param name="fillValue">The value in the rectangle: a number, or one for each of three channels; null for random
    /// numbers.</param>
    /// <param name="valueRange">The lowest and the highest value that images have; 0 and 255 by default.</param>
    /// <param name="seed">A seed, or null for the model's.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">A number is out of range, or a name is unknown.</exception>
    public RandomErasing(Factor? factor = null, Factor? scale = null, NDArray? fillValue = null,
        Factor? valueRange = null, int? seed = null, string? dataFormat = null, string? name = null,
        bool trainable = true, Shape? inputShape = null, Shape? batchInputShape = null, int? batchSize = null)
        : this(factor, scale, fillValue, valueRange, seed, dataFormat,
            new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal RandomErasing(Factor? factor, Factor? scale, NDArray? fillValue, Factor? valueRange, int? seed,
        string? dataFormat, LayerOptions options)
        : base(dataFormat, seed, options)
    {
        _factor = (factor ?? 1).Overlapping(0, 1, nameof(factor));
        _scale = (scale ?? (0.02, 0.33)).Overlapping(0, 1, nameof(scale));
        _range = ValueRange(valueRange, sorted: false);
        if (fillValue is not (null or { Size: 1 or 3 }))
            throw new ArgumentException("The `fillValue` argument should be a number, or three numbers; given " +
                $"{fillValue.Size}.", nameof(fillValue));
        _fillValue = fillValue?.Reshape(fillValue.Size);
    }

    private protected override bool NeedsSizes => true;

    internal override Tensor Augment(Tensor images)
    {
        if (_fillValue is { Size: 3 } && images.Dims.Last.Constant is not (3 or null))
            throw new ArgumentException($"Layer {Name} has a fill value of three numbers, but images of " +
                $"{images.Dims.Last} channels.", nameof(images));
        (Tensor rows, Tensor columns) = Sampling.Pixels(images);
        (int height, int width) = Sampling.SizeOf(images);
        Tensor inside = Within(K.ExpandDims(rows), height, K.Sqrt(Drawn(images, _scale)) * height, images)
            * Within(K.ExpandDims(columns), width, K.Sqrt(Drawn(images, _scale)) * width, images);
        Tensor fill = _fillValue is null ? K.RandomNormal(images, seed: Seed) * _range.High : K.Constant(_fillValue);
        return K.Where(inside * Chosen(images, _factor), K.Clip(fill, _range.Low, _range.High), images);
    }

    /// <summary>1 for positions in a part of a given length that begins anywhere, else 0.</summary>
    Tensor Within(Tensor positions, int size, Tensor length, Tensor images)
    {
        Tensor start = Drawn(images, 0, 1) * (size - length);
        return (positions >= start) * (positions < start + length);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["factor"] = Factor.ToJson(_factor);
        config["scale"] = Factor.ToJson(_scale);
        config["fill_value"] = _fillValue switch
        {
            null => null,
            { Size: 1 } => _fillValue.Span[0],
            _ => new JsonArray([.. _fillValue.ToArray().Select(v => (JsonNode)v)]),
        };
        config["value_range"] = Factor.ToJson(_range);
        config["seed"] = Seed;
        return config;
    }
}
