namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// Reads images (batch, rows, columns, channels) at other positions than whole pixels, and beyond their edges.
/// </summary>
/// <param name="Bilinear">Whether the four pixels around a position are weighted; else the nearest one is read.</param>
/// <param name="FillMode">What is beyond the edges.</param>
/// <param name="FillValue">The value beyond the edges if the mode is <c>constant</c>.</param>
internal sealed record Sampling(bool Bilinear, string FillMode, double FillValue)
{
    static readonly string[] s_modes = ["reflect", "wrap", "constant", "nearest"];

    /// <summary>Checks the arguments, which have the same names everywhere.</summary>
    /// <exception cref="ArgumentException">A name is unknown.</exception>
    public static Sampling Of(string interpolation, string fillMode, double fillValue, bool withMirror = false)
    {
        string[] modes = withMirror ? [.. s_modes, "mirror"] : s_modes;
        if (!modes.Contains(fillMode))
            throw new ArgumentException($"`fillMode` must be one of {string.Join(", ", modes)}; given \"{fillMode}\".",
                nameof(fillMode));
        if (!double.IsFinite(fillValue))
            throw new ArgumentException($"`fillValue` must be a number; given {fillValue}.", nameof(fillValue));
        return interpolation switch
        {
            "bilinear" => new(true, fillMode, fillValue),
            "nearest" => new(false, fillMode, fillValue),
            _ => throw new ArgumentException("`interpolation` must be \"nearest\" or \"bilinear\"; given " +
                $"\"{interpolation}\".", nameof(interpolation)),
        };
    }

    public string Interpolation => Bilinear ? "bilinear" : "nearest";

    /// <summary>
    /// The image at (a0·x + a1·y + a2, b0·x + b1·y + b2) for each pixel (x, y). Each number is (batch, 1, 1).
    /// </summary>
    public Tensor Affine(Tensor images, Tensor a0, Tensor a1, Tensor a2, Tensor b0, Tensor b1, Tensor b2)
    {
        (Tensor y, Tensor x) = Pixels(images);
        return At(images, b0 * x + b1 * y + b2, a0 * x + a1 * y + a2);
    }

    /// <summary>The rows (1, rows, 1) and the columns (1, 1, columns) of images.</summary>
    public static (Tensor Rows, Tensor Columns) Pixels(Tensor images)
    {
        (int height, int width) = SizeOf(images);
        return (K.Reshape(K.Arange(height), 1, height, 1), K.Reshape(K.Arange(width), 1, 1, width));
    }

    public static (int Height, int Width) SizeOf(Tensor images) => (images.Dims[1].Constant, images.Dims[2].Constant)
        is (int height, int width) ? (height, width)
        : throw new ArgumentException($"The height and the width of images must be known; given {images.Shape}.",
            nameof(images));

    /// <summary>The image at positions: rows and columns (batch, …places).</summary>
    public Tensor At(Tensor images, Tensor y, Tensor x)
    {
        (int height, int width) = SizeOf(images);
        Tensor pixels = new(new Ops.Reshape(new(images.Dims[0], height * width, images.Dims.Last)), images);
        if (!Bilinear) return Read(K.Round(y), K.Round(x));
        Tensor top = K.Floor(y), left = K.Floor(x), down = y - top, right = x - left;
        return Weighted(top, left, (1 - down) * (1 - right)) + Weighted(top, left + 1, (1 - down) * right)
            + Weighted(top + 1, left, down * (1 - right)) + Weighted(top + 1, left + 1, down * right);

        Tensor Weighted(Tensor row, Tensor column, Tensor weight) => Read(row, column) * K.ExpandDims(weight);

        Tensor Read(Tensor row, Tensor column)
        {
            Tensor values = K.BatchGather(pixels, Inside(row, height) * width + Inside(column, width));
            if (FillMode != "constant") return values;
            Tensor exists = (row >= 0) * (row < height) * ((column >= 0) * (column < width));
            return K.Where(K.ExpandDims(exists), values, FillValue);
        }
    }

    /// <summary>The pixel that is read at an index, which may be outside.</summary>
    Tensor Inside(Tensor index, int size) => FillMode switch
    {
        "wrap" => Modulo(index, size),
        "mirror" => size == 1 ? index * 0 : K.Abs(Modulo(index + (size - 1), 2 * (size - 1)) - (size - 1)),
        "reflect" => (K.Abs(Modulo(2 * index + (1 + 2 * size), 4 * size) - 2 * size) - 1) * 0.5,
        _ => K.Clip(index, 0, size - 1),
    };

    static Tensor Modulo(Tensor x, int size) => x - K.Floor(x / size) * size;
}
