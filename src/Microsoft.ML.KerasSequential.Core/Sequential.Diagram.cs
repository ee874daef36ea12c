using Microsoft.ML.KerasSequential.Utils;

namespace Microsoft.ML.KerasSequential;

// The model as boxes.
public sealed partial class Sequential
{
    /// <summary>
    /// The model as the text of a Mermaid flowchart, for Markdown pages that draw it: a box a layer, as Keras'
    /// <c>plot_model</c> has them.
    /// </summary>
    /// <param name="showShapes">Whether the boxes tell the shapes of inputs and outputs.</param>
    /// <param name="showLayerNames">Whether the boxes tell the layers' names beside their classes.</param>
    /// <param name="rankdir"><c>TB</c> for layers from top to bottom, <c>LR</c> from left to right.</param>
    /// <param name="expandNested">Whether models in models, and the ways of <c>Branches</c> and <c>Residual</c>, are
    /// drawn
    /// box by box in a frame.</param>
    /// <returns>The text; the lines end in <c>\n</c>.</returns>
    /// <exception cref="InvalidOperationException">The model has not been built.</exception>
    /// <exception cref="ArgumentException">The direction is unknown.</exception>
    public string ToMermaid(bool showShapes = false, bool showLayerNames = true, string rankdir = "TB",
        bool expandNested = false)
    {
        string direction = Direction(rankdir);
        return new MermaidText(showShapes, showLayerNames).Of(Diagram(expandNested), direction);
    }

    /// <summary>The layers behind the box of the input, which Keras shows too.</summary>
    /// <exception cref="InvalidOperationException">The model has not been built.</exception>
    internal Diagram.Chain Diagram(bool expandNested)
    {
        RequireBuilt(_output);
        return new([
            Utils.Diagram.InputBox(_trace[0].Name, _trace[0].Shape),
            .. _layers.Select((l, i) => Utils.Diagram.Of(l, _trace[i].Shape, _trace[i + 1].Shape, expandNested)),
        ]);
    }

    /// <exception cref="ArgumentException">The direction is unknown.</exception>
    internal static string Direction(string rankdir) => rankdir is "TB" or "LR" ? rankdir
        : throw new ArgumentException($"The direction must be \"TB\" or \"LR\"; given \"{rankdir}\".", nameof(rankdir));
}
