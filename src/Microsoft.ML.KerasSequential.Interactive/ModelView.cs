using System.Xml.Linq;
using Microsoft.ML.KerasSequential.Interactive.Drawing;

namespace Microsoft.ML.KerasSequential.Interactive;

/// <summary>A model: a diagram of its layers, and its summary.</summary>
internal static class ModelView
{
    public static string Brief(Sequential model) =>
        $"{model.Name} (Sequential), {model.Layers.Count} {(model.Layers.Count == 1 ? "layer" : "layers")}";

    public static string Text(Sequential model) => model.Built ? $"{model.SummaryTable()}"
        : string.Join(Environment.NewLine,
            (string[])[$"{Brief(model)}, not built yet", .. model.Layers.Select(LayerView.Brief)]);

    public static XElement Html(Sequential model)
    {
        if (!model.Built)
            return Markup.Element("div",
                Markup.Element("div", $"{Brief(model)}, not built yet: the shapes follow from the data"),
                Markup.Element("ol", model.Layers.Select(layer => Markup.Element("li", LayerView.Brief(layer)))));
        return Markup.Element("div",
            Markup.Element("div",
                Markup.Attribute("style", "max-height:640px;overflow:auto"), ModelDrawing.Draw(model)),
            Markup.Element("details", Markup.Element("summary", "Summary"), SummaryView.Html(model.SummaryTable())));
    }
}
