using System.Globalization;
using System.Xml.Linq;

namespace Microsoft.ML.KerasSequential.Interactive.Drawing;

/// <summary>Parts of a drawing. Its lines and letters have the colour of the text around it, light or dark.</summary>
internal static class Svg
{
    public const string Ink = "currentColor";

    static readonly XNamespace s_svg = "http://www.w3.org/2000/svg";

    /// <summary>A drawing.</summary>
    /// <param name="width">Its width in pixels.</param>
    /// <param name="height">Its height in pixels.</param>
    /// <param name="title">What a reader of the screen says.</param>
    /// <param name="parts">What is drawn, the undermost first.</param>
    public static XElement Drawing(double width, double height, string title, IEnumerable<XElement> parts) =>
        Element("svg", [
            ("width", Number(width)), ("height", Number(height)), ("viewBox", $"0 0 {Number(width)} {Number(height)}"),
            ("role", "img"), ("font-family", "system-ui, sans-serif"), ("font-size", "11"),
        ], [Element("title", [], Markup.Text(title)), .. parts]);

    public static XElement Element(
        string name, IEnumerable<(string Name, string Value)> attributes, params object[] content) =>
        new(s_svg + name, attributes.Select(a => Markup.Attribute(a.Name, a.Value)), content);

    /// <summary>A text whose baseline is at a height.</summary>
    /// <param name="text">The text.</param>
    /// <param name="x">Where it stands: its start, middle or end.</param>
    /// <param name="y">The baseline.</param>
    /// <param name="anchor"><c>start</c>, <c>middle</c> or <c>end</c>.</param>
    /// <param name="size">The size of its letters, if it is not the drawing's.</param>
    public static XElement Text(string text, double x, double y, string anchor, double? size = null) =>
        Element("text", [
            ("x", Number(x)), ("y", Number(y)), ("text-anchor", anchor), ("fill", Ink),
            .. size is { } own ? [("font-size", Number(own))] : Array.Empty<(string, string)>(),
        ], Markup.Text(text));

    public static XElement Line(double x1, double y1, double x2, double y2, string colour, double opacity = 1) =>
        Element("line", [
            ("x1", Number(x1)), ("y1", Number(y1)), ("x2", Number(x2)), ("y2", Number(y2)), ("stroke", colour),
            ("stroke-opacity", Number(opacity)),
        ]);

    public static string Points(IEnumerable<(double X, double Y)> points) =>
        string.Join(" ", points.Select(p => $"{Number(p.X)},{Number(p.Y)}"));

    public static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
