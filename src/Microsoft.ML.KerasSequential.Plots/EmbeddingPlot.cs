using System.Globalization;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Plots;
using Microsoft.ML.KerasSequential.Plots.Drawing;
using Microsoft.ML.KerasSequential.Plots.Numbers;

namespace Microsoft.ML.KerasSequential;

/// <summary>What a layer has learnt about numbers, in two dimensions.</summary>
public static class EmbeddingPlot
{
    const int UsualWords = 200;

    /// <summary>Draws the vectors of an <c>Embedding</c> in the two directions in which they differ most.</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The file: <c>.png</c>, <c>.svg</c>, <c>.jpg</c> or <c>.webp</c>. Its folder is made if there
    /// is none.</param>
    /// <param name="labels">A text for each of the <paramref name="rows"/>; the numbers themselves by default. Where
    /// there is no room, texts are left out.</param>
    /// <param name="rows">Which numbers' vectors are drawn; all by default.</param>
    /// <param name="layerName">The layer's name; the first <c>Embedding</c> by default.</param>
    /// <param name="title">What stands above; the layer's name by default.</param>
    /// <param name="width">Pixels.</param>
    /// <param name="height">Pixels.</param>
    /// <exception cref="ArgumentException">There is no such layer or number, labels do not fit, the ending is unknown,
    /// or a size is out of range.</exception>
    /// <exception cref="InvalidOperationException">The layer has no weights yet.</exception>
    /// <exception cref="IOException">The file cannot be written; what was there stays.</exception>
    public static void PlotEmbedding(this Sequential model, string path, IReadOnlyList<string>? labels = null,
        IReadOnlyList<int>? rows = null, string? layerName = null, string? title = null, int width = 800,
        int height = 640)
    {
        _ = PictureFile.At(path);
        Embedding layer = LayerSearch.First<Embedding>(model, layerName, "an Embedding");
        rows ??= [.. Enumerable.Range(0, layer.InputDim)];
        if (rows.Count < 2)
            throw new ArgumentException($"Expected two numbers or more; given {rows.Count}.", nameof(rows));
        foreach (int row in rows)
            if ((uint)row >= (uint)layer.InputDim)
                throw new ArgumentException(
                    $"Layer {layer.Name} has vectors of 0 to {layer.InputDim - 1}, not of {row}.", nameof(rows));
        if (labels is not null && labels.Count != rows.Count)
            throw new ArgumentException($"There are {rows.Count} numbers, but {labels.Count} labels.", nameof(labels));
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

    /// <summary>Draws the vectors of words, as a <c>Tokenizer</c> has numbered them.</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The file: <c>.png</c>, <c>.svg</c>, <c>.jpg</c> or <c>.webp</c>. Its folder is made if there
    /// is none.</param>
    /// <param name="wordIndex">The words' numbers, <c>Tokenizer.WordIndex</c>; those that the layer has no vectors of
    /// are left out.</param>
    /// <param name="count">How many words, those of the least numbers, which are the most frequent ones.</param>
    /// <param name="layerName">The layer's name; the first <c>Embedding</c> by default.</param>
    /// <param name="title">What stands above; the layer's name by default.</param>
    /// <param name="width">Pixels.</param>
    /// <param name="height">Pixels.</param>
    /// <exception cref="ArgumentException">There is no such layer, there are fewer than two words, the ending is
    /// unknown, or a size is out of range.</exception>
    /// <exception cref="InvalidOperationException">The layer has no weights yet.</exception>
    /// <exception cref="IOException">The file cannot be written; what was there stays.</exception>
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
                $"Layer {layer.Name} has vectors of {words.Length} of the words; two are needed.", nameof(wordIndex));
        model.PlotEmbedding(path, [.. words.Select(w => w.Key)], [.. words.Select(w => w.Value)], layerName, title,
            width, height);
    }
}
