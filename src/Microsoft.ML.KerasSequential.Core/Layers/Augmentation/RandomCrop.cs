using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Cuts a random window of a given size out of each image in training (Keras <c>keras.layers.RandomCrop</c>).
/// Keras draws one window for a batch; this layer draws one for each image. Otherwise, the largest window with the
/// aspect ratio of the given size is cut out of the middle and resized, as Keras describes it; Keras 3.15 leaves such
/// images uncropped. If an image isn't larger than the window in both directions, training is as in Keras: a window of
/// at most the given size is cut out, from where that largest window starts, and resized.</summary>
public class RandomCrop : ImageAugmentation
{
    readonly int _height, _width;

    /// <summary>Creates the layer.</summary>
    /// <param name="height">The height of the result, 1 or more.</param>
    /// <param name="width">The width of the result, 1 or more.</param>
    /// <param name="seed">A seed, or null for the model's.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">A number is out of range, or a name is unknown.</exception>
    public RandomCrop(int height, int width, int? seed = null, string? dataFormat = null, string? name = null,
        bool trainable = true, Shape? inputShape = null, Shape? batchInputShape = null, int? batchSize = null)
        : this(height, width, seed, dataFormat,
            new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal RandomCrop(int height, int width, int? seed, string? dataFormat, LayerOptions options)
        : base(dataFormat, seed, options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        (_height, _width) = (height, width);
    }

    private protected override bool ActsAlways => true;

    private protected override bool NeedsSizes => true;

    internal override Tensor Augment(Tensor images)
    {
        (int rows, int columns) = Sampling.SizeOf(images);
        return !K.LearningPhase() ? Middle(images, wholeWindow: true)
            : rows > _height && columns > _width ? Anywhere(images, rows, columns) : Middle(images, wholeWindow: false);
    }

    private protected override int? LengthOf(int? length, int axis) => axis == 0 ? _height : _width;

    Tensor Anywhere(Tensor images, int rows, int columns)
    {
        Tensor top = K.Minimum(K.Floor(Drawn(images, 0, rows - _height + 1)), rows - _height);
        Tensor left = K.Minimum(K.Floor(Drawn(images, 0, columns - _width + 1)), columns - _width);
        Tensor pixels = new(new Ops.Reshape(new(images.Dims[0], rows * columns, images.Dims.Last)), images);
        return K.BatchGather(pixels, (Number(top) + K.Reshape(K.Arange(_height), 1, _height, 1)) * columns
            + (Number(left) + K.Reshape(K.Arange(_width), 1, 1, _width)));
    }

    /// <summary>The window that starts where the largest one of the aspect ratio does, resized.</summary>
    Tensor Middle(Tensor images, bool wholeWindow)
    {
        (int rows, int columns) = Sampling.SizeOf(images);
        int height = Math.Clamp((int)((double)columns * _height / _width), 1, rows);
        int width = Math.Clamp((int)((double)rows * _width / _height), 1, columns);
        (int top, int left) = ((rows - height) / 2, (columns - width) / 2);
        if (!wholeWindow) (height, width) = (Math.Min(_height, rows - top), Math.Min(_width, columns - left));
        Tensor window = K.Slice(K.Slice(images, 1, top, height), 2, left, width);
        return Resized(Resized(window, 1, _height), 2, _width);
    }

    /// <summary>Images with another size along one dimension, by linear interpolation between the centers of
    /// pixels.</summary>
    static Tensor Resized(Tensor images, int axis, int size)
    {
        int before = images.Dims[axis].Constant!.Value;
        if (before == size) return images;
        var weights = new NDArray(before, size);
        for (int to = 0; to < size; to++)
        {
            double at = Math.Max(0, (to + 0.5) * before / size - 0.5);
            int low = Math.Min((int)at, before - 1), high = Math.Min(low + 1, before - 1);
            weights[low, to] += (float)(1 - (at - low));
            weights[high, to] += (float)(at - low);
        }
        int[] swap = axis == 1 ? [0, 3, 2, 1] : [0, 1, 3, 2];
        return K.PermuteDimensions(K.Dot(K.PermuteDimensions(images, swap), K.Constant(weights)), swap);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["height"] = _height;
        config["width"] = _width;
        config["seed"] = Seed;
        return config;
    }
}
