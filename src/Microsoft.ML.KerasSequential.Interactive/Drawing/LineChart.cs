using System.Xml.Linq;

namespace Microsoft.ML.KerasSequential.Interactive.Drawing;

/// <summary>Values over epochs, as lines. Where a value is missing, NaN or infinite, a line has a gap.</summary>
internal static class LineChart
{
    const double Width = 380, Height = 250, Left = 58, Right = 12, Top = 46, Bottom = 36, Tick = 4;
    const double Legend = 34, Sample = 22;
    const int MostMarked = 25;
    const string Dashes = "6 3";

    /// <summary>The lines' colours, which stand out from white and from black alike.</summary>
    internal static IReadOnlyList<string> Colours { get; } = ["#2F7FD1", "#D2691E", "#2E9E5B", "#B35CC4"];

    /// <summary>Draws values of one kind.</summary>
    /// <param name="title">What stands above.</param>
    /// <param name="epochs">The epochs, counted from 0; shown from 1.</param>
    /// <param name="lines">The name of each line, and its value in each epoch.</param>
    public static XElement Draw(string title, IReadOnlyList<int> epochs,
        IReadOnlyList<(string Name, IReadOnlyList<double?> Values)> lines)
    {
        (double X, double Y)[][] pieces = [.. lines.SelectMany(line => Pieces(epochs, line.Values))];
        double[] values = [.. pieces.SelectMany(p => p).Select(p => p.Y)];
        Axis x = Axis.OfEpochs(epochs[0] + 1, epochs[^1] + 1, Left, Width - Right);
        Axis y = Axis.Of(values, Height - Bottom, Top);
        return Svg.Drawing(Width, Height, Told(title, lines), [
            Svg.Text(title, Left, 16, "start", 13),
            .. LegendOf(lines),
            .. Grid(x, y),
            .. lines.Index().SelectMany(line =>
                Drawn(Pieces(epochs, line.Item.Values), line.Index, epochs.Count, x, y)),
            .. values.Length == 0
                ? [Svg.Text("no finite values", (Left + Width - Right) / 2, (Top + Height - Bottom) / 2, "middle")]
                : Array.Empty<XElement>(),
        ]);
    }

    /// <summary>The chart in words: where each line begins and ends.</summary>
    static string Told(string title, IReadOnlyList<(string Name, IReadOnlyList<double?> Values)> lines) =>
        $"{title} by epoch: {string.Join("; ", lines.Select(line => line.Values.OfType<double>().ToArray() switch
        {
            [] => $"{line.Name} without values",
            [double only] => $"{line.Name} {Markup.Number(only)}",
            [double first, .., double last] => $"{line.Name} from {Markup.Number(first)} to {Markup.Number(last)}",
        }))}";

    static IEnumerable<XElement> LegendOf(IReadOnlyList<(string Name, IReadOnlyList<double?> Values)> lines)
    {
        double room = (Width - Left - Right) / lines.Count;
        foreach ((int index, (string name, _)) in lines.Index())
        {
            double at = Left + index * room;
            yield return Stroke([(at, Legend - 4), (at + Sample, Legend - 4)], index);
            yield return Svg.Text(name, at + Sample + Tick, Legend, "start");
        }
    }

    static IEnumerable<XElement> Grid(Axis x, Axis y)
    {
        (double floor, double end) = (Height - Bottom, Width - Right);
        foreach ((double value, string text) in y.Ticks)
        {
            double at = y.Place(value);
            yield return Svg.Line(Left, at, end, at, Svg.Ink, 0.15);
            yield return Svg.Text(text, Left - Tick, at + Tick, "end");
        }
        foreach ((double value, string text) in x.Ticks)
        {
            double at = x.Place(value);
            yield return Svg.Line(at, floor, at, floor + Tick, Svg.Ink, 0.6);
            yield return Svg.Text(text, at, floor + 16, "middle");
        }
        yield return Svg.Line(Left, floor, end, floor, Svg.Ink, 0.6);
        yield return Svg.Text("epoch", (Left + end) / 2, Height - 6, "middle");
    }

    static IEnumerable<XElement> Drawn(IEnumerable<(double X, double Y)[]> pieces, int line, int epochs, Axis x, Axis y)
    {
        foreach ((double X, double Y)[] piece in pieces)
        {
            (double X, double Y)[] places = [.. piece.Select(p => (x.Place(p.X), y.Place(p.Y)))];
            if (piece.Length > 1) yield return Stroke(places, line);
            if (piece.Length > 1 && epochs > MostMarked) continue;
            foreach (((double epoch, double value), (double left, double top)) in piece.Zip(places))
                yield return Svg.Element("circle",
                    [("cx", Svg.Number(left)), ("cy", Svg.Number(top)), ("r", "3"), ("fill", Colour(line))],
                    Svg.Element("title", [], $"epoch {Svg.Number(epoch)}: {Markup.Number(value)}"));
        }
    }

    static XElement Stroke(IEnumerable<(double X, double Y)> places, int line) => Svg.Element("polyline", [
        ("points", Svg.Points(places)), ("fill", "none"), ("stroke", Colour(line)), ("stroke-width", "2"),
        .. line % 2 == 1 ? [("stroke-dasharray", Dashes)] : Array.Empty<(string, string)>(),
    ]);

    static string Colour(int line) => Colours[line % Colours.Count];

    /// <summary>The parts of a line between its gaps.</summary>
    static IEnumerable<(double X, double Y)[]> Pieces(IReadOnlyList<int> epochs, IReadOnlyList<double?> values)
    {
        var piece = new List<(double, double)>();
        foreach ((int epoch, double? value) in epochs.Zip(values))
        {
            if (value is { } known && Axis.CanPlace(known))
            {
                piece.Add((epoch + 1, known));
                continue;
            }
            if (piece.Count > 0) yield return [.. piece];
            piece.Clear();
        }
        if (piece.Count > 0) yield return [.. piece];
    }
}
