using Microsoft.ML.KerasSequential.Utils;

namespace Microsoft.ML.KerasSequential.Plots.Diagrams;

/// <summary>The layout of the parts of a diagram. Positions are measured along the data flow, and across it.</summary>
internal sealed class DiagramLayout
{
    public const double FontSize = 14, TitleSize = 13, CellRoom = 10, LineHeight = 22;
    const double Gap = 34, WayGap = 22, FrameRoom = 14, TitleHeight = 24, PassingWidth = 14, SplitRoom = 20,
        Margin = 12;

    readonly Func<string, double, double> _measure;
    readonly bool _showShapes, _showLayerNames, _isDownward;
    readonly Dictionary<Diagram, (double Along, double Across)> _sizes = new(ReferenceEqualityComparer.Instance);
    readonly List<Placed> _boxes = [];
    readonly List<Frame> _frames = [];
    readonly List<Way> _ways = [];

    /// <param name="diagram">The diagram.</param>
    /// <param name="measure">Measures the width of a text at a size.</param>
    /// <param name="showShapes">Whether boxes show shapes.</param>
    /// <param name="showLayerNames">Whether boxes show names.</param>
    /// <param name="isDownward">Whether the data flows down; otherwise to the right.</param>
    public DiagramLayout(Diagram diagram, Func<string, double, double> measure, bool showShapes, bool showLayerNames,
        bool isDownward)
    {
        (_measure, _showShapes, _showLayerNames, _isDownward) = (measure, showShapes, showLayerNames, isDownward);
        (double along, double across) = Size(diagram);
        Place(diagram, Margin, Margin + across / 2, []);
        (Width, Height) = Turned(along + 2 * Margin, across + 2 * Margin);
    }

    public double Width { get; }

    public double Height { get; }

    public IReadOnlyList<Placed> Boxes => _boxes;

    public IReadOnlyList<Frame> Frames => _frames;

    public IReadOnlyList<Way> Ways => _ways;

    /// <summary>A box: its upper left corner and its cells.</summary>
    /// <param name="X">The left edge.</param>
    /// <param name="Y">The upper edge.</param>
    /// <param name="Cells">The columns: a width and one text, or two with a line between them.</param>
    /// <param name="Height">The height.</param>
    public sealed record Placed(double X, double Y, IReadOnlyList<(double Width, IReadOnlyList<string> Texts)> Cells,
        double Height)
    {
        public double Width => Cells.Sum(c => c.Width);
    }

    /// <summary>The frame of a nested model.</summary>
    public sealed record Frame(double X, double Y, double Width, double Height, string Name);

    /// <summary>A line, with an arrowhead if it leads to a box, and without one if it leads to a fork.</summary>
    public sealed record Way(IReadOnlyList<(double X, double Y)> Points, bool HasHead);

    (double Along, double Across) Size(Diagram part)
    {
        if (_sizes.TryGetValue(part, out (double, double) known)) return known;
        return _sizes[part] = part switch
        {
            Diagram.Box box => Turned(Cells(box).Sum(c => c.Width), BoxHeight),
            Diagram.Chain { Parts.Count: 0 } => (0, PassingWidth),
            Diagram.Chain chain => (chain.Parts.Sum(p => Size(p).Along) + Gap * (chain.Parts.Count - 1),
                chain.Parts.Max(p => Size(p).Across)),
            Diagram.Fork fork => (SplitRoom + fork.Ways.Max(w => Size(w).Along) + Gap + Size(fork.Merge).Along,
                Math.Max(Size(fork.Merge).Across, fork.Ways.Sum(w => Size(w).Across) + WayGap * (fork.Ways.Count - 1))),
            Diagram.Group group => Framed(group),
            _ => throw new ArgumentException($"Unknown part {part}.", nameof(part)),
        };
    }

    /// <summary>The size of the inner part, with space around it and for the name above it.</summary>
    (double Along, double Across) Framed(Diagram.Group group)
    {
        (double along, double across) = Size(group.Inside);
        double name = _measure(group.Name, TitleSize) + 2 * CellRoom;
        // In downward diagrams, the arrow enters next to the name.
        return _isDownward ? (along + 2 * FrameRoom + TitleHeight, Math.Max(across + 2 * FrameRoom, 2 * name))
            : (Math.Max(along + 2 * FrameRoom, name), across + 2 * FrameRoom + TitleHeight);
    }

