using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace Microsoft.ML.KerasSequential.Interactive;

/// <summary>Elements of HTML and SVG, which escape their texts by themselves.</summary>
internal static class Markup
{
    const char Replacement = '\uFFFD';

    /// <summary>An element.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="content">Attributes, elements and texts. An element without content has an end tag all the same,
    /// since HTML reads <c>&lt;td /&gt;</c> as a start alone.</param>
    public static XElement Element(string name, params IEnumerable<object?> content)
    {
        var element = new XElement(name, content.Select(part => part is string text ? Text(text) : part));
        if (element.IsEmpty) element.Value = "";
        return element;
    }

    public static XAttribute Attribute(string name, string value) => new(name, Text(value));

    /// <summary>A table under a heading, whose first column heads the rows.</summary>
    /// <param name="caption">The heading; empty for none.</param>
    /// <param name="columns">The heads of all columns.</param>
    /// <param name="rows">The texts of the rows.</param>
    public static XElement Table(
        string caption, IEnumerable<string> columns, IEnumerable<IReadOnlyList<string>> rows) =>
        Element("table",
            Attribute("style", "text-align:right;color:inherit;border-spacing:8px 2px"),
            caption.Length == 0 ? null : Element("caption", caption),
            Element("thead", Element("tr", columns.Select(c => Head(c, "col")))),
            Element("tbody", rows.Select(row =>
                Element("tr", [Head(row[0], "row"), .. row.Skip(1).Select(cell => Element("td", cell))]))));

    static XElement Head(string text, string scope) => Element("th", Attribute("scope", scope), text);

    /// <summary>A number with six digits, as all languages of the machine write it.</summary>
    public static string Number(double value) => value.ToString("G6", CultureInfo.InvariantCulture);

    /// <summary>A text without what XML has no form for.</summary>
    public static string Text(string text)
    {
        if (text.All(c => XmlConvert.IsXmlChar(c))) return text;
        var allowed = new StringBuilder(text.Length);
        // Half a surrogate pair becomes the replacement too.
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool isAllowed = !rune.IsBmp || XmlConvert.IsXmlChar((char)rune.Value);
            if (isAllowed) allowed.Append(rune);
            else allowed.Append(Replacement);
        }
        return allowed.ToString();
    }
}
