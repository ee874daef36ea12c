using System.Globalization;
using System.Xml.Linq;
using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.Interactive;

/// <summary>A layer: its class, shapes and weights.</summary>
internal static class LayerView
{
    const string Unknown = "multiple", Unbuilt = "not built yet";

    public static string Brief(Layer layer) => $"{layer.Name} ({layer.ClassName})";

    /// <summary>The shape of the output as Keras' summary prints it.</summary>
    public static string Output(Layer layer) => layer.OutputShape?.ToString() ?? Unknown;

    public static string Text(Layer layer) => $"{Brief(layer)}: {(layer.Built
        ? $"{layer.InputShape?.ToString() ?? Unknown} to {Output(layer)}, {Params(layer)} parameters"
        : Unbuilt)}";

    public static XElement Html(Layer layer)
    {
        if (!layer.Built) return Markup.Element("div", Text(layer));
        return Markup.Table(Brief(layer), ["", ""], [
            ["input", layer.InputShape?.ToString() ?? Unknown],
            ["output", Output(layer)],
            ["parameters", Params(layer)],
            .. layer.Weights.Select(w => new[] { w.Name, $"{w.Shape}" }),
        ]);
    }

    static string Params(Layer layer) => layer.CountParams().ToString("N0", CultureInfo.InvariantCulture);
}
