using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Evens out how often each value occurs in the channels of images in training (Keras
/// <c>keras.layers.Equalization</c>). As in Keras, the values of all images of the batch are counted together. No
/// gradient flows through it.</summary>
public class Equalization : ImageAugmentation
{
    readonly (double Low, double High) _range;
    readonly int _bins;

    /// <summary>Creates the layer.</summary>
    /// <param name="valueRange">The lowest and the highest value that images have; 0 and 255 by default.</param>
    /// <param name="bins">The number of intervals in which values are counted, 1 or more.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">A number is out of range, or a name is unknown.</exception>
    public Equalization(Factor? valueRange = null, int bins = 256, string? dataFormat = null, string? name = null,
        bool trainable = true, Shape? inputShape = null, Shape? batchInputShape = null, int? batchSize = null)
        : this(valueRange, bins, dataFormat, new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal Equalization(Factor? valueRange, int bins, string? dataFormat, LayerOptions options)
        : base(dataFormat, seed: null, options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        _bins = bins;
        _range = ValueRange(valueRange);
    }

    internal override Tensor Augment(Tensor images)
    {
        int channels = images.Dims.Last.Constant
            ?? throw new ArgumentException($"Layer {Name} needs images with known channels; given {images.Shape}.",
                nameof(images));
        Tensor bytes = Scaled(images, _range, Bytes);
        Tensor counted = K.PermuteDimensions(Bin(bytes * (_bins - 1) / 255), 3, 0, 1, 2);
        Tensor column = new(new Ops.Reshape(new(channels, 1, images.Dims.Product(0, 3))), counted);
        Tensor counts = K.Sum(K.Equal(column, K.Reshape(K.Arange(_bins), _bins, 1)), axis: 2);
        Tensor sums = K.Cumsum(counts, axis: 1);
        Tensor first = K.Min(K.Where(sums > 0, sums, float.MaxValue), axis: 1, keepdims: true);
        Tensor others = K.Slice(sums, 1, _bins - 1, 1) - first;
        Tensor table = K.Clip(K.Round((sums - first) * 255 / K.Where(K.Equal(others, 0), 1, others)), 0, 255);
        // One table for all images, which are the places of a single sample.
        Tensor index = Bin(bytes / 255 * (_bins - 1)) + K.Arange(channels) * _bins;
        Tensor found = K.BatchGather(K.Reshape(table, 1, channels * _bins),
            new Tensor(new Ops.Reshape(new([1, .. images.Dims])), index));
        Tensor several = K.Sum(K.NotEqual(counts, 0), axis: 1) > 1;
        return Scaled(K.Where(several, K.ReshapeLike(found, images), bytes), Bytes, _range);
    }

    Tensor Bin(Tensor place) => K.Cast(K.Clip(place, 0, _bins - 1), "int32");

    static Tensor Scaled(Tensor values, (double Low, double High) from, (double Low, double High) to)
    {
        if (from == to) return values;
        double scale = (to.High - to.Low) / (from.High - from.Low);
        return values * scale + (to.Low - from.Low * scale);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["bins"] = _bins;
        config["value_range"] = Factor.ToJson(_range);
        return config;
    }
}
