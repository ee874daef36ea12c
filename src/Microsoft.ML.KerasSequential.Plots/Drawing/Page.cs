using SkiaSharp;

namespace Microsoft.ML.KerasSequential.Plots.Drawing;

/// <summary>Panels in rows and columns under one title.</summary>
internal static class Page
{
    const float TitleSize = 18;
    const double TitleHeight = 36;

    public static void Draw(SKCanvas canvas, Face face, string? title, IReadOnlyList<Panel> panels, int columns,
        double width, double height)
    {
        double top = DrawTitle(canvas, face, title, width);
        int rows = (panels.Count + columns - 1) / columns;
        (double cellWidth, double cellHeight) = (width / columns, (height - top) / rows);
        for (int i = 0; i < panels.Count; i++)
            panels[i].Draw(canvas, i % columns * cellWidth, top + i / columns * cellHeight, cellWidth, cellHeight);
    }

    /// <summary>Draws the title, smaller if it is long.</summary>
    /// <returns>The start of the rest.</returns>
    public static double DrawTitle(SKCanvas canvas, Face face, string? title, double width)
    {
        if (string.IsNullOrWhiteSpace(title)) return 0;
        float needed = face.Width(title, TitleSize),
            size = TitleSize * Math.Min(1, (float)(0.95 * width / Math.Max(1, needed)));
        using SKFont font = face.Sized(size);
        using var ink = new SKPaint { Color = new(Colours.Ink.ARGB), IsAntialias = true };
        canvas.DrawText(title, (float)width / 2, (float)TitleHeight * 0.7f, SKTextAlign.Center, font, ink);
        return TitleHeight;
    }
}
