namespace Microsoft.ML.KerasSequential.Preprocessing;

/// <summary>An image of bytes (rows, columns, channels): 1 channel is gray, 2 are gray and alpha, 3 are red, green and
/// blue, 4 are these and alpha.</summary>
internal sealed record ImageBytes(byte[] Data, int Rows, int Columns, int Channels)
{
    /// <summary>Converts the image to 1, 3 or 4 channels, as Pillow converts between <c>L</c>, <c>RGB</c> and
    /// <c>RGBA</c>.</summary>
    public ImageBytes To(int channels)
    {
        if (channels == Channels) return this;
        byte[] result = new byte[(long)Rows * Columns * channels];
        for (int from = 0, to = 0; to < result.Length; from += Channels, to += channels)
        {
            ReadOnlySpan<byte> pixel = Data.AsSpan(from, Channels);
            (byte red, byte green, byte blue) = Channels < 3 ? (pixel[0], pixel[0], pixel[0])
                : (pixel[0], pixel[1], pixel[2]);
            Span<byte> converted = result.AsSpan(to, channels);
            if (channels == 1)
            {
                converted[0] = Luma(red, green, blue);
                continue;
            }
            (converted[0], converted[1], converted[2]) = (red, green, blue);
            if (channels == 4) converted[3] = Channels % 2 == 0 ? pixel[^1] : byte.MaxValue;
        }
        return new(result, Rows, Columns, channels);
    }

    /// <summary>The luma of ITU-R 601-2 (0.299, 0.587, 0.114) in 65536ths, bit-identical to Pillow.</summary>
    static byte Luma(byte red, byte green, byte blue) =>
        (byte)((red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16);

    public NDArray ToArray()
    {
        var result = new NDArray(Rows, Columns, Channels);
        for (int i = 0; i < Data.Length; i++) result.Span[i] = Data[i];
        return result;
    }

    /// <summary>The bytes of an array (rows, columns, channels), truncated as in NumPy.</summary>
    /// <exception cref="ArgumentException">The array is not an image, or a value is out of the byte range.</exception>
    public static ImageBytes From(NDArray image, string what)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (image.Rank != 3 || image.Shape[2] is not (1 or 3 or 4) || image.Size == 0)
            throw new ArgumentException(
                $"{what} must have rows, columns and 1, 3 or 4 channels; given an array of shape "
                + $"{Shape.Format(image.Shape)}.", nameof(image));
        byte[] data = new byte[image.Size];
        for (int i = 0; i < data.Length; i++)
        {
            float value = image.Span[i];
            if (!(value >= 0 && value < 256))
                throw new ArgumentException($"{what} must have values from 0 to 255; given {value}.", nameof(image));
            data[i] = (byte)value;
        }
        return new(data, image.Shape[0], image.Shape[1], image.Shape[2]);
    }
}
