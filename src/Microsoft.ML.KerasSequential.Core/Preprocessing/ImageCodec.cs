using StbImageSharp;
using StbImageWriteSharp;

namespace Microsoft.ML.KerasSequential.Preprocessing;

/// <summary>Reads and writes image files as bytes (rows, columns, channels), with the C# ports of stb_image and
/// stb_image_write.</summary>
internal static class ImageCodec
{
    const int JpegQuality = 75; // Pillow's default.

    static readonly string[] s_written = ["png", "jpg", "jpeg", "bmp", "tga"];

    /// <summary>The message for files that need another decoder.</summary>
    public const string OtherFormats = "PNG, JPEG, BMP, GIF, TGA and PSD files are decoded; for other formats, pass a "
        + "`loader` that reads a file as an array (rows, columns, channels) of values from 0 to 255";

    /// <summary>Whether the extension is that of an image in Keras, but there is no decoder for it.</summary>
    public static bool IsForeign(string path) =>
        Path.GetExtension(path).ToUpperInvariant() is ".PPM" or ".TIF" or ".TIFF";

    /// <exception cref="InvalidDataException">The file is damaged, or its format is not supported.</exception>
    public static ImageBytes Read(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        try
        {
            ImageResult image = ImageResult.FromMemory(file, StbImageSharp.ColorComponents.Default);
            return new(image.Data, image.Height, image.Width, (int)image.Comp);
        }
        // The port throws various exceptions: an stb_image message, an index out of range, an array that is too large.
        catch (Exception e) when (e is not OutOfMemoryException || file.Length < 1 << 26)
        {
            throw new InvalidDataException($"{path} cannot be decoded as an image ({e.Message}). {OtherFormats}.", e);
        }
    }

    /// <exception cref="ArgumentException">The format cannot be written.</exception>
    public static string CheckWritten(string? format, string parameter) =>
        s_written.Contains(format, StringComparer.OrdinalIgnoreCase)
        ? format!.ToUpperInvariant()
        : throw new ArgumentException($"Images can be written as {string.Join(", ", s_written)}; given \"{format}\".",
            parameter);

    /// <summary>Writes atomically; JPEG and BMP have no transparency.</summary>
    public static void Write(string path, string format, ImageBytes image)
    {
        bool hasNoAlpha = format is "JPG" or "JPEG" or "BMP";
        if (hasNoAlpha && image.Channels == 4) image = image.To(3);
        var components = (StbImageWriteSharp.ColorComponents)image.Channels;
        (byte[] data, int width, int height) = (image.Data, image.Columns, image.Rows);
        Utils.AtomicFile.Write(path, overwrite: true, stream =>
        {
            var writer = new ImageWriter();
            switch (format)
            {
                case "PNG": writer.WritePng(data, width, height, components, stream); break;
                case "BMP": writer.WriteBmp(data, width, height, components, stream); break;
                case "TGA": writer.WriteTga(data, width, height, components, stream); break;
                default: writer.WriteJpg(data, width, height, components, stream, JpegQuality); break;
            }
        });
    }
}
