using System.Xml.Linq;
using Microsoft.ML.KerasSequential.Plots.Diagrams;

namespace Microsoft.ML.KerasSequential.Interactive.Drawing;

/// <summary>Collects the parts of a diagram.</summary>
internal sealed class SvgDiagram : IDiagramSurface
{
    readonly List<XElement> _parts = [];

    public IReadOnlyList<XElement> Parts => _parts;

    public void Box(double x, double y, double width, double height, bool isFilled) => Rectangle(x, y, width, height,
        ("fill", Svg.Ink), ("fill-opacity", isFilled ? "0.1" : "0"), ("stroke", Svg.Ink));

    public void Frame(double x, double y, double width, double height) => Rectangle(x, y, width, height,
        ("fill", "none"), ("stroke", Svg.Ink), ("stroke-opacity", "0.6"), ("stroke-dasharray", "6 4"), ("rx", "4"));

    public void Line(IReadOnlyList<(double X, double Y)> points) => _parts.Add(Svg.Element("polyline",
        [("points", Svg.Points(points)), ("fill", "none"), ("stroke", Svg.Ink)]));

    public void Head(IReadOnlyList<(double X, double Y)> corners) => _parts.Add(Svg.Element("polygon",
        [("points", Svg.Points(corners)), ("fill", Svg.Ink)]));

    public void Text(string text, double x, double middle, double size, bool isCentred) =>
        _parts.Add(Svg.Text(text, x, middle + size * 0.35, isCentred ? "middle" : "start", size));

    void Rectangle(double x, double y, double width, double height, params IEnumerable<(string, string)> look) =>
        _parts.Add(Svg.Element("rect", [
            ("x", Svg.Number(x)), ("y", Svg.Number(y)), ("width", Svg.Number(width)), ("height", Svg.Number(height)),
            .. look,
        ]));
}
