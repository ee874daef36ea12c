using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Plots.Drawing;
using Microsoft.ML.KerasSequential.Plots.Numbers;

namespace Microsoft.ML.KerasSequential;

/// <summary>What the filters of a layer look for, as images.</summary>
public static class FilterPlot
{
    const int UsualFilters = 64, LargestTile = 512;

    /// <summary>
    /// Draws the filters of a convolution, by default of the first one: those over 1 channel in grey, over 3 in red,
    /// green and blue, over any other number in the grey of the channels' mean. Each is scaled for itself, its least
    /// weight to black and its largest to white. A <c>Conv1D</c> has its steps from left to right and its channels from
    /// top to bottom.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The file: <c>.png</c>, <c>.svg</c>, <c>.jpg</c> or <c>.webp</c>. Its folder is made if there
    /// is none.</param>
    /// <param name="layerName">The layer's name; the first <c>Conv2D</c> or <c>Conv1D</c> by default.</param>
    /// <param name="imageShape">For a <c>Dense</c> layer on images, such as <c>[28, 28]</c> or <c>[32, 32, 3]</c>: what
    /// its inputs are. The first layer may be a <c>Dense</c> only if this is given.</param>
    /// <param name="maxFilters">How many filters are drawn at most: the first ones.</param>
    /// <param name="title">What stands above; the layer's name and sizes by default.</param>
    /// <param name="tileSize">About how many pixels a filter is wide or high, 8 to 512.</param>
    /// <exception cref="ArgumentException">There is no such layer, it has no filters, the ending is unknown, or a
    /// number is out of range.</exception>
    /// <exception cref="InvalidOperationException">The layer has no weights yet, or they hold NaN.</exception>
    /// <exception cref="IOException">The file cannot be written; what was there stays.</exception>
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
