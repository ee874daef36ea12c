using System.Xml.Linq;
using SkiaSharp;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>A folder for a test's images, with helpers to inspect them.</summary>
internal sealed class PictureFolder : IDisposable
{
    readonly string _folder = Path.Combine(Path.GetTempPath(), $"plots-{Guid.NewGuid():N}");

    /// <summary>A path in the folder, which is created when something is written.</summary>
    public string this[string name] => Path.Combine(_folder, name);

    public string[] Files => Directory.Exists(_folder)
        ? [.. Directory.GetFiles(_folder).Select(f => Path.GetFileName(f)).Order()] : [];

    /// <summary>Decodes an image; it must have the given size and more than one color.</summary>
    public SKBitmap Image(string name, int? width = null, int? height = null)
    {
        SKBitmap image = SKBitmap.Decode(this[name]);
        Assert.IsNotNull(image, $"{name} is no image.");
        if (width is not null) Assert.AreEqual(width, image.Width);
        if (height is not null) Assert.AreEqual(height, image.Height);
        Assert.IsGreaterThan(1, image.Pixels.Distinct().Count(), $"{name} is blank.");
        return image;
    }

    /// <summary>The number of pixels of an image within some steps of a color.</summary>
    public int Count(string name, string color)
    {
        SKColor c = SKColor.Parse(color);
        using SKBitmap image = Image(name);
        return image.Pixels.Count(p => Math.Abs(p.Red - c.Red) + Math.Abs(p.Green - c.Green)
            + Math.Abs(p.Blue - c.Blue) < 12);
    }

    /// <summary>The texts of an SVG, which must be well-formed.</summary>
    public string[] Texts(string name) => [.. Svg(name).Descendants().Where(e => e.Name.LocalName == "text")
        .Select(e => e.Value.Trim())];

    public XElement Svg(string name)
    {
        XElement root = XDocument.Load(this[name]).Root!;
        Assert.AreEqual("svg", root.Name.LocalName);
        return root;
    }

    public void Dispose()
    {
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
    }
}
