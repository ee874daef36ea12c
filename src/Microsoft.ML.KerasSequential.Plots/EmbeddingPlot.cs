using System.Globalization;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Plots;
using Microsoft.ML.KerasSequential.Plots.Drawing;
using Microsoft.ML.KerasSequential.Plots.Numbers;

namespace Microsoft.ML.KerasSequential;

/// <summary>Plots what an embedding has learned, in two dimensions.</summary>
public static class EmbeddingPlot
{
    const int UsualWords = 200;

    /// <summary>Draws the vectors of an <c>Embedding</c> along the two directions with the most variance.</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The file: <c>.png</c>, <c>.svg</c>, <c>.jpg</c> or <c>.webp</c>. Its folder is created if
    /// necessary.</param>
    /// <param name="labels">A text for each of the <paramref name="rows"/>; the indices themselves by default. Texts
    /// are omitted if there is no space.</param>
    /// <param name="rows">The indices of the vectors to draw; all by default.</param>
    /// <param name="layerName">The layer's name; the first <c>Embedding</c> by default.</param>
    /// <param name="title">The title; the layer's name by default.</param>
    /// <param name="width">The width in pixels.</param>
    /// <param name="height">The height in pixels.</param>
    /// <exception cref="ArgumentException">The layer or an index does not exist, labels do not match, the extension is
    /// unknown, or a size is out of range.</exception>
    /// <exception cref="InvalidOperationException">The layer has no weights yet.</exception>
    /// <exception cref="IOException">The file cannot be written; the existing file stays unchanged.</exception>
    public static void PlotEmbedding(this Sequential model, string path, IReadOnlyList<string>? labels = null,
        IReadOnlyList<int>? rows = null, string? layerName = null, string? title = null, int width = 800,
        int height = 640)
    {
        _ = PictureFile.At(path);
        Embedding layer = LayerSearch.First<Embedding>(model, layerName, "an Embedding");
        rows ??= [.. Enumerable.Range(0, layer.InputDim)];
        if (rows.Count < 2)
            throw new ArgumentException($"Expected at least two indices; given {rows.Count}.", nameof(rows));
        foreach (int row in rows)
            if ((uint)row >= (uint)layer.InputDim)
                throw new ArgumentException(
                    $"Layer {layer.Name} has vectors for 0 to {layer.InputDim - 1}, not for {row}.", nameof(rows));
        if (labels is not null && labels.Count != rows.Count)
            throw new ArgumentException($"There are {rows.Count} indices, but {labels.Count} labels.", nameof(labels));
        if (layer.GetWeights() is not [var all, ..])
            throw new InvalidOperationException(
                $"Layer {layer.Name} has no weights yet: build its model, or fit it to data.");

        var vectors = new NDArray(rows.Count, layer.OutputDim);
        foreach ((int at, int row) in rows.Index())
            all.Span.Slice(row * layer.OutputDim, layer.OutputDim)
                .CopyTo(vectors.Span.Slice(at * layer.OutputDim, layer.OutputDim));
        labels ??= [.. rows.Select(r => r.ToString(CultureInfo.InvariantCulture))];
        new PrincipalComponents(vectors).Plot(path, labels, title: title ?? layer.Name, width: width, height: height);
    }

    /// <summary>Draws the vectors of words, with the indices of a <c>Tokenizer</c>.</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The file: <c>.png</c>, <c>.svg</c>, <c>.jpg</c> or <c>.webp</c>. Its folder is created if
    /// necessary.</param>
    /// <param name="wordIndex">The word indices, <c>Tokenizer.WordIndex</c>; words for which the layer has no vectors
    /// are skipped.</param>
    /// <param name="count">The number of words, from the smallest index, which are the most frequent.</param>
    /// <param name="layerName">The layer's name; the first <c>Embedding</c> by default.</param>
    /// <param name="title">The title; the layer's name by default.</param>
    /// <param name="width">The width in pixels.</param>
    /// <param name="height">The height in pixels.</param>
    /// <exception cref="ArgumentException">The layer does not exist, there are fewer than two words, the extension is
    /// unknown, or a size is out of range.</exception>
    /// <exception cref="InvalidOperationException">The layer has no weights yet.</exception>
    /// <exception cref="IOException">The file cannot be written; the existing file stays unchanged.</exception>
    public static void PlotEmbedding(this Sequential model, string path, IReadOnlyDictionary<string, int> wordIndex,
        int count = UsualWords, string? layerName = null, string? title = null, int width = 800, int height = 640)
    {
        ArgumentNullException.ThrowIfNull(wordIndex);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 2);
        Embedding layer = LayerSearch.First<Embedding>(model, layerName, "an Embedding");
        KeyValuePair<string, int>[] words = [.. wordIndex.Where(w => w.Value >= 0 && w.Value < layer.InputDim)
            .OrderBy(w => w.Value).Take(count)];
        if (words.Length < 2)
            throw new ArgumentException(
                $"Layer {layer.Name} has vectors for {words.Length} of the words; at least two are required.",
                nameof(wordIndex));
        model.PlotEmbedding(path, [.. words.Select(w => w.Key)], [.. words.Select(w => w.Value)], layerName, title,
            width, height);
    }
}
