using System.Globalization;
using Microsoft.ML.KerasSequential.Plots.Drawing;
using ScottPlot;

#pragma warning disable CS1573 // Parameters without documentation inherit it.

namespace Microsoft.ML.KerasSequential.Plots;

/// <summary>Plots ROC and precision–recall curves.</summary>
public static class CurvePlot
{
    const double Room = 0.02, Nearest = 0.0005;
    const int MostInside = 5;

    /// <summary>Draws ROC curves, with the area under each in the legend and the diagonal of random scores.</summary>
    /// <param name="curves">The curves, as from <see cref="RocCurve.Of"/>, or of several models.</param>
    /// <param name="path">The file: <c>.png</c>, <c>.svg</c>, <c>.jpg</c> or <c>.webp</c>. Its folder is created if
    /// necessary.</param>
    /// <param name="title">The title.</param>
    /// <param name="width">The width in pixels.</param>
    /// <param name="height">The height in pixels.</param>
    /// <exception cref="ArgumentException">There are no curves, the extension is unknown, or a size is out of
    /// range.</exception>
    /// <exception cref="IOException">The file cannot be written; the existing file stays unchanged.</exception>
    public static void Plot(this IEnumerable<RocCurve> curves, string path, string title = "ROC", int width = 700,
        int height = 560)
    {
        ArgumentNullException.ThrowIfNull(curves);
        Write([.. curves.Select(c => new Line(Legend(c.Name, "AUC", c.Area), c.FalsePositiveRate, c.TruePositiveRate))],
            isStepped: false, path, title, "false positive rate", "true positive rate", Alignment.LowerRight,
            nameof(curves), width, height);
    }

    /// <summary>Draws precision–recall curves, with the average precision of each in the legend.</summary>
    /// <param name="curves">The curves, as from <see cref="PrecisionRecallCurve.Of"/>, or of several models.</param>
    /// <param name="path">The file: <c>.png</c>, <c>.svg</c>, <c>.jpg</c> or <c>.webp</c>. Its folder is created if
    /// necessary.</param>
    /// <param name="title">The title.</param>
    /// <param name="width">The width in pixels.</param>
    /// <param name="height">The height in pixels.</param>
    /// <exception cref="ArgumentException">There are no curves, the extension is unknown, or a size is out of
    /// range.</exception>
    /// <exception cref="IOException">The file cannot be written; the existing file stays unchanged.</exception>
    public static void Plot(this IEnumerable<PrecisionRecallCurve> curves, string path,
        string title = "Precision and recall", int width = 700, int height = 560)
    {
        ArgumentNullException.ThrowIfNull(curves);
        Write([.. curves.Select(c => new Line(Legend(c.Name, "AP", c.AveragePrecision), c.Recall, c.Precision))],
            isStepped: true, path, title, "recall", "precision", Alignment.LowerLeft, nameof(curves), width, height);
    }

    /// <inheritdoc cref="Plot(IEnumerable{RocCurve}, string, string, int, int)"/>
    /// <param name="curve">The curve.</param>
    public static void Plot(this RocCurve curve, string path, string title = "ROC", int width = 700,
        int height = 560) =>
        new[] { curve ?? throw new ArgumentNullException(nameof(curve)) }.Plot(path, title, width, height);

    /// <inheritdoc cref="Plot(IEnumerable{PrecisionRecallCurve}, string, string, int, int)"/>
    /// <param name="curve">The curve.</param>
    public static void Plot(this PrecisionRecallCurve curve, string path, string title = "Precision and recall",
        int width = 700, int height = 560) =>
        new[] { curve ?? throw new ArgumentNullException(nameof(curve)) }.Plot(path, title, width, height);

    static string Legend(string name, string measure, double value)
    {
        string number = value.ToString("0.000", CultureInfo.InvariantCulture);
        return name.Length == 0 ? $"{measure} = {number}" : $"{name} ({measure} = {number})";
    }

    static void Write(Line[] lines, bool isStepped, string path, string title, string xLabel, string yLabel,
        Alignment legend, string parameter, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(title);
        var file = PictureFile.At(path);
        if (lines.Length == 0) throw new ArgumentException("There are no curves.", parameter);
        _ = (PictureFile.Side(width, nameof(width)), PictureFile.Side(height, nameof(height)));
        Face face = PlotFont.For([.. lines.Select(l => l.Name), title]);
        using var panel = new Panel(face, title, xLabel, yLabel);
        if (!isStepped)
        {
            var chance = panel.Plot.Add.Line(0, 0, 1, 1);
            (chance.LineColor, chance.LinePattern, chance.LineWidth) = (Colours.Faint, LinePattern.Dotted, 1.5f);
        }
        foreach ((int index, Line line) in lines.Index())
        {
            var drawn = panel.Plot.Add.ScatterLine(line.Points(isStepped).ToArray(), Colours.Of(index));
            (drawn.LineWidth, drawn.LinePattern, drawn.LegendText) = (2, Colours.Line(index), line.Name);
        }
        panel.Plot.Axes.SetLimits(-Room, 1 + Room, -Room, 1 + Room);
        // With many curves, no corner is free.
        if (lines.Length <= MostInside) panel.Plot.ShowLegend(legend);
        else panel.Plot.ShowLegend(Edge.Right).Padding = new(4, 8, 0, 0);
        file.Write(width, height, canvas => panel.Draw(canvas, 0, 0, width, height));
    }

    sealed record Line(string Name, IReadOnlyList<double> X, IReadOnlyList<double> Y)
    {
        /// <summary>The points, without those that are visually indistinguishable.</summary>
        public IEnumerable<Coordinates> Points(bool isStepped)
        {
            Coordinates last = new(X[0], Y[0]);
            yield return last;
            for (int i = 1; i < X.Count; i++)
            {
                bool isSeen = i == X.Count - 1 || Math.Abs(X[i] - last.X) > Nearest
                    || Math.Abs(Y[i] - last.Y) > Nearest;
                if (!isSeen) continue;
                // A precision applies from the previous recall to its own.
                if (isStepped) yield return new(last.X, Y[i]);
                yield return last = new(X[i], Y[i]);
            }
        }
    }
}
