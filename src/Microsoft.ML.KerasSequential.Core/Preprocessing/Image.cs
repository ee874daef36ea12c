using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential.Preprocessing;

/// <summary>Reads and writes image files as arrays (Keras <c>keras.preprocessing.image</c>: <c>load_img</c> with
/// <c>img_to_array</c>, <c>array_to_img</c> with <c>save_img</c>).</summary>
public static class Image
{
    /// <summary>Reads an image (Keras <c>img_to_array(load_img(path))</c>). PNG, JPEG, BMP, GIF (the first frame), TGA
    /// and PSD files are decoded; 16 bits per channel are reduced to 8.</summary>
    /// <param name="path">The file.</param>
    /// <param name="colorMode"><c>rgb</c>, <c>rgba</c> or <c>grayscale</c>: 3, 4 or 1 channels, whatever the file
    /// has.</param>
    /// <param name="targetSize">Rows and columns, in pixels; those of the file by default.</param>
    /// <param name="interpolation">How the image is resized: <c>nearest</c>, <c>bilinear</c>, <c>bicubic</c>,
    /// <c>lanczos</c>, <c>box</c> or <c>hamming</c>, as in Pillow.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <returns>An array (rows, columns, channels) of integers from 0 to 255.</returns>
    /// <exception cref="ArgumentException">An option is unknown, or a size is not positive.</exception>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, or its format is not supported.</exception>
    public static NDArray LoadImg(string path, string colorMode = "rgb", (int Rows, int Columns)? targetSize = null,
        string interpolation = "nearest", string? dataFormat = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        var picture = new PictureFormat(colorMode, targetSize, interpolation);
        return ChannelOrder.To(picture.Read(path), DataFormat.IsChannelsFirst(dataFormat));
    }

    /// <summary>Writes an image (Keras <c>save_img</c>).</summary>
    /// <param name="path">The file, with the extension .png, .jpg, .jpeg, .bmp or .tga.</param>
    /// <param name="x">An array (rows, columns, channels) of 1, 3 or 4 channels.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="fileFormat">A format that overrides the extension: <c>png</c>, <c>jpg</c>, <c>jpeg</c>, <c>bmp</c>
    /// or <c>tga</c>. JPEG and BMP files lose the fourth channel.</param>
    /// <param name="scale">Whether the values are scaled to 0–255: negative values are shifted to 0, then the largest
    /// becomes 255. Otherwise they must be from 0 to 255.</param>
    /// <exception cref="ArgumentException">The array is not an image, a value is out of the byte range, or the format
    /// is unknown.</exception>
    /// <exception cref="IOException">The file cannot be written; the existing file stays unchanged.</exception>
    public static void SaveImg(string path, NDArray x, string? dataFormat = null, string? fileFormat = null,
        bool scale = true)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(x);
        string format = ImageCodec.CheckWritten(fileFormat ?? Path.GetExtension(path).TrimStart('.'),
            fileFormat is null ? nameof(path) : nameof(fileFormat));
        if (x.Rank != 3)
            throw new ArgumentException(
                $"An image must have rows, columns and channels; given an array of shape {Shape.Format(x.Shape)}.",
                nameof(x));
        NDArray image = ChannelOrder.From(x, DataFormat.IsChannelsFirst(dataFormat));
        ImageCodec.Write(path, format, ImageBytes.From(scale ? Scaled(image) : image, "The image to write"));
    }

    /// <summary>As Keras' <c>array_to_img(scale=True)</c>.</summary>
    static NDArray Scaled(NDArray image)
    {
        float[] values = image.ToArray();
        if (values.Any(v => !float.IsFinite(v)))
            throw new ArgumentException("The image to write contains NaN or infinity.", nameof(image));
        float added = Math.Max(0, -values.DefaultIfEmpty(0).Min()), largest = values.DefaultIfEmpty(0).Max() + added;
        return new([.. values.Select(v => (largest == 0 ? v + added : (v + added) / largest) * 255)],
            image.Shape.ToArray());
    }
}
