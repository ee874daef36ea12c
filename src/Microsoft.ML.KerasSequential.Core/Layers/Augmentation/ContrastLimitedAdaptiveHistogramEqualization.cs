using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Graphs;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Evens out how often each value occurs in the tiles of images, and blends neighboring tiles, in training and
/// otherwise (Keras <c>keras.layers.ContrastLimitedAdaptiveHistogramEqualization</c>). No gradient flows through
/// it.</summary>
public class ContrastLimitedAdaptiveHistogramEqualization : ImageAugmentation
{
    readonly (double Low, double High) _range;
    readonly double _clipLimit;
    readonly int[] _grid;

    /// <summary>Creates the layer.</summary>
    /// <param name="valueRange">The lowest and the highest value that images have; 0 and 255 by default.</param>
    /// <param name="clipLimit">How many times the mean a value may occur in a tile; the excess is distributed evenly. 0
    /// or less for no limit.</param>
    /// <param name="tileGridSize">The number of tiles along the height and the width; 8 by default.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">A number is out of range, or a name is unknown.</exception>
    public ContrastLimitedAdaptiveHistogramEqualization(Factor? valueRange = null, double clipLimit = 4,
        Sizes? tileGridSize = null, string? dataFormat = null, string? name = null, bool trainable = true,
        Shape? inputShape = null, Shape? batchInputShape = null, int? batchSize = null)
        : this(valueRange, clipLimit, tileGridSize, dataFormat,
            new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal ContrastLimitedAdaptiveHistogramEqualization(Factor? valueRange, double clipLimit, Sizes? tileGridSize,
        string? dataFormat, LayerOptions options)
        : base(dataFormat, seed: null, options)
    {
        if (!double.IsFinite(clipLimit))
            throw new ArgumentOutOfRangeException(nameof(clipLimit),
                $"`clipLimit` must be a number; given {clipLimit}.");
        _clipLimit = clipLimit;
        _grid = (tileGridSize ?? 8).For(2, nameof(tileGridSize));
        _range = ValueRange(valueRange, sorted: false);
    }

    private protected override bool ActsAlways => true;

    private protected override bool NeedsSizes => true;

    internal override Tensor Augment(Tensor images)
    {
        (int height, int width) = Sampling.SizeOf(images);
        int channels = images.Dims.Last.Constant
            ?? throw new ArgumentException($"Layer {Name} needs images with known channels; given {images.Shape}.",
                nameof(images));
        (int tileHeight, int tileWidth) = ((height + _grid[0] - 1) / _grid[0], (width + _grid[1] - 1) / _grid[1]);
        Tensor bytes = K.Cast(K.Clip(Ranged(images, _range, Bytes), 0, Levels - 1), "uint8");
        // The table of each tile and channel maps a value to another one: (batch, tiles · channels · values).
        Tensor tables = Tables(Tiles(bytes, height, width, tileHeight, tileWidth), tileHeight * tileWidth);
        Dim values = (Dim)(_grid[0] * _grid[1] * channels * Levels);
        tables = new(new Ops.Reshape(new(images.Dims[0], values)), tables);
        Tensor own = bytes + K.Arange(channels) * Levels;
        (NDArray top, NDArray down) = Neighbors(height, tileHeight, _grid[0], 1);
        (NDArray left, NDArray right) = Neighbors(width, tileWidth, _grid[1], 2);
        Tensor At(int row, int column) => K.BatchGather(tables,
            own + K.Constant(Tile(top, row, _grid[0])) * (_grid[1] * channels * Levels)
                + K.Constant(Tile(left, column, _grid[1])) * (channels * Levels));
        Tensor x = K.Constant(right), y = K.Constant(down);
        Tensor upper = At(0, 0) * (1 - x) + At(0, 1) * x, lower = At(1, 0) * (1 - x) + At(1, 1) * x;
        return Ranged(upper * (1 - y) + lower * y, Bytes, _range);
    }

    const int Levels = 256;

    /// <summary>The values of each tile, (batch, tile rows, tile columns, channels, 1, pixels). Beyond the right and
    /// the lower edge are mirror images.</summary>
    Tensor Tiles(Tensor bytes, int height, int width, int tileHeight, int tileWidth)
    {
        int count = tileHeight * tileWidth;
        var places = new NDArray(_grid[0], _grid[1], count);
        for (int row = 0; row < tileHeight * _grid[0]; row++)
            for (int column = 0; column < tileWidth * _grid[1]; column++)
                places[row / tileHeight, column / tileWidth, row % tileHeight * tileWidth + column % tileWidth] =
                    Mirrored(row, height) * width + Mirrored(column, width);
        Dims each = new(bytes.Dims[0], _grid[0], _grid[1], count);
        Tensor pixels = new(new Ops.Reshape(new(bytes.Dims[0], height * width, bytes.Dims.Last)), bytes);
        Tensor tiles = K.BatchGather(pixels, new Tensor(new Ops.BroadcastTo(each), K.Constant(places)));
        return K.ExpandDims(K.PermuteDimensions(tiles, 0, 1, 2, 4, 3), 4);
    }

    /// <summary>The new values of each tile, (batch, tile rows, tile columns, channels, values).</summary>
    Tensor Tables(Tensor tiles, int pixels)
    {
        Tensor counts = K.Sum(K.Equal(tiles, K.Reshape(K.Arange(Levels), Levels, 1)), axis: 5);
        if (_clipLimit > 0)
        {
            Tensor limited = K.Minimum(counts, _clipLimit * pixels / Levels);
            counts = limited + K.Sum(counts - limited, axis: 4, keepdims: true) / Levels;
        }
        Tensor sums = K.Cumsum(counts, axis: 4), first = K.Min(sums, axis: 4, keepdims: true);
        Tensor others = pixels - first;
        return K.Clip((sums - first) * 255 / K.Where(K.Equal(others, 0), 1, others), 0, 255);
    }

    /// <summary>The tile whose center is before each position, and the share of the one after it, both ready to be
    /// combined with images.</summary>
    static (NDArray Before, NDArray Share) Neighbors(int size, int tile, int count, int axis)
    {
        int[] shape = [1, 1, 1, 1];
        shape[axis] = size;
        (NDArray before, NDArray share) = (new(shape), new(shape));
        for (int i = 0; i < size; i++)
        {
            float place = (i - tile / 2f) / tile;
            before.Span[i] = MathF.Floor(place);
            share.Span[i] = place - MathF.Floor(place);
        }
        return (before, share);
    }

    /// <summary>A tile that exists: at the edges, there is none on one side.</summary>
    static NDArray Tile(NDArray before, int offset, int count)
    {
        var tile = new NDArray(before.Shape.ToArray());
        for (int i = 0; i < tile.Size; i++) tile.Span[i] = Math.Clamp(before.Span[i] + offset, 0, count - 1);
        return tile;
    }

    static int Mirrored(int index, int size) =>
        index % (2 * size) is var place && place < size ? place : 2 * size - 1 - place;

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["value_range"] = Factor.ToJson(_range);
        config["clip_limit"] = _clipLimit;
        config["tile_grid_size"] = Saving.Config.Sizes(_grid);
        return config;
    }
}
