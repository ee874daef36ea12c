using SkiaSharp;

namespace Microsoft.ML.KerasSequential.Plots.Drawing;

/// <summary>A font.</summary>
/// <param name="Key">The name by which ScottPlot finds the font.</param>
/// <param name="Family">The name of the font family.</param>
/// <param name="Typeface">The typeface.</param>
internal sealed record Face(string Key, string Family, SKTypeface Typeface)
{
    public SKFont Sized(float size) => new(Typeface, size) { Subpixel = true, Edging = SKFontEdging.Antialias };

    public float Width(string text, float size)
    {
        using SKFont font = Sized(size);
        return font.MeasureText(text);
    }
}
