using Microsoft.ML.KerasSequential.Plots;
using Microsoft.ML.KerasSequential.Plots.Diagrams;
using Microsoft.ML.KerasSequential.Plots.Drawing;
using Microsoft.ML.KerasSequential.Utils;

namespace Microsoft.ML.KerasSequential;

/// <summary>Plots a model as a diagram.</summary>
public static class ModelPlot
{
    const int UsualDpi = 96, LargestDpi = 1200;

    /// <summary>Draws a model, with one box per layer (Keras <c>keras.utils.plot_model</c>).</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The file: <c>.png</c>, <c>.svg</c>, <c>.jpg</c> or <c>.webp</c>. Its folder is created if
    /// necessary.</param>
    /// <param name="showShapes">Whether the boxes show the shapes of inputs and outputs.</param>
    /// <param name="showLayerNames">Whether the boxes show the layers' names along with their classes.</param>
    /// <param name="rankdir"><c>TB</c> for layers from top to bottom, <c>LR</c> from left to right.</param>
    /// <param name="expandNested">Whether nested models, and the paths of <c>Branches</c> and <c>Residual</c>, are
    /// drawn in frames, box by box.</param>
    /// <param name="dpi">Dots per inch, 1 to 1200; 96 is one dot per layout pixel.</param>
    /// <exception cref="InvalidOperationException">The model has not been built, or it has too many layers for an
    /// image.</exception>
    /// <exception cref="ArgumentException">The direction or the extension is unknown, or the number of dots is out of
    /// range.</exception>
    /// <exception cref="IOException">The file cannot be written; the existing file stays unchanged.</exception>
    public static void Plot(this Sequential model, string path = "model.png", bool showShapes = false,
        bool showLayerNames = true, string rankdir = "TB",
        bool expandNested = false, int dpi = UsualDpi)
    {
        ArgumentNullException.ThrowIfNull(model);
        var file = PictureFile.At(path);
        string direction = Sequential.Direction(rankdir);
        if (dpi is < 1 or > LargestDpi)
            throw new ArgumentOutOfRangeException(nameof(dpi), dpi, $"Expected 1 to {LargestDpi} dots per inch.");
        double scale = dpi / (double)UsualDpi;
        Diagram.Chain diagram = model.Diagram(expandNested);
        string[] texts = [.. Texts(diagram)];
        Face face = PlotFont.For(texts);
        var layout = new DiagramLayout(diagram, (text, size) => face.Width(text, (float)size), showShapes,
            showLayerNames, direction == "TB");
        if (file.IsSvg)
        {
            using var svg = new SvgSurface(layout.Width, layout.Height, scale, face.Family);
            DiagramPainter.Paint(layout, svg);
            file.Write(svg.Finish());
            return;
        }
        file.Write(layout.Width, layout.Height, canvas =>
        {
            using var pixels = new SkiaSurface(canvas, face);
            DiagramPainter.Paint(layout, pixels);
        }, scale);
    }

    static IEnumerable<string> Texts(Diagram part) => part switch
    {
        Diagram.Box box => [box.Label(showLayerName: true), box.Input, box.Output, "input:", "output:"],
        Diagram.Chain chain => chain.Parts.SelectMany(Texts),
        Diagram.Fork fork => fork.Ways.SelectMany(Texts).Concat(Texts(fork.Merge)),
        Diagram.Group group => Texts(group.Inside).Append(group.Name),
        _ => [],
    };
}
