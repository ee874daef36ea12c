namespace Microsoft.ML.KerasSequential.Preprocessing;

/// <summary>An image transformation (the dictionary of Keras' <c>ImageDataGenerator.apply_transform</c>). The affine
/// part rotates, shifts, shears and zooms about the image's center; the generator sets how pixels are
/// interpolated.</summary>
/// <param name="Theta">Rotation in degrees.</param>
/// <param name="Tx">Shift along the rows, in pixels: each output pixel is taken from that much further down.</param>
/// <param name="Ty">Shift along the columns, in pixels: each output pixel is taken from that much further
/// right.</param>
/// <param name="Shear">Shear in degrees.</param>
/// <param name="Zx">Zoom along the rows: 2 shows twice as many rows.</param>
/// <param name="Zy">Zoom along the columns.</param>
/// <param name="FlipHorizontal">Whether to flip left and right.</param>
/// <param name="FlipVertical">Whether to flip top and bottom.</param>
/// <param name="ChannelShiftIntensity">The value added to each channel, clipped to the range of its values in the
/// image.</param>
/// <param name="Brightness">The factor for all values.</param>
public sealed record ImageTransform(double Theta = 0, double Tx = 0, double Ty = 0, double Shear = 0, double Zx = 1,
    double Zy = 1, bool FlipHorizontal = false, bool FlipVertical = false, double ChannelShiftIntensity = 0,
    double Brightness = 1)
{
    bool IsAffine => Theta != 0 || Tx != 0 || Ty != 0 || Shear != 0 || Zx != 1 || Zy != 1;

    /// <summary>Applies the transformation to an image (rows, columns, channels).</summary>
    internal float[] Apply(ReadOnlySpan<float> image, int rows, int columns, int channels, string fillMode, float cval,
        bool nearest)
    {
        float[] result = IsAffine ? Affine(image, rows, columns, channels, fillMode, cval, nearest) : image.ToArray();
        if (ChannelShiftIntensity != 0) Shift(result, channels, (float)ChannelShiftIntensity);
        if (FlipHorizontal) result = Flipped(result, rows, columns, channels, horizontal: true);
        if (FlipVertical) result = Flipped(result, rows, columns, channels, horizontal: false);
        if (Brightness != 1)
            foreach (ref float v in result.AsSpan()) v *= (float)Brightness;
        return result;
    }

    /// <summary>Each pixel of the result comes from matrix·(row, column) + offset.</summary>
    float[] Affine(ReadOnlySpan<float> image, int rows, int columns, int channels, string fillMode, float cval,
        bool nearest)
    {
        double turn = Theta * Math.PI / 180, shear = Shear * Math.PI / 180;
        (double cos, double sin) = (Math.Cos(turn), Math.Sin(turn));
        // Rotation · shift · shear · zoom, about the center.
        double a = cos * Zx, b = (-cos * Math.Sin(shear) - sin * Math.Cos(shear)) * Zy, c = sin * Zx,
            d = (-sin * Math.Sin(shear) + cos * Math.Cos(shear)) * Zy;
        double middleX = rows / 2.0 - 0.5, middleY = columns / 2.0 - 0.5;
        double offsetX = cos * Tx - sin * Ty + middleX - a * middleX - b * middleY,
            offsetY = sin * Tx + cos * Ty + middleY - c * middleX - d * middleY;
        var result = new float[image.Length];
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                double x = a * row + b * column + offsetX, y = c * row + d * column + offsetY;
                Span<float> pixel = result.AsSpan((row * columns + column) * channels, channels);
                // Rounded after the edge check, as in SciPy.
                if (fillMode == "constant" && (x < 0 || x > rows - 1 || y < 0 || y > columns - 1)) pixel.Fill(cval);
                else if (nearest)
                    Interpolate(image, rows, columns, channels, Math.Floor(x + 0.5), Math.Floor(y + 0.5), fillMode,
                        pixel);
                else Interpolate(image, rows, columns, channels, x, y, fillMode, pixel);
            }
        }
        return result;
    }

    static void Interpolate(ReadOnlySpan<float> image, int rows, int columns, int channels, double x, double y,
        string fillMode, Span<float> pixel)
    {
        (int top, int left) = ((int)Math.Floor(x), (int)Math.Floor(y));
        (double down, double right) = (x - top, y - left);
        int row0 = Inside(top, rows, fillMode), row1 = Inside(top + 1, rows, fillMode),
            column0 = Inside(left, columns, fillMode), column1 = Inside(left + 1, columns, fillMode);
        for (int c = 0; c < channels; c++)
        {
            double above = image[(row0 * columns + column0) * channels + c] * (1 - right)
                + image[(row0 * columns + column1) * channels + c] * right;
            double below = image[(row1 * columns + column0) * channels + c] * (1 - right)
                + image[(row1 * columns + column1) * channels + c] * right;
            pixel[c] = (float)(above * (1 - down) + below * down);
        }
    }

    /// <summary>The position used for one beyond the edge: abcd|dcba (reflect), abcd|abcd (wrap), abcd|dddd
    /// (nearest).</summary>
    static int Inside(int at, int size, string fillMode)
    {
        if (at >= 0 && at < size) return at;
        switch (fillMode)
        {
            case "wrap":
                return ((at % size) + size) % size;
            case "reflect":
                int folded = ((at % (2 * size)) + 2 * size) % (2 * size);
                return folded < size ? folded : 2 * size - 1 - folded;
            default:
                return Math.Clamp(at, 0, size - 1);
        }
    }

    static void Shift(float[] image, int channels, float intensity)
    {
        if (image.Length == 0) return;
        (float low, float high) = (image.Min(), image.Max());
        foreach (ref float v in image.AsSpan()) v = Math.Clamp(v + intensity, low, high);
    }

    static float[] Flipped(float[] image, int rows, int columns, int channels, bool horizontal)
    {
        var result = new float[image.Length];
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                int from = (horizontal ? row : rows - 1 - row) * columns + (horizontal ? columns - 1 - column : column);
                image.AsSpan(from * channels, channels).CopyTo(result.AsSpan((row * columns + column) * channels));
            }
        }
        return result;
    }
}
