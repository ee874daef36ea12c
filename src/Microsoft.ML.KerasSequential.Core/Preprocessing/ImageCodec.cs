using StbImageSharp;
using StbImageWriteSharp;

namespace Microsoft.ML.KerasSequential.Preprocessing;

/// <summary>Files of images and their bytes (rows, columns, channels), by the C# ports of stb_image and
/// stb_image_write.</summary>
internal static class ImageCodec
{
    const int JpegQuality = 75; // Pillow's default.

    static readonly string[] s_written = ["png", "jpg", "jpeg", "bmp", "tga"];

    /// <summary>What is said of files that need another decoder.</summary>
    public const string OtherFormats = "PNG, JPEG, BMP, GIF, TGA and PSD files are decoded; for others give a `loader`, which reads a file as an array (rows, columns, channels) of values from 0 to 255";

    /// <summary>Whether Keras knows the extension as that of an image, but no decoder is here.</summary>
    public static bool IsForeign(string path) => Path.GetExtension(path).ToUpperInvariant() is ".PPM" or ".TIF" or ".TIFF";

    /// <exception cref="InvalidDataException">The file is damaged, or of a format that is not decoded.</exception>
    public static ImageBytes Read(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        try
        {
            ImageResult image = ImageResult.FromMemory(file, StbImageSharp.ColorComponents.Default);
            return new(image.Data, image.Height, image.Width, (int)image.Comp);
        }
        // The port throws whatever its reader meets: a message of stb_image's, an index out of range, an array too
        // large.
        catch (Exception e) when (e is not OutOfMemoryException || file.Length < 1 << 26)
        {
            throw new InvalidDataException($"{path} cannot be decoded as an image ({e.Message}). {OtherFormats}.", e);
        }
    }

    /// <exception cref="ArgumentException">No such format is written.</exception>
    public static string CheckWritten(string? format, string parameter) => s_written.Contains(format, StringComparer.OrdinalIgnoreCase)
        ? format!.ToUpperInvariant()
        : throw new ArgumentException($"Images are written as {string.Join(", ", s_written)}; given \"{format}\".", parameter);

    /// <summary>Writes beside and renames; JPEG and BMP hold no transparency.</summary>
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
