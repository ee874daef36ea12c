using ScottPlot;
using SkiaSharp;

namespace Microsoft.ML.KerasSequential.Plots.Drawing;

/// <summary>A pair of axes in the style of this library.</summary>
internal sealed class Panel : IDisposable
{
    const float TitleSize = 15, LabelSize = 13, TickSize = 12, Room = 8, LabelRoom = 8;

    public Panel(Face face, string title = "", string xLabel = "", string yLabel = "")
    {
        (Face, Plot) = (face, new());
        Style(Plot.Axes.Title.Label, TitleSize);
        Plot.Axes.Title.Label.Text = title;
        foreach (IAxis axis in Plot.Axes.GetAxes())
        {
            Style(axis.Label, LabelSize);
            Style(axis.TickLabelStyle, TickSize);
            axis.FrameLineStyle.Color = Colours.Faint;
            axis.MajorTickStyle.Color = Colours.Faint;
            axis.MinorTickStyle.Length = 0;
            axis.TickGenerator = new ScottPlot.TickGenerators.NumericAutomatic { TickDensity = 0.6 };
        }
        if (Plot.Axes.Left is ScottPlot.AxisPanels.AxisBase left)
            left.PaddingBetweenTickAndAxisLabels = new(LabelRoom, LabelRoom);
        Plot.Axes.Bottom.Label.Text = xLabel;
        Plot.Axes.Left.Label.Text = yLabel;
        Plot.Axes.Top.FrameLineStyle.IsVisible = Plot.Axes.Right.FrameLineStyle.IsVisible = false;
        Plot.Grid.MajorLineColor = Colours.Grid;
        Plot.HideLegend();
        Plot.Legend.FontName = face.Key;
        Plot.Legend.FontSize = TickSize;
        Plot.Legend.ShadowColor = Colors.Transparent;
        Plot.Legend.OutlineColor = Colours.Grid;
        Plot.Legend.BackgroundColor = Colors.White.WithAlpha(0.85);
    }

    public Face Face { get; }

    public Plot Plot { get; }

    public ScottPlot.Plottables.Text Text(string text, double x, double y, float size, Color color, Alignment alignment)
    {
        ScottPlot.Plottables.Text label = Plot.Add.Text(text, x, y);
        label.LabelFontName = Face.Key;
        label.LabelFontSize = size;
        label.LabelFontColor = color;
        label.LabelAlignment = alignment;
        return label;
    }

    /// <summary>The limits of an axis around values, with a margin.</summary>
    public static (double Low, double High) Around(IEnumerable<double> values, double room)
    {
        (double low, double high) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (double value in values.Where(double.IsFinite))
            (low, high) = (Math.Min(low, value), Math.Max(high, value));
        if (low > high) return (0, 1);
        // Halves first, because the span of very large numbers overflows.
        double margin = (high / 2 - low / 2) * 2 * room;
        if (high - low <= 1e-12 * Math.Max(Math.Abs(low), Math.Abs(high))) margin = high == 0 ? 1 : Math.Abs(high) / 2;
        return (Math.Max(low - margin, -double.MaxValue / 4), Math.Min(high + margin, double.MaxValue / 4));
    }

    /// <summary>Draws the axes and what was added to them.</summary>
    public void Draw(SKCanvas canvas, double left, double top, double width, double height)
    {
        var place = new PixelRect((float)left, (float)(left + width) - Room, (float)(top + height) - Room / 2,
            (float)top);
        Plot.RenderManager.ClearCanvasBeforeEachRender = false;
        // The first rendering determines the layout; a second one on the same canvas would draw everything twice.
        using (var nowhere = new SKNoDrawCanvas((int)Math.Ceiling(left + width), (int)Math.Ceiling(top + height)))
            Plot.Render(nowhere, place);
        canvas.Save();
        Plot.Render(canvas, place);
        canvas.Restore();
    }

    public void Dispose() => Plot.Dispose();

    void Style(LabelStyle label, float size)
    {
        label.FontName = Face.Key;
        label.FontSize = size;
        label.Bold = false;
        label.ForeColor = Colours.Ink;
    }
}
