using System.Text;
using System.Text.RegularExpressions;
using System.Xml;
using Microsoft.ML.KerasSequential.Utils;
using SkiaSharp;

namespace Microsoft.ML.KerasSequential.Plots.Drawing;

/// <summary>An image file, in the format given by its extension; written atomically.</summary>
internal sealed partial class PictureFile
{
    const int Quality = 90, SmallestSide = 50, LargestSide = 10_000, LargestWebp = 16_383;
    const long LargestArea = 1L << 28;

    static readonly (string Ending, SKEncodedImageFormat? Format)[] s_formats =
    [
        (".png", SKEncodedImageFormat.Png), (".svg", null), (".jpg", SKEncodedImageFormat.Jpeg),
        (".jpeg", SKEncodedImageFormat.Jpeg), (".webp", SKEncodedImageFormat.Webp),
    ];

    readonly string _path;
    readonly SKEncodedImageFormat? _format;

    PictureFile(string path, SKEncodedImageFormat? format) => (_path, _format) = (path, format);

    /// <summary>Whether the file contains vector graphics, not pixels.</summary>
    public bool IsSvg => _format is null;

    /// <exception cref="ArgumentException">The extension is not that of a supported format.</exception>
    public static PictureFile At(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string ending = Path.GetExtension(path);
        foreach ((string known, SKEncodedImageFormat? format) in s_formats)
            if (ending.Equals(known, StringComparison.OrdinalIgnoreCase)) return new(path, format);
        throw new ArgumentException(
            $"An image can be written as {string.Join(", ", s_formats.Select(f => f.Ending))}, according to the "
            + $"extension of its path; \"{path}\" has {(ending.Length == 0 ? "none" : $"\"{ending}\"")}.",
            nameof(path));
    }

    /// <exception cref="ArgumentOutOfRangeException">The size is out of range.</exception>
    public static int Side(int pixels, string parameter) => pixels is >= SmallestSide and <= LargestSide ? pixels
        : throw new ArgumentOutOfRangeException(parameter, pixels,
        $"A side must have {SmallestSide} to {LargestSide} pixels.");

    /// <summary>Draws an image and writes it.</summary>
    /// <param name="width">The width of the canvas.</param>
    /// <param name="height">The height of the canvas.</param>
    /// <param name="draw">Draws the image.</param>
    /// <param name="scale">The number of pixels in the file per canvas pixel.</param>
    /// <exception cref="InvalidOperationException">The image is too large for its format.</exception>
    public void Write(double width, double height, Action<SKCanvas> draw, double scale = 1)
    {
        byte[] bytes = IsSvg ? Svg(width, height, draw) : Pixels(width, height, draw, scale);
        AtomicFile.Write(_path, overwrite: true, stream => stream.Write(bytes));
    }

    /// <summary>Writes text unchanged.</summary>
    public void Write(string svg) =>
        AtomicFile.Write(_path, overwrite: true, stream => stream.Write(Encoding.UTF8.GetBytes(svg)));

    byte[] Pixels(double width, double height, Action<SKCanvas> draw, double scale)
    {
        (double columns, double rows) = (Math.Ceiling(width * scale), Math.Ceiling(height * scale));
        bool isTooLarge = columns * rows > LargestArea
            || (_format == SKEncodedImageFormat.Webp && Math.Max(columns, rows) > LargestWebp);
        if (isTooLarge) throw TooLarge(columns, rows);
        using SKSurface surface =
            SKSurface.Create(new SKImageInfo((int)columns, (int)rows, SKColorType.Rgba8888, SKAlphaType.Opaque))
            ?? throw TooLarge(columns, rows);
        surface.Canvas.Clear(SKColors.White);
        surface.Canvas.Scale((float)scale);
        draw(surface.Canvas);
        using SKImage image = surface.Snapshot();
        using SKData data = Encoded(image) ?? throw TooLarge(columns, rows);
        return data.ToArray();
    }

    SKData? Encoded(SKImage image)
    {
        if (_format != SKEncodedImageFormat.Png) return image.Encode(_format!.Value, Quality);
        // Areas of uniform color compress best without a filter.
        using SKPixmap pixels = image.PeekPixels();
        return pixels.Encode(new SKPngEncoderOptions(SKPngEncoderFilterFlags.NoFilters, 9));
    }

    InvalidOperationException TooLarge(double columns, double rows) =>
        new(
            $"An image of {columns:0} × {rows:0} pixels is too large for {Path.GetExtension(_path)}; an .svg has no "
            + "limit.");

    static byte[] Svg(double width, double height, Action<SKCanvas> draw)
    {
        using var stream = new MemoryStream();
        var page = SKRect.Create((float)width, (float)height);
        using (SKCanvas canvas = SKSvgCanvas.Create(page, stream))
        {
            using var white = new SKPaint { Color = SKColors.White };
            canvas.DrawRect(page, white);
            draw(canvas);
        }
        string xml = Xml(Encoding.UTF8.GetString(stream.ToArray()));
        xml = Family().Replace(xml, m => $"font-family=\"{Families(m.Groups[1].Value)}\"");
        // Strict viewers reject lists with a trailing comma, as Skia writes them.
        return Encoding.UTF8.GetBytes(EndOfList().Replace(xml, "\""));
    }

    /// <summary>A font, with fallbacks for viewers that lack it.</summary>
    public static string Families(string family) =>
        $"'{Xml(family.Replace("'", "", StringComparison.Ordinal))}', Verdana, Arial, sans-serif";

    [GeneratedRegex("font-family=\"([^\"]*)\"")]
    private static partial Regex Family();

    [GeneratedRegex("(?<=\\s[xy]=\"[-+.,0-9eE ]*), *\"")]
    private static partial Regex EndOfList();

    /// <summary>A text with only characters allowed in XML; others are replaced.</summary>
    public static string Xml(string text)
    {
        var kept = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool isHeld = !rune.IsBmp || XmlConvert.IsXmlChar((char)rune.Value);
            kept.Append(isHeld ? rune : Rune.ReplacementChar);
        }
        return kept.ToString();
    }
}
