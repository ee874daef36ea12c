using System.Globalization;
using System.Text;

namespace Microsoft.ML.KerasSequential.Utils;

/// <summary>A diagram as a Mermaid flowchart.</summary>
internal sealed class MermaidText(bool showShapes, bool showLayerNames)
{
    readonly StringBuilder _nodes = new(), _arrows = new();
    int _boxes, _groups;

    public string Of(Diagram diagram, string direction)
    {
        Write(diagram, [], depth: 1);
        // Arrows come after all frames, because an arrow within a frame would pull both of its ends into it.
        return $"flowchart {direction}\n{_nodes}{_arrows}";
    }

    /// <summary>Writes a part.</summary>
    /// <param name="part">The part.</param>
    /// <param name="from">The boxes whose outputs it takes.</param>
    /// <param name="depth">The indentation depth: the enclosing frames, plus one for the flowchart itself.</param>
    /// <returns>The boxes that its output comes from.</returns>
    IReadOnlyList<string> Write(Diagram part, IReadOnlyList<string> from, int depth)
    {
        switch (part)
        {
            case Diagram.Box box:
                string id = $"n{_boxes++}";
                Line(_nodes, depth, $"{id}[\"{Text(box)}\"]");
                foreach (string source in from) Line(_arrows, 1, $"{source} --> {id}");
                return [id];
            case Diagram.Chain chain:
                return chain.Parts.Aggregate(from, (ends, inner) => Write(inner, ends, depth));
            case Diagram.Fork fork:
                string[] ways = [.. fork.Ways.SelectMany(way => Write(way, from, depth)).Distinct()];
                return Write(fork.Merge, ways, depth);
            case Diagram.Group group:
                Line(_nodes, depth, $"subgraph g{_groups++}[\"{Escaped(group.Name)}\"]");
                IReadOnlyList<string> inside = Write(group.Inside, from, depth + 1);
                Line(_nodes, depth, "end");
                return inside;
            default:
                throw new ArgumentException($"Unknown part {part}.", nameof(part));
        }
    }

    string Text(Diagram.Box box)
    {
        string label = Escaped(box.Label(showLayerNames));
        return showShapes ? $"{label}<br/>input: {Escaped(box.Input)}<br/>output: {Escaped(box.Output)}" : label;
    }

    static void Line(StringBuilder text, int depth, string line) =>
        text.Append(' ', 4 * depth).Append(line).Append('\n');

    /// <summary>Escapes characters that are special in Mermaid, Markdown or HTML, by their code.</summary>
    static string Escaped(string text)
    {
        var escaped = new StringBuilder();
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool isPlain = Rune.IsLetterOrDigit(rune)
                || " -_.,:()[]/+=".Contains(rune.ToString(), StringComparison.Ordinal);
            if (isPlain) escaped.Append(rune);
            else if (Rune.IsControl(rune)) escaped.Append(' ');
            else escaped.Append(CultureInfo.InvariantCulture, $"#{rune.Value};");
        }
        return escaped.ToString();
    }
}
