using System.Globalization;
using System.Text;
using System.Xml;
using Microsoft.ML.KerasSequential.Plots.Drawing;

namespace Microsoft.ML.KerasSequential.Plots.Diagrams;

/// <summary>Draws diagrams as SVG, in which text stays text.</summary>
internal sealed class SvgSurface : IDiagramSurface, IDisposable
{
    const string Svg = "http://www.w3.org/2000/svg", Ink = "#222222", Faint = "#767676", Fill = "#EAF2F8";

    readonly StringBuilder _text = new();
    readonly XmlWriter _xml;

    public SvgSurface(double width, double height, double scale, string fontFamily)
    {
        _xml = XmlWriter.Create(_text, new() { Indent = true, OmitXmlDeclaration = true, NewLineChars = "\n" });
        _xml.WriteStartElement("svg", Svg);
        Attributes(("width", Number(width * scale)), ("height", Number(height * scale)),
            ("viewBox", $"0 0 {Number(width)} {Number(height)}"),
            ("font-family", PictureFile.Families(fontFamily)));
        Element("rect", ("width", Number(width)), ("height", Number(height)), ("fill", "#FFFFFF"));
    }

    public void Box(double x, double y, double width, double height, bool isFilled) =>
        Element("rect", ("x", Number(x)), ("y", Number(y)), ("width", Number(width)),
        ("height", Number(height)), ("fill", isFilled ? Fill : "#FFFFFF"), ("stroke", Ink));

    public void Frame(double x, double y, double width, double height) =>
        Element("rect", ("x", Number(x)), ("y", Number(y)), ("width", Number(width)),
        ("height", Number(height)), ("fill", "none"), ("stroke", Faint), ("stroke-dasharray", "6 4"), ("rx", "4"));

    public void Line(IReadOnlyList<(double X, double Y)> points) =>
        Element("polyline", ("points", Points(points)), ("fill", "none"), ("stroke", Ink));

    public void Head(IReadOnlyList<(double X, double Y)> corners) =>
        Element("polygon", ("points", Points(corners)), ("fill", Ink));

    public void Text(string text, double x, double middle, double size, bool isCentred)
    {
        _xml.WriteStartElement("text", Svg);
        Attributes(("x", Number(x)), ("y", Number(middle + size * 0.35)), ("font-size", Number(size)), ("fill", Ink));
        if (isCentred) Attributes(("text-anchor", "middle"));
        _xml.WriteString(PictureFile.Xml(text));
        _xml.WriteEndElement();
    }

    /// <summary>Finishes the image.</summary>
    public string Finish()
    {
        _xml.WriteEndElement();
        _xml.Flush();
        return $"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n{_text}\n";
    }

    public void Dispose() => _xml.Dispose();

    void Element(string name, params (string Name, string Value)[] attributes)
    {
        _xml.WriteStartElement(name, Svg);
        Attributes(attributes);
        _xml.WriteEndElement();
    }

    void Attributes(params (string Name, string Value)[] attributes)
    {
        foreach ((string name, string value) in attributes) _xml.WriteAttributeString(name, value);
    }

    static string Points(IEnumerable<(double X, double Y)> points) =>
        string.Join(" ", points.Select(p => $"{Number(p.X)},{Number(p.Y)}"));

    static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
