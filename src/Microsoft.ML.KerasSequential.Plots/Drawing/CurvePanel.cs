using Microsoft.ML.KerasSequential.Plots.Numbers;
using ScottPlot;

namespace Microsoft.ML.KerasSequential.Plots.Drawing;

/// <summary>Curves over epochs.</summary>
internal static class CurvePanel
{
    const int MostTicks = 10, MostMarked = 25;
    const float LineWidth = 2, MarkerSize = 5, LoneMarkerSize = 8;
    const double CornerWidth = 0.42, CornerHeight = 0.34;

    public static Panel Of(Face face, string title, IReadOnlyList<Curve> curves, string yLabel = "")
    {
        var panel = new Panel(face, title, "epoch", yLabel);
        foreach ((int index, Curve curve) in curves.Index())
        {
            // The legend shows each curve once, even if it is empty or in pieces.
            panel.Plot.Legend.ManualItems.Add(new LegendItem
            {
                LabelText = curve.Name,
                LineColor = Colours.Of(index),
                LineWidth = LineWidth,
                LinePattern = Pattern(curve, index),
            });
            foreach (IReadOnlyList<(double X, double Y)> piece in curve.Pieces)
            {
                var line = panel.Plot.Add.Scatter(piece.Select(p => new Coordinates(p.X, p.Y)).ToArray(),
                    Colours.Of(index));
                line.LineWidth = piece.Count > 1 ? LineWidth : 0;
                line.LinePattern = Pattern(curve, index);
                bool isMarked = curve.Points.Count() <= MostMarked;
                line.MarkerSize = piece.Count == 1 ? LoneMarkerSize : isMarked ? MarkerSize : 0;
            }
        }
        (double X, double Y)[] points = [.. curves.SelectMany(c => c.Points)];
        if (points.Length == 0) panel.Text("no finite values", 0.5, 0.5, 13, Colours.Faint, Alignment.MiddleCenter);
        SetLimits(panel, points);
        panel.Plot.ShowLegend(FreeCorner(curves, panel.Plot.Axes.GetLimits()));
        return panel;
    }

    /// <summary>Training and validation also differ in black and white.</summary>
    static LinePattern Pattern(Curve curve, int index) =>
        index == 1 && curve.Name.StartsWith("val_", StringComparison.Ordinal) ? LinePattern.DenselyDashed
        : Colours.Line(index);

    static void SetLimits(Panel panel, (double X, double Y)[] points)
    {
        (double low, double high) = Panel.Around(points.Select(p => p.Y), 0.08);
        (double first, double last) = points.Length == 0 ? (0, 1) : (points.Min(p => p.X), points.Max(p => p.X));
        double room = Math.Max(0.5, 0.03 * (last - first));
        if (points.Length == 0) room = 0;
        panel.Plot.Axes.SetLimits(first - room, last + room, low, high);
        double[] ticks = points.Length == 0 ? [] : WholeTicks.Between((long)first, (long)last, MostTicks);
        panel.Plot.Axes.Bottom.SetTicks(ticks,
            [.. ticks.Select(t => t.ToString(System.Globalization.CultureInfo.InvariantCulture))]);
    }

    /// <summary>The corner of the axes with the fewest curve points.</summary>
    static Alignment FreeCorner(IReadOnlyList<Curve> curves, AxisLimits limits)
    {
        (Alignment Corner, bool IsRight, bool IsTop)[] corners =
        [
            (Alignment.UpperRight, true, true), (Alignment.LowerRight, true, false), (Alignment.UpperLeft, false, true),
            (Alignment.LowerLeft, false, false),
        ];
        (double X, double Y)[] places = [.. curves.SelectMany(c => c.Pieces).SelectMany(Dense)
            .Select(p => ((p.X - limits.Left) / (limits.Right - limits.Left),
                (p.Y - limits.Bottom) / (limits.Top - limits.Bottom)))];
        return corners.MinBy(c => places.Count(p =>
            (c.IsRight ? 1 - p.X : p.X) < CornerWidth && (c.IsTop ? 1 - p.Y : p.Y) < CornerHeight)).Corner;
    }

    /// <summary>A line's points, and some between them.</summary>
    static IEnumerable<(double X, double Y)> Dense(IReadOnlyList<(double X, double Y)> piece)
    {
        int between = piece.Count < 50 ? 8 : 1;
        return piece.Zip(piece.Skip(1)).SelectMany(p => Enumerable.Range(0, between).Select(i => (double)i / between)
            .Select(t => (p.First.X + t * (p.Second.X - p.First.X), p.First.Y + t * (p.Second.Y - p.First.Y))))
            .Append(piece[^1]);
    }
}
