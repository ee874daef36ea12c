using Microsoft.ML.KerasSequential.Utils;

namespace Microsoft.ML.KerasSequential;

// The model as a diagram.
public sealed partial class Sequential
{
    /// <summary>
    /// Gets the model as a Mermaid flowchart, for Markdown pages: one box per layer, as in Keras' <c>plot_model</c>.
    /// </summary>
    /// <param name="showShapes">Whether the boxes show the shapes of inputs and outputs.</param>
    /// <param name="showLayerNames">Whether the boxes show the layers' names along with their classes.</param>
    /// <param name="rankdir"><c>TB</c> for layers from top to bottom, <c>LR</c> from left to right.</param>
    /// <param name="expandNested">Whether nested models, and the paths of <c>Branches</c> and <c>Residual</c>, are
    /// drawn in frames, box by box.</param>
    /// <returns>The text; the lines end in <c>\n</c>.</returns>
    /// <exception cref="InvalidOperationException">The model has not been built.</exception>
    /// <exception cref="ArgumentException">The direction is unknown.</exception>
    public string ToMermaid(bool showShapes = false, bool showLayerNames = true, string rankdir = "TB",
        bool expandNested = false)
    {
        string direction = Direction(rankdir);
        return new MermaidText(showShapes, showLayerNames).Of(Diagram(expandNested), direction);
    }

    /// <summary>The layers after the input's box, which Keras also shows.</summary>
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
