using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential;

// Colors of images, and values by index within each sample.
public static partial class K
{
    /// <summary>
    /// Rows of each sample's own table by index. An index is truncated to an integer; one outside the table means the
    /// nearest row.
    /// </summary>
    /// <param name="reference">The tables (batch, rows, …rest).</param>
    /// <param name="indices">The indices (batch, …places), through which no gradient flows.</param>
    /// <returns>A tensor (batch, …places, …rest).</returns>
    /// <exception cref="ArgumentException">The batches differ, or a tensor has too few dimensions.</exception>
    public static Tensor BatchGather(Tensor reference, Tensor indices)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(indices);
        return new(new BatchGather(), reference, indices);
    }

    /// <summary>Gray images from red, green, and blue (Keras <c>ops.image.rgb_to_grayscale</c>).</summary>
    /// <param name="images">Images (batch, rows, columns, channels) of three channels, or of one.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <returns>Images of one channel: 0.2989 · red + 0.587 · green + 0.114 · blue.</returns>
    /// <exception cref="ArgumentException">The images have another number of channels or dimensions.</exception>
    public static Tensor RgbToGrayscale(Tensor images, string? dataFormat = null)
    {
        bool first = DataFormat.IsChannelsFirst(dataFormat);
        Tensor last = ChannelOrder.ToLast(WithRank(images, 4, nameof(RgbToGrayscale)), first);
        return ChannelOrder.FromLast(last.Dims.Last.IsOne ? last : Gray(last, nameof(RgbToGrayscale)), first);
    }

    /// <summary>Hue, saturation, and value from red, green, and blue (Keras <c>ops.image.rgb_to_hsv</c>).</summary>
    /// <param name="images">Images (batch, rows, columns, 3) with values from 0 to 1.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <returns>A tensor of the same shape; the hue is from 0 to 1.</returns>
    /// <exception cref="ArgumentException">The images don't have three channels or four dimensions.</exception>
    public static Tensor RgbToHsv(Tensor images, string? dataFormat = null)
    {
        bool first = DataFormat.IsChannelsFirst(dataFormat);
        Tensor last = ChannelOrder.ToLast(WithRank(images, 4, nameof(RgbToHsv)), first);
        (Tensor hue, Tensor saturation, Tensor value) = HueSaturationValue(last, nameof(RgbToHsv));
        return ChannelOrder.FromLast(Concatenate([hue, saturation, value]), first);
    }

    /// <summary>Red, green, and blue from hue, saturation, and value (Keras <c>ops.image.hsv_to_rgb</c>).</summary>
    /// <param name="images">Images (batch, rows, columns, 3); the hue repeats at each whole number.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <returns>A tensor of the same shape.</returns>
    /// <exception cref="ArgumentException">The images don't have three channels or four dimensions.</exception>
    public static Tensor HsvToRgb(Tensor images, string? dataFormat = null)
    {
        bool first = DataFormat.IsChannelsFirst(dataFormat);
        Tensor last = ChannelOrder.ToLast(WithRank(images, 4, nameof(HsvToRgb)), first);
        (Tensor hue, Tensor saturation, Tensor value) = Colors(last, nameof(HsvToRgb));
        return ChannelOrder.FromLast(RedGreenBlue(hue, saturation, value), first);
    }

    /// <summary>The gray value (batch, rows, columns, 1) of images with channels last.</summary>
    internal static Tensor Gray(Tensor images, string owner)
    {
        (Tensor red, Tensor green, Tensor blue) = Colors(images, owner);
        return 0.2989 * red + 0.587 * green + 0.114 * blue;
    }

    /// <summary>Hue, saturation, and value, each (batch, rows, columns, 1), of images with channels last.</summary>
    internal static (Tensor Hue, Tensor Saturation, Tensor Value) HueSaturationValue(Tensor images, string owner)
    {
        (Tensor red, Tensor green, Tensor blue) = Colors(Where(Abs(images) < Tiny, 0, images), owner);
        Tensor value = Maximum(Maximum(red, green), blue), range = value - Minimum(Minimum(red, green), blue);
        Tensor saturation = Where(value > 0, range / Where(value > 0, value, 1), 0);
        Tensor norm = 1 / (6 * Where(range > 0, range, 1));
        Tensor hue = Where(Equal(value, red), norm * (green - blue),
            Where(Equal(value, green), norm * (blue - red) + 2.0 / 6, norm * (red - green) + 4.0 / 6));
        return (Where(range > 0, hue, 0) + (hue < 0) * (range > 0), saturation, value);
    }

    /// <summary>Images with channels last from planes (batch, rows, columns, 1).</summary>
    internal static Tensor RedGreenBlue(Tensor hue, Tensor saturation, Tensor value)
    {
        Tensor sixth = (hue - Floor(hue)) * 6, white = 1 - saturation;
        return Concatenate([
            value * (white + saturation * Clip(Abs(sixth - 3) - 1, 0, 1)),
            value * (white + saturation * Clip(2 - Abs(sixth - 2), 0, 1)),
            value * (white + saturation * Clip(2 - Abs(sixth - 4), 0, 1)),
        ]);
    }

    /// <summary>Smaller numbers are 0 in colors, so that none of them becomes a hue.</summary>
    const double Tiny = 1.1920929e-7;

    static (Tensor, Tensor, Tensor) Colors(Tensor images, string owner) => images.Dims.Last.Constant is 3 or null
        ? (Slice(images, -1, 0, 1), Slice(images, -1, 1, 1), Slice(images, -1, 2, 1))
        : throw new ArgumentException($"{owner} requires images of three channels, red, green, and blue; given " +
            $"{images.Dims.Last} channels.", nameof(images));
}
