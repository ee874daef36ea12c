using System.Text;
using System.Xml.Linq;
using Microsoft.ML.KerasSequential.Plots.Diagrams;

namespace Microsoft.ML.KerasSequential.Interactive.Drawing;

/// <summary>A model as boxes with their shapes; models in models, and blocks with several ways, in frames.</summary>
internal static class ModelDrawing
{
    /// <summary>The width of a letter, as a share of its height: generous, since no font is known here.</summary>
    const double Narrow = 0.6, Wide = 1.05;

    public static XElement Draw(Sequential model)
    {
        var layout = new DiagramLayout(model.Diagram(expandNested: true), Width, showShapes: true, showLayerNames: true,
            isDownward: true);
        var surface = new SvgDiagram();
        DiagramPainter.Paint(layout, surface);
        return Svg.Drawing(layout.Width, layout.Height, $"The layers of {ModelView.Brief(model)}", surface.Parts);
    }

    /// <summary>About how wide a text is.</summary>
    static double Width(string text, double size) =>
        size * text.EnumerateRunes().Sum(letter => IsWide(letter) ? Wide : Narrow);

    /// <summary>Whether a letter fills a square, as Chinese, Japanese, Korean and pictures do.</summary>
    static bool IsWide(Rune letter) => letter.Value is >= 0x1100 and <= 0x115F or >= 0x2E80 and <= 0xD7A3
        or >= 0xF900 and <= 0xFAFF or >= 0xFE30 and <= 0xFE6F or >= 0xFF00 and <= 0xFF60 or > 0xFFFF;
}
