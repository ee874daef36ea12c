namespace Microsoft.ML.KerasSequential.Preprocessing;

/// <summary>Converts images between channels first and channels last; the last three dimensions are those of an
/// image.</summary>
internal static class ChannelOrder
{
    /// <summary>Converts images of either order to channels last.</summary>
    public static NDArray From(NDArray images, bool channelsFirst) =>
        channelsFirst ? Moved(images, first: false) : images;

    /// <summary>Converts images with channels last to either order.</summary>
    public static NDArray To(NDArray images, bool channelsFirst) => channelsFirst ? Moved(images, first: true) : images;

    /// <summary>Moves the channels, the first or last of three dimensions, to the other end.</summary>
    static NDArray Moved(NDArray x, bool first)
    {
        ReadOnlySpan<int> shape = x.Shape, image = shape[^3..];
        int channels = first ? image[2] : image[0], places = first ? image[0] * image[1] : image[1] * image[2];
        int[] moved = first ? [.. shape[..^3], image[2], image[0], image[1]]
            : [.. shape[..^3], image[1], image[2], image[0]];
        var result = new NDArray(moved);
        for (int i = 0; i < x.Size; i++)
        {
            int within = i % (channels * places), start = i - within;
            result.Span[first ? start + within % channels * places + within / channels
                : start + within % places * channels + within / places] = x.Span[i];
        }
        return result;
    }
}
