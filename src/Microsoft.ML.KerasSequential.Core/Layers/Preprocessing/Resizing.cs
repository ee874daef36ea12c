using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// Resizes images (batch, rows, columns, channels) to a height and a width (Keras 3 <c>keras.layers.Resizing</c>).
/// <c>bicubic</c> uses Keys' kernel with −½, as Keras does with TensorFlow, JAX, and NumPy; PyTorch uses −¾ unless
/// <c>antialias</c> is set.
/// </summary>
public class Resizing : Layer
{
    readonly int _height, _width;
    readonly string _interpolation;
    readonly bool _crops, _pads, _antialias, _channelsFirst;
    readonly double _fillValue;

    /// <summary>Creates the layer.</summary>
    /// <param name="height">The new number of rows.</param>
    /// <param name="width">The new number of columns.</param>
    /// <param name="interpolation">
    /// <c>nearest</c>, <c>bilinear</c>, <c>bicubic</c>, <c>lanczos3</c>, or <c>lanczos5</c>.
    /// </param>
    /// <param name="cropToAspectRatio">
    /// Whether to resize only the largest part in the middle that has the new proportions, instead of distorting the
    /// image.
    /// </param>
    /// <param name="padToAspectRatio">
    /// Whether to add borders to the shorter side before resizing, instead of distorting the image.
    /// </param>
    /// <param name="fillMode">How borders are filled; only <c>constant</c>, with <paramref name="fillValue"/>.</param>
    /// <param name="fillValue">The value of the borders.</param>
    /// <param name="antialias">
    /// Whether an image that shrinks is smoothed, so that each pixel counts; irrelevant for <c>nearest</c>.
    /// </param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">A size is less than 1, an argument is unknown, or both ways to keep the
    /// proportions are chosen.</exception>
    public Resizing(int height, int width, string interpolation = "bilinear", bool cropToAspectRatio = false,
        bool padToAspectRatio = false, string fillMode = "constant", double fillValue = 0, bool antialias = false,
        string? dataFormat = null, string? name = null, bool trainable = true, Shape? inputShape = null,
        Shape? batchInputShape = null, int? batchSize = null)
        : this(height, width, interpolation, cropToAspectRatio, padToAspectRatio, fillMode, fillValue, antialias,
            dataFormat, new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal Resizing(int height, int width, string interpolation, bool cropToAspectRatio, bool padToAspectRatio,
        string fillMode, double fillValue, bool antialias, string? dataFormat, LayerOptions options) : base(options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        if (!ResizeWeights.Interpolations.Contains(interpolation))
            throw new ArgumentException("`interpolation` must be one of " +
                $"{string.Join(", ", ResizeWeights.Interpolations.Select(i => $"\"{i}\""))}; given " +
                $"\"{interpolation}\".", nameof(interpolation));
        if (fillMode != "constant")
            throw new ArgumentException($"`fillMode` must be \"constant\"; given \"{fillMode}\".", nameof(fillMode));
        if (cropToAspectRatio && padToAspectRatio)
            throw new ArgumentException("Only one of `cropToAspectRatio` and `padToAspectRatio` can be true.",
                nameof(padToAspectRatio));
        if (!double.IsFinite(fillValue))
            throw new ArgumentOutOfRangeException(nameof(fillValue), $"`fillValue` must be finite; given {fillValue}.");
        (_height, _width, _interpolation, _antialias) = (height, width, interpolation, antialias);
        (_crops, _pads, _fillValue) = (cropToAspectRatio, padToAspectRatio, fillValue);
        _channelsFirst = Saving.DataFormat.IsChannelsFirst(dataFormat);
    }

    /// <inheritdoc/>
    protected override int? InputRank => 4;

    /// <inheritdoc/>
    public override Tensor Call(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        x = ChannelOrder.ToLast(x, _channelsFirst);
        Tensor y = ImageResize.LaterFor(x, _height, _width)
            ?? ImageResize.Resized(
                _crops ? ImageResize.CroppedTo(x, _height, _width)
                : _pads ? ImageResize.PaddedTo(x, _height, _width, _fillValue) : x,
                _height, _width, _interpolation, _antialias, $"Layer {Name}");
        return ChannelOrder.FromLast(y, _channelsFirst);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["height"] = _height;
        config["width"] = _width;
        config["interpolation"] = _interpolation;
        config["crop_to_aspect_ratio"] = _crops;
        config["pad_to_aspect_ratio"] = _pads;
        config["fill_mode"] = "constant";
        config["fill_value"] = _fillValue;
        config["antialias"] = _antialias;
        config["data_format"] = Saving.DataFormat.Name(_channelsFirst);
        return config;
    }
}
