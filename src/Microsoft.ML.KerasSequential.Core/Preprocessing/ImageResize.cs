namespace Microsoft.ML.KerasSequential.Preprocessing;

/// <summary>
/// Resizes images bit-identically to Pillow's <c>Image.resize</c>: a pixel of a smaller image is a weighted mean of all
/// pixels that a filter covers, one axis at a time, in fixed-point numbers with 22 fractional bits.
/// </summary>
internal static class ImageResize
{
    const int Places = 22;

    static readonly Dictionary<string, (double Support, Func<double, double> Weight)> s_filters = new()
    {
        ["bilinear"] = (1, x => Math.Max(0, 1 - Math.Abs(x))),
        ["bicubic"] = (2, Bicubic),
        ["lanczos"] = (3, x => x is >= -3 and < 3 ? Sinc(x) * Sinc(x / 3) : 0),
        ["box"] = (0.5, x => x is > -0.5 and <= 0.5 ? 1 : 0),
        ["hamming"] = (1, x => Math.Abs(x) >= 1 ? 0 : Sinc(x) * (0.54 + 0.46 * Math.Cos(Math.PI * x))),
    };

    /// <exception cref="ArgumentException">The method is unknown.</exception>
    public static void CheckInterpolation(string? interpolation)
    {
        if (interpolation is null || interpolation != "nearest" && !s_filters.ContainsKey(interpolation))
            throw new ArgumentException(
                $"Invalid interpolation method \"{interpolation}\"; supported methods are nearest, "
                + $"{string.Join(", ", s_filters.Keys)}.", nameof(interpolation));
    }

    public static ImageBytes Resize(ImageBytes image, int rows, int columns, string interpolation)
    {
        if (image.Rows == rows && image.Columns == columns) return image;
        if (interpolation == "nearest") return Nearest(image, rows, columns);
        (double support, Func<double, double> weight) = s_filters[interpolation];
        // Hidden colors must not show through, so colors are weighted by their alpha.
        bool hasOpacity = image.Channels == 4;
        if (hasOpacity) image = ByOpacity(image, (color, opacity) => Scaled(color * opacity));
        if (image.Columns != columns)
            image = new(Along(image.Data, image.Rows, image.Columns, columns, image.Channels, support, weight),
                image.Rows, columns, image.Channels);
        if (image.Rows != rows)
            image = new(Along(image.Data, 1, image.Rows, rows, image.Channels * columns, support, weight), rows,
                columns, image.Channels);
        return hasOpacity
            ? ByOpacity(image, (color, opacity) => opacity is 0 or 255 ? color
                : (byte)Math.Min(255, 255 * color / opacity)) : image;
    }

    static ImageBytes Nearest(ImageBytes image, int rows, int columns)
    {
        int[] fromRow = Middles(image.Rows, rows), fromColumn = Middles(image.Columns, columns);
        byte[] result = new byte[(long)rows * columns * image.Channels];
        for (int row = 0, to = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++, to += image.Channels)
                image.Data.AsSpan((fromRow[row] * image.Columns + fromColumn[column]) * image.Channels, image.Channels)
                    .CopyTo(result.AsSpan(to));
        }
        return new(result, rows, columns, image.Channels);
    }

    /// <summary>The old positions under the centers of the new ones. Steps are accumulated, as in Pillow, which
    /// determines how a center between two pixels is rounded.</summary>
    static int[] Middles(int oldSize, int newSize)
    {
        double step = (double)oldSize / newSize, middle = step * 0.5;
        int[] result = new int[newSize];
        for (int i = 0; i < newSize; i++, middle += step) result[i] = Math.Min((int)middle, oldSize - 1);
        return result;
    }

    /// <summary>Resizes the middle axis of three.</summary>
    static byte[] Along(byte[] data, int outer, int oldSize, int newSize, int inner, double support,
        Func<double, double> weight)
    {
        double scale = (double)oldSize / newSize, stretch = Math.Max(1, scale), reach = support * stretch;
        byte[] result = new byte[(long)outer * newSize * inner];
        for (int i = 0; i < newSize; i++)
        {
            double middle = (i + 0.5) * scale;
            int first = Math.Max(0, (int)(middle - reach + 0.5)),
                count = Math.Min(oldSize, (int)(middle + reach + 0.5)) - first;
            double[] shares = new double[count];
            for (int k = 0; k < count; k++) shares[k] = weight((k + first - middle + 0.5) * (1 / stretch));
            double sum = 0;
            foreach (double share in shares) sum += share;
            int[] weights = [.. shares.Select(share => Whole(sum == 0 ? share : share * (1 / sum)))];
            for (int o = 0; o < outer; o++)
            {
                for (int c = 0; c < inner; c++)
                {
                    int total = 1 << (Places - 1), from = (o * oldSize + first) * inner + c;
                    for (int k = 0; k < count; k++) total += data[from + k * inner] * weights[k];
                    result[(o * newSize + i) * inner + c] = (byte)Math.Clamp(total >> Places, 0, 255);
                }
            }
        }
        return result;
    }

    static int Whole(double share) => (int)((share < 0 ? -0.5 : 0.5) + share * (1 << Places));

    static ImageBytes ByOpacity(ImageBytes image, Func<byte, byte, byte> change)
    {
        byte[] result = (byte[])image.Data.Clone();
        for (int i = 0; i < result.Length; i++)
            if (i % 4 != 3) result[i] = change(result[i], result[i | 3]);
        return image with { Data = result };
    }

    /// <summary>A product of two bytes divided by 255, rounded.</summary>
    static byte Scaled(int product) => (byte)((product + 128 + ((product + 128) >> 8)) >> 8);

    static double Sinc(double x) => x == 0 ? 1 : Math.Sin(Math.PI * x) / (Math.PI * x);

    /// <summary>Keys' cubic convolution with a = −0.5.</summary>
    static double Bicubic(double x)
    {
        const double a = -0.5;
        x = Math.Abs(x);
        return x < 1 ? ((a + 2) * x - (a + 3)) * x * x + 1 : x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
    }
}
