using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Plots.Drawing;
using Microsoft.ML.KerasSequential.Plots.Numbers;

namespace Microsoft.ML.KerasSequential;

/// <summary>Plots the filters of a layer as images.</summary>
public static class FilterPlot
{
    const int UsualFilters = 64, LargestTile = 512;

    /// <summary>
    /// Draws the filters of a convolution, by default the first one: with 1 channel in gray, with 3 in red, green and
    /// blue, with any other number as the mean of the channels in gray. Each is scaled separately, its smallest weight
    /// to black and its largest to white. A <c>Conv1D</c> has its time steps from left to right and its channels from
    /// top to bottom.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The file: <c>.png</c>, <c>.svg</c>, <c>.jpg</c> or <c>.webp</c>. Its folder is created if
    /// necessary.</param>
    /// <param name="layerName">The layer's name; the first <c>Conv2D</c> or <c>Conv1D</c> by default.</param>
    /// <param name="imageShape">For a <c>Dense</c> layer on images, such as <c>[28, 28]</c> or <c>[32, 32, 3]</c>: the
    /// shape of its inputs. The first layer can be a <c>Dense</c> only if this is given.</param>
    /// <param name="maxFilters">The maximum number of filters to draw, from the first.</param>
    /// <param name="title">The title; the layer's name and sizes by default.</param>
    /// <param name="tileSize">The approximate width or height of a filter in pixels, 8 to 512.</param>
    /// <exception cref="ArgumentException">The layer does not exist or has no filters, the extension is unknown, or a
    /// number is out of range.</exception>
    /// <exception cref="InvalidOperationException">The layer has no weights yet, or they contain NaN.</exception>
    /// <exception cref="IOException">The file cannot be written; the existing file stays unchanged.</exception>
    public static void PlotFilters(this Sequential model, string path, string? layerName = null,
        Shape? imageShape = null, int maxFilters = UsualFilters,
        string? title = null, int tileSize = 64)
    {
        var file = PictureFile.At(path);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxFilters, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(tileSize, 8);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tileSize, LargestTile);
        Layer layer = LayerSearch.First<Layer>(model, layerName, "a Conv2D or a Conv1D", l => l is Conv2D or Conv1D
            || (l is Dense && imageShape is not null));
        FilterImages filters = FilterImages.Of(layer, imageShape);
        string size = layer is Conv1D ? $"{filters.Columns} steps" : $"{filters.Rows} × {filters.Columns}";
        int shown = Math.Min(maxFilters, filters.Images.Count);
        string which = shown < filters.Images.Count ? $"the first {shown} of {filters.Images.Count} filters"
            : $"{shown} filter{(shown == 1 ? "" : "s")}";
        FilterGrid.Write(file, filters with { Images = [.. filters.Images.Take(shown)] }, title
            ?? $"{layer.Name}: {which} of {size}", tileSize);
    }
}
