namespace Microsoft.ML.KerasSequential.Plots.Diagrams;

/// <summary>Draws a diagram from its layout.</summary>
internal static class DiagramPainter
{
    const double HeadLength = 8, HeadWidth = 7;

    public static void Paint(DiagramLayout layout, IDiagramSurface surface)
    {
        foreach (DiagramLayout.Frame frame in layout.Frames)
        {
            surface.Frame(frame.X, frame.Y, frame.Width, frame.Height);
            surface.Text(frame.Name, frame.X + DiagramLayout.CellRoom, frame.Y + DiagramLayout.LineHeight / 2 + 1,
                DiagramLayout.TitleSize, isCentred: false);
        }
        foreach (DiagramLayout.Way way in layout.Ways)
        {
            if (way.HasHead) PaintArrow(way.Points, surface);
            else surface.Line(way.Points);
        }
        foreach (DiagramLayout.Placed box in layout.Boxes) PaintBox(box, surface);
    }

    static void PaintArrow(IReadOnlyList<(double X, double Y)> points, IDiagramSurface surface)
    {
        ((double X, double Y) before, (double X, double Y) tip) = (points[^2], points[^1]);
        double length = Math.Max(1e-6, Math.Sqrt(Math.Pow(tip.X - before.X, 2) + Math.Pow(tip.Y - before.Y, 2)));
        (double x, double y) = ((tip.X - before.X) / length, (tip.Y - before.Y) / length);
        (double X, double Y) foot = (tip.X - x * HeadLength, tip.Y - y * HeadLength);
        surface.Line([.. points.SkipLast(1), foot]);
        surface.Head([tip, (foot.X - y * HeadWidth / 2, foot.Y + x * HeadWidth / 2),
            (foot.X + y * HeadWidth / 2, foot.Y - x * HeadWidth / 2)]);
    }

    static void PaintBox(DiagramLayout.Placed box, IDiagramSurface surface)
    {
        double x = box.X;
        foreach ((int column, (double width, IReadOnlyList<string> texts)) in box.Cells.Index())
        {
            double height = box.Height / texts.Count;
            foreach ((int row, string text) in texts.Index())
            {
                surface.Box(x, box.Y + row * height, width, height, isFilled: column == 0);
                surface.Text(text, x + width / 2, box.Y + (row + 0.5) * height, DiagramLayout.FontSize,
                    isCentred: true);
            }
            x += width;
        }
    }
}