    double BoxHeight => _showShapes ? 2 * LineHeight : LineHeight + CellRoom;

    (double Width, IReadOnlyList<string> Texts)[] Cells(Diagram.Box box)
    {
        (double Width, IReadOnlyList<string> Texts) Cell(params string[] texts) =>
            (texts.Max(t => _measure(t, FontSize)) + 2 * CellRoom, texts);
        string label = box.Label(_showLayerNames);
        return _showShapes ? [Cell(label), Cell("input:", "output:"), Cell(box.Input, box.Output)] : [Cell(label)];
    }

    /// <summary>Places a part after others.</summary>
    /// <param name="part">The part.</param>
    /// <param name="start">The start of the part.</param>
    /// <param name="middle">The center across the flow.</param>
    /// <param name="from">The lines that lead to it so far.</param>
    /// <returns>The lines that lead out of it.</returns>
    List<List<(double X, double Y)>> Place(Diagram part, double start, double middle,
        List<List<(double X, double Y)>> from)
    {
        (double along, double across) = Size(part);
        switch (part)
        {
            case Diagram.Box box:
                (double x, double y) = Turned(start, middle - across / 2);
                _boxes.Add(new(x, y, Cells(box), BoxHeight));
                _ways.AddRange(from.Select(line => new Way(To(line, start, middle), HasHead: true)));
                return [[Turned(start + along, middle)]];
            case Diagram.Chain { Parts.Count: 0 }:
                return from;
            case Diagram.Chain chain:
                foreach (Diagram inner in chain.Parts)
                {
                    from = Place(inner, start, middle, from);
                    start += Size(inner).Along + Gap;
                }
                return from;
            case Diagram.Fork fork:
                return Place(fork, start, middle, from);
            case Diagram.Group group:
                (double left, double top) = Turned(start, middle - across / 2);
                (double width, double height) = Turned(along, across);
                _frames.Add(new(left, top, width, height, group.Name));
                (double inside, double off) = _isDownward ? (FrameRoom + TitleHeight, 0) : (FrameRoom, TitleHeight / 2);
                return Place(group.Inside, start + inside, middle + off, from);
            default:
                throw new ArgumentException($"Unknown part {part}.", nameof(part));
        }
    }

    /// <summary>Places parallel paths side by side. Lines run straight next to other paths, and slant only before the
    /// first and after the last box.</summary>
    List<List<(double X, double Y)>> Place(
        Diagram.Fork fork, double start, double middle, List<List<(double X, double Y)>> from)
    {
        foreach (List<(double X, double Y)> line in from) _ways.Add(new(To(line, start, middle), HasHead: false));
        (double X, double Y) parting = Turned(start, middle);
        start += SplitRoom;
        double end = start + fork.Ways.Max(w => Size(w).Along);
        double at = middle - (fork.Ways.Sum(w => Size(w).Across) + WayGap * (fork.Ways.Count - 1)) / 2;
        var ends = new List<List<(double X, double Y)>>();
        foreach (Diagram way in fork.Ways)
        {
            double own = at + Size(way).Across / 2;
            at += Size(way).Across + WayGap;
            ends.AddRange(Place(way, start, own, [To([parting], start, own)]).Select(line => To(line, end, own)));
        }
        return Place(fork.Merge, end + Gap, middle, ends);
    }

    /// <summary>Extends a line to a position, if it does not end there.</summary>
    List<(double X, double Y)> To(List<(double X, double Y)> line, double along, double across)
    {
        (double X, double Y) next = Turned(along, across);
        bool isThere = Math.Abs(line[^1].X - next.X) + Math.Abs(line[^1].Y - next.Y) < 0.01;
        return isThere ? line : [.. line, next];
    }

    /// <summary>Converts along and across to right and down, and back.</summary>
    (double X, double Y) Turned(double along, double across) => _isDownward ? (across, along) : (along, across);
}
