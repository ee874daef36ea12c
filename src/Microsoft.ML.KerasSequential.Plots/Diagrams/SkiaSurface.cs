using Microsoft.ML.KerasSequential.Plots.Drawing;
using SkiaSharp;

namespace Microsoft.ML.KerasSequential.Plots.Diagrams;

/// <summary>Draws diagrams as pixels.</summary>
internal sealed class SkiaSurface(SKCanvas canvas, Face face) : IDiagramSurface, IDisposable
{
    static readonly SKColor s_ink = new(Colours.Ink.ARGB), s_faint = new(Colours.Faint.ARGB),
        s_fill = SKColor.Parse("#EAF2F8");

    readonly SKPaint _line = new() { Color = s_ink, Style = SKPaintStyle.Stroke, StrokeWidth = 1, IsAntialias = true };
    readonly SKPaint _fill = new() { Style = SKPaintStyle.Fill, IsAntialias = true };

    public void Box(double x, double y, double width, double height, bool isFilled)
    {
        var place = SKRect.Create((float)x, (float)y, (float)width, (float)height);
        _fill.Color = isFilled ? s_fill : SKColors.White;
        canvas.DrawRect(place, _fill);
        canvas.DrawRect(place, _line);
    }

    public void Frame(double x, double y, double width, double height)
    {
        using var dash = SKPathEffect.CreateDash([6, 4], 0);
        using var paint = new SKPaint { Color = s_faint, Style = SKPaintStyle.Stroke, StrokeWidth = 1 };
        (paint.IsAntialias, paint.PathEffect) = (true, dash);
        canvas.DrawRoundRect(SKRect.Create((float)x, (float)y, (float)width, (float)height), 4, 4, paint);
    }

    public void Line(IReadOnlyList<(double X, double Y)> points) =>
        canvas.DrawPoints(SKPointMode.Polygon, Points(points), _line);

    public void Head(IReadOnlyList<(double X, double Y)> corners)
    {
        using var path = new SKPath();
        path.AddPoly(Points(corners), close: true);
        _fill.Color = s_ink;
        canvas.DrawPath(path, _fill);
    }

    public void Text(string text, double x, double middle, double size, bool isCentred)
    {
        using SKFont font = face.Sized((float)size);
        _fill.Color = s_ink;
        canvas.DrawText(text, (float)x, (float)(middle + size * 0.35), isCentred ? SKTextAlign.Center
            : SKTextAlign.Left, font, _fill);
    }

    public void Dispose()
    {
        _line.Dispose();
        _fill.Dispose();
    }

    static SKPoint[] Points(IEnumerable<(double X, double Y)> points) =>
        [.. points.Select(p => new SKPoint((float)p.X, (float)p.Y))];
}
