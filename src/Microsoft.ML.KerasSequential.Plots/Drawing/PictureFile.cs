using System.Text;
using System.Text.RegularExpressions;
using System.Xml;
using Microsoft.ML.KerasSequential.Utils;
using SkiaSharp;

namespace Microsoft.ML.KerasSequential.Plots.Drawing;

/// <summary>A file for a picture, in the format that its ending names; whole or not there.</summary>
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

    /// <summary>Whether the file holds lines and letters, not pixels.</summary>
    public bool IsSvg => _format is null;

    /// <exception cref="ArgumentException">The ending names no format.</exception>
    public static PictureFile At(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string ending = Path.GetExtension(path);
        foreach ((string known, SKEncodedImageFormat? format) in s_formats)
            if (ending.Equals(known, StringComparison.OrdinalIgnoreCase)) return new(path, format);
        throw new ArgumentException(
            $"A picture is written as {string.Join(", ", s_formats.Select(f => f.Ending))}, by the "
            + $"ending of its path; \"{path}\" has {(ending.Length == 0 ? "none" : $"\"{ending}\"")}.", nameof(path));
    }

    /// <exception cref="ArgumentOutOfRangeException">A picture cannot have such a side.</exception>
    public static int Side(int pixels, string parameter) => pixels is >= SmallestSide and <= LargestSide ? pixels
        : throw new ArgumentOutOfRangeException(parameter, pixels,
        $"A side has {SmallestSide} to {LargestSide} pixels.");

    /// <summary>Draws a picture and writes it.</summary>
    /// <param name="width">The width that is drawn on.</param>
    /// <param name="height">The height that is drawn on.</param>
    /// <param name="draw">Draws.</param>
    /// <param name="scale">Pixels of the file for one that is drawn on.</param>
    /// <exception cref="InvalidOperationException">The picture is too large for its format.</exception>
    public void Write(double width, double height, Action<SKCanvas> draw, double scale = 1)
    {
        byte[] bytes = IsSvg ? Svg(width, height, draw) : Pixels(width, height, draw, scale);
        AtomicFile.Write(_path, overwrite: true, stream => stream.Write(bytes));
    }

    /// <summary>Writes a text as it is.</summary>
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
        // Areas of one colour are smallest as they are.
        using SKPixmap pixels = image.PeekPixels();
        return pixels.Encode(new SKPngEncoderOptions(SKPngEncoderFilterFlags.NoFilters, 9));
    }

    InvalidOperationException TooLarge(double columns, double rows) =>
        new(
            $"A picture of {columns:0} × {rows:0} pixels is too large for {Path.GetExtension(_path)}; an .svg has no "
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
        // Strict viewers refuse lists that end in a comma, as Skia writes them.
        return Encoding.UTF8.GetBytes(EndOfList().Replace(xml, "\""));
    }

    /// <summary>A font, and others for viewers that lack it.</summary>
    public static string Families(string family) =>
        $"'{Xml(family.Replace("'", "", StringComparison.Ordinal))}', Verdana, Arial, sans-serif";

    [GeneratedRegex("font-family=\"([^\"]*)\"")]
    private static partial Regex Family();

    [GeneratedRegex("(?<=\\s[xy]=\"[-+.,0-9eE ]*), *\"")]
    private static partial Regex EndOfList();

    /// <summary>A text in which XML can hold every character: others, such as glyphs that no font has, are
    /// replaced.</summary>
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
