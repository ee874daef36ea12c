using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// Crops images (batch, rows, columns, channels) to the middle (Keras 3 <c>keras.layers.CenterCrop</c>). If an image is
/// smaller than the new size, the largest part in the middle with the new proportions is resized instead.
/// </summary>
public class CenterCrop : Layer
{
    readonly int _height, _width;
    readonly bool _channelsFirst;

    /// <summary>Creates the layer.</summary>
    /// <param name="height">The new number of rows.</param>
    /// <param name="width">The new number of columns.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">A size is less than 1, or the data format is unknown.</exception>
    public CenterCrop(int height, int width, string? dataFormat = null, string? name = null, bool trainable = true,
        Shape? inputShape = null, Shape? batchInputShape = null, int? batchSize = null)
        : this(height, width, dataFormat, new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal CenterCrop(int height, int width, string? dataFormat, LayerOptions options) : base(options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        (_height, _width, _channelsFirst) = (height, width, Saving.DataFormat.IsChannelsFirst(dataFormat));
    }

    /// <inheritdoc/>
    protected override int? InputRank => 4;

    /// <inheritdoc/>
    public override Tensor Call(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        x = ChannelOrder.ToLast(x, _channelsFirst);
        return ChannelOrder.FromLast(ImageResize.LaterFor(x, _height, _width) ?? Middle(x), _channelsFirst);
    }

    Tensor Middle(Tensor x)
    {
        (int rows, int columns) = ImageResize.SizesOf(x);
        return rows >= _height && columns >= _width
            ? ImageResize.Cropped(x, (rows - _height) / 2, (columns - _width) / 2, _height, _width)
            : ImageResize.Resized(ImageResize.CroppedTo(x, _height, _width), _height, _width, "bilinear",
                antialias: false, $"Layer {Name}");
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["height"] = _height;
        config["width"] = _width;
        config["data_format"] = Saving.DataFormat.Name(_channelsFirst);
        return config;
    }
}
