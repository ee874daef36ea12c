using System.Globalization;
using ScottPlot;

namespace Microsoft.ML.KerasSequential.Plots.Drawing;

/// <summary>A confusion matrix as a colored table.</summary>
internal static class ConfusionPicture
{
    const int LongestName = 24, Margin = 150, SmallestSide = 420, LargestSide = 1600, CellSide = 62;
    const double LeastLined = 12, LeastFont = 7, LargestFont = 15;

    public static void Write(ConfusionMatrix matrix, string path, bool normalize, string? title, int? width,
        int? height)
    {
        var file = PictureFile.At(path);
        int classes = matrix.ClassNames.Count,
            side = Math.Clamp(Margin + classes * CellSide, SmallestSide, LargestSide);
        (int w, int h) = (PictureFile.Side(width ?? side + Margin / 3, nameof(width)),
            PictureFile.Side(height ?? side, nameof(height)));
        title ??= string.Create(CultureInfo.InvariantCulture, $"Confusion matrix, accuracy {matrix.Accuracy:0.0%}");
        Face face = PlotFont.For([.. matrix.ClassNames, title]);
        using var panel = new Panel(face, title, "predicted", "true");
        panel.Plot.HideGrid();
        AddNames(panel, matrix.ClassNames, w);
        double cell = Math.Min((w - Margin) / (double)classes, (h - Margin) / (double)classes);
        int largest = Enumerable.Range(0, classes).Max(r => Enumerable.Range(0, classes).Max(c => matrix[r, c]));
        panel.Plot.DataBackground.Color = Shade(0);
        for (int r = 0; r < classes; r++)
        {
            for (int c = 0; c < classes; c++)
            {
                // With very many cells, most are empty, and too small for borders.
                if (matrix[r, c] == 0 && cell <= LeastLined) continue;
                AddCell(panel, matrix, r, c, normalize ? matrix.Share(r, c) : matrix[r, c] / (double)largest, normalize,
                    cell);
            }
        }
        panel.Plot.Axes.SetLimits(-0.5, classes - 0.5, -0.5, classes - 0.5);
        file.Write(w, h, canvas => panel.Draw(canvas, 0, 0, w, h));
    }

    /// <summary>Adds a cell; the first row is at the top.</summary>
    static void AddCell(Panel panel, ConfusionMatrix matrix, int row, int column, double shade, bool normalize,
        double cell)
    {
        Color color = Shade(shade);
        int y = matrix.ClassNames.Count - 1 - row;
        var place = panel.Plot.Add.Rectangle(column - 0.5, column + 0.5, y - 0.5, y + 0.5);
        (place.FillColor, place.LineColor, place.LineWidth) = (color, Colors.White, cell > LeastLined ? 1 : 0);

        string count = matrix[row, column].ToString(CultureInfo.InvariantCulture);
        string share = matrix.Share(row, column).ToString("0.0%", CultureInfo.InvariantCulture);
        string[] lines = matrix[row, column] == 0 ? ["0"] : normalize ? [share, count] : [count, share];
        double size = Math.Min(LargestFont, Math.Min(cell * 0.3, cell * 0.9 / (0.62 * lines.Max(l => l.Length))));
        if (size < LeastFont && lines.Length > 1)
        {
            // There is space for at most one of the two.
            lines = lines[..1];
            size = Math.Min(LargestFont, Math.Min(cell * 0.6, cell * 0.9 / (0.62 * lines[0].Length)));
        }
        if (size < LeastFont) return;
        double half = lines.Length > 1 ? size * 0.62 / cell : 0;
        foreach ((int index, string line) in lines.Index())
        {
            float lineSize = (float)(index == 0 ? size : size * 0.85);
            panel.Text(line, column, y + (index == 0 ? half : -half), lineSize, Colours.TextOn(color),
                Alignment.MiddleCenter);
        }
    }

    /// <summary>A shade that is neither fully white nor fully dark.</summary>
    static Color Shade(double share) => Colours.Blue(0.04 + 0.9 * share);

    static void AddNames(Panel panel, IReadOnlyList<string> classNames, int width)
    {
        string[] names = [.. classNames.Select(n => Shortened(n.ReplaceLineEndings(" ")))];
        LabelStyle style = panel.Plot.Axes.Bottom.TickLabelStyle;
        double cell = (width - Margin) / (double)names.Length,
            longest = names.Max(n => panel.Face.Width(n, style.FontSize));
        // If there are more classes than lines of text, only some names are shown.
        int step = (int)Math.Max(1, Math.Ceiling(style.FontSize * 1.3 / Math.Max(0.01, cell)));
        int[] shown = [.. Enumerable.Range(0, names.Length).Where(i => i % step == 0)];
        panel.Plot.Axes.Bottom.SetTicks([.. shown.Select(i => (double)i)], [.. shown.Select(i => names[i])]);
        panel.Plot.Axes.Left.SetTicks([.. shown.Select(i => (double)names.Length - 1 - i)],
            [.. shown.Select(i => names[i])]);
        panel.Plot.Axes.Bottom.MajorTickStyle.Length = panel.Plot.Axes.Left.MajorTickStyle.Length = 0;
        if (longest <= cell * step * 0.92) return;
        style.Rotation = -90;
        style.Alignment = Alignment.MiddleRight;
        // The axis measures texts as if they were horizontal.
        panel.Plot.Axes.Bottom.MinimumSize = (float)longest + 34;
    }

    static string Shortened(string name)
    {
        var letters = new StringInfo(name);
        return letters.LengthInTextElements <= LongestName ? name
            : $"{letters.SubstringByTextElements(0, LongestName - 1)}…";
    }
}
