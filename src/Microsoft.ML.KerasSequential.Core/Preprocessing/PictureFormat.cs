namespace Microsoft.ML.KerasSequential.Preprocessing;

/// <summary>The channels and the size to which images from files are converted.</summary>
internal sealed class PictureFormat
{
    readonly (int Rows, int Columns)? _size;
    readonly string _interpolation;

    /// <exception cref="ArgumentException">An option is unknown, or a size is not positive.</exception>
    public PictureFormat(string colorMode, (int Rows, int Columns)? targetSize, string interpolation)
    {
        Channels = colorMode switch
        {
            "rgb" => 3,
            "rgba" => 4,
            "grayscale" => 1,
            _ => throw new ArgumentException(
                $"Invalid color mode \"{colorMode}\"; expected \"rgb\", \"rgba\" or \"grayscale\".", nameof(colorMode)),
        };
        if (targetSize is (int rows, int columns))
        {
            if (rows < 1 || columns < 1)
                throw new ArgumentException(
                    $"An image must have at least one row and one column; given {rows} × {columns}.",
                    nameof(targetSize));
            Graphs.Counts.Values([rows, columns, Channels], nameof(targetSize));
        }
        ImageResize.CheckInterpolation(interpolation);
        (_size, _interpolation) = (targetSize, interpolation);
    }

    public int Channels { get; }

    /// <summary>Reads a file as (rows, columns, channels).</summary>
    /// <param name="path">The file.</param>
    /// <param name="loader">Reads the file as an array (rows, columns, channels) of values from 0 to 255;
    /// <see cref="ImageCodec"/> by default.</param>
    /// <exception cref="InvalidDataException">The file does not contain an image.</exception>
    /// <exception cref="InvalidOperationException">The loader did not return an image.</exception>
    public NDArray Read(string path, Func<string, NDArray>? loader = null)
    {
        if (loader is null) return Fitted(ImageCodec.Read(path)).ToArray();
        NDArray image = loader(path) ?? throw new InvalidOperationException($"The loader returned null for {path}.");
        bool isFit = image.Rank == 3 && image.Shape[2] == Channels
            && (_size is not (int rows, int columns) || (image.Shape[0], image.Shape[1]) == (rows, columns));
        if (isFit) return image;
        try
        {
            return Fitted(
                ImageBytes.From(image, "An image that the loader returns with other channels or another size"))
                .ToArray();
        }
        catch (ArgumentException e)
        {
            throw new InvalidOperationException($"{path}: {e.Message}", e);
        }
    }

    ImageBytes Fitted(ImageBytes image)
    {
        image = image.To(Channels);
        return _size is (int rows, int columns) ? ImageResize.Resize(image, rows, columns, _interpolation) : image;
    }
}
