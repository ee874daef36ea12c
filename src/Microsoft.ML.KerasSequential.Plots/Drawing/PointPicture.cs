using System.Globalization;
using Microsoft.ML.KerasSequential.Plots.Numbers;
using ScottPlot;

namespace Microsoft.ML.KerasSequential.Plots.Drawing;

/// <summary>Points in two dimensions, with labels where there is space.</summary>
internal static class PointPicture
{
    const float LabelSize = 11, LabelGap = 5, PointHalf = 3.5f;
    const int MostLegend = 30, MostObstacles = 1000;

    public static void Write(PrincipalComponents vectors, string path, IReadOnlyList<string>? labels, NDArray? classes,
        IReadOnlyList<string>? classNames, string? title, int width, int height)
    {
        var file = PictureFile.At(path);
        int count = vectors.Points.Shape[0];
        if (labels is not null && labels.Count != count)
            throw new ArgumentException($"There are {count} points, but {labels.Count} labels.", nameof(labels));
        int[]? groups = classes is null ? null : ClassNumbers.OfTargets(classes, nameof(classes));
        if (groups is not null && groups.Length != count)
            throw new ArgumentException($"There are {count} points, but {groups.Length} classes.", nameof(classes));
        if (classNames is not null && (groups is null || groups.Max() >= classNames.Count))
            throw new ArgumentException(
                $"There are names for {classNames.Count} classes, but "
                + $"{(groups is null ? "no classes" : $"a class {groups.Max()}")}.", nameof(classNames));
        _ = (PictureFile.Side(width, nameof(width)), PictureFile.Side(height, nameof(height)));

        Face face = PlotFont.For([.. labels ?? [], .. classNames ?? [], title ?? ""]);
        using var panel = new Panel(face, title ?? "", Axis(vectors, 0), Axis(vectors, 1));
        float size = count > 2000 ? 3 : count > 300 ? 5 : 7;
        int[] members = [.. Enumerable.Range(0, count)];
        foreach (IGrouping<int, int> group in members.GroupBy(i => groups?[i] ?? 0).OrderBy(g => g.Key))
        {
            var points = group.Select(i => new Coordinates(vectors.Points[i, 0], vectors.Points[i, 1])).ToArray();
            Color color = Colours.Of(group.Key).WithAlpha(0.8);
            var drawn = panel.Plot.Add.Markers(points, Colours.Marker(group.Key), size, color);
            if (groups is null) continue;
            drawn.LegendText = classNames?[group.Key] ?? group.Key.ToString(CultureInfo.InvariantCulture);
        }
        (double left, double right) = Panel.Around(members.Select(i => (double)vectors.Points[i, 0]), 0.06);
        (double bottom, double top) = Panel.Around(members.Select(i => (double)vectors.Points[i, 1]), 0.06);
        panel.Plot.Axes.SetLimits(left, right, bottom, top);
        if (groups is not null && groups.Distinct().Count() <= MostLegend)
        {
            // Next to the points, which may be anywhere.
            panel.Plot.ShowLegend(Edge.Right).Padding = new(4, 8, 0, 0);
        }
        if (labels is not null) AddLabels(panel, vectors, labels, width, height);
        file.Write(width, height, canvas => panel.Draw(canvas, 0, 0, width, height));
    }

    static string Axis(PrincipalComponents vectors, int index) =>
        string.Create(CultureInfo.InvariantCulture,
            $"component {index + 1} ({vectors.ExplainedVarianceRatio[index]:0%} of the variance)");

    /// <summary>Draws labels in order, on whichever side of their points is free; others are omitted.</summary>
    static void AddLabels(Panel panel, PrincipalComponents vectors, IReadOnlyList<string> labels, int width, int height)
    {
        using (var nowhere = new SkiaSharp.SKNoDrawCanvas(width, height)) panel.Draw(nowhere, 0, 0, width, height);
        PixelRect data = panel.Plot.RenderManager.LastRender.DataRect;
        Coordinates[] points = [.. Enumerable.Range(0, labels.Count)
            .Select(i => new Coordinates(vectors.Points[i, 0], vectors.Points[i, 1]))];
        Pixel[] pixels = [.. points.Select(panel.Plot.GetPixel)];
        // With very many points, there would be no space for labels next to them.
        List<PixelRect> taken = labels.Count > MostObstacles ? []
            : [.. pixels.Select(p =>
                new PixelRect(p.X - PointHalf, p.X + PointHalf, p.Y + PointHalf, p.Y - PointHalf))];
        for (int i = 0; i < labels.Count; i++)
        {
            string text = (labels[i] ?? "").ReplaceLineEndings(" ");
            if (text.Length == 0) continue;
            float length = panel.Face.Width(text, LabelSize) + 2, half = LabelSize * 0.6f;
            (float X, float Y)[] sides = [(LabelGap + length / 2, 0), (-LabelGap - length / 2, 0),
                (0, -LabelGap - half), (0, LabelGap + half)];
            foreach ((float x, float y) in sides)
            {
                (float middle, float line) = (pixels[i].X + x, pixels[i].Y + y);
                var place = new PixelRect(middle - length / 2, middle + length / 2, line + half, line - half);
                bool isFree = place.Left >= data.Left && place.Right <= data.Right && place.Top >= data.Top
                    && place.Bottom <= data.Bottom
                    && taken.TrueForAll(t => t.Right < place.Left || t.Left > place.Right
                        || t.Bottom < place.Top || t.Top > place.Bottom);
                if (!isFree) continue;
                taken.Add(place);
                var label = panel.Text(text, points[i].X, points[i].Y, LabelSize, Colours.Ink, Alignment.MiddleCenter);
                (label.OffsetX, label.OffsetY) = (x, y);
                break;
            }
        }
    }
}
