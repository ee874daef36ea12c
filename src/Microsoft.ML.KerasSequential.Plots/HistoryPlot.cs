using Microsoft.ML.KerasSequential.Plots;
using Microsoft.ML.KerasSequential.Plots.Drawing;
using Microsoft.ML.KerasSequential.Plots.Numbers;

namespace Microsoft.ML.KerasSequential;

/// <summary>Plots training histories as curves over the epochs.</summary>
public static class HistoryPlot
{
    const string Validation = "val_", Loss = "loss";
    const int PanelWidth = 560, PanelHeight = 420, MostColumns = 2;

    /// <summary>
    /// Draws a training history: the loss, and each metric in its own panel, along with the values on the validation
    /// data. Epochs count from 1; a curve has a gap where a value is NaN or infinite.
    /// </summary>
    /// <param name="history">The result of <c>Fit</c>.</param>
    /// <param name="path">The file: <c>.png</c>, <c>.svg</c>, <c>.jpg</c> or <c>.webp</c>. Its folder is created if
    /// necessary.</param>
    /// <param name="metrics">Names in the history: <c>accuracy</c> for both curves of a metric, <c>val_accuracy</c> for
    /// only that curve; all by default.</param>
    /// <param name="title">The title.</param>
    /// <param name="width">The width in pixels; by default, depends on the number of metrics.</param>
    /// <param name="height">The height in pixels; by default, depends on the number of metrics.</param>
    /// <exception cref="ArgumentException">The extension or a name is unknown, or a size is out of range.</exception>
    /// <exception cref="InvalidOperationException">The history has no epochs.</exception>
    /// <exception cref="IOException">The file cannot be written; the existing file stays unchanged.</exception>
    public static void Plot(this History history, string path, IReadOnlyList<string>? metrics = null,
        string? title = null, int? width = null, int? height = null)
    {
        ArgumentNullException.ThrowIfNull(history);
        var file = PictureFile.At(path);
        if (history.Epoch.Count == 0 || history.Count == 0)
            throw new InvalidOperationException("The history has no epochs yet; fit a model first.");
        string[] names = [.. history.Keys.Where(n => IsWanted(n, metrics))];
        if (metrics?.FirstOrDefault(m => !history.ContainsKey(m ?? "")) is { } unknown)
            throw new ArgumentException(Unknown(history, unknown), nameof(metrics));
        if (names.Length == 0) throw new ArgumentException("There are no metrics to draw.", nameof(metrics));

        IGrouping<string, string>[] groups = [.. names.GroupBy(Base).OrderBy(g => g.Key == Loss ? 0 : 1)];
        int columns = Math.Min(MostColumns, groups.Length), rows = (groups.Length + columns - 1) / columns;
        int w = PictureFile.Side(width ?? columns * PanelWidth, nameof(width)),
            h = PictureFile.Side(height ?? Math.Min(rows * PanelHeight, 10_000), nameof(height));
        Face face = PlotFont.For([.. names, title ?? ""]);
        Panel[] panels = [.. groups.Select(g => CurvePanel.Of(face, g.Key,
            [.. g.OrderBy(n => n.StartsWith(Validation, StringComparison.Ordinal))
            .Select(n => Curve.Of(history, n, n))]))];
        file.Write(w, h, canvas => Page.Draw(canvas, face, title, panels, columns, w, h));
        foreach (Panel panel in panels) panel.Dispose();
    }

    /// <summary>Draws one metric of several training runs: <c>new[] { ("adam", first), ("sgd", second)
    /// }.Plot("runs.png")</c>.</summary>
    /// <param name="runs">The name of each run, and the result of its <c>Fit</c>.</param>
    /// <param name="path">The file: <c>.png</c>, <c>.svg</c>, <c>.jpg</c> or <c>.webp</c>. Its folder is created if
    /// necessary.</param>
    /// <param name="metric">A name in all histories.</param>
    /// <param name="title">The title; the metric by default.</param>
    /// <param name="width">The width in pixels.</param>
    /// <param name="height">The height in pixels.</param>
    /// <exception cref="ArgumentException">There are no runs, a run lacks the metric, the extension is unknown, or a
    /// size is out of range.</exception>
    /// <exception cref="IOException">The file cannot be written; the existing file stays unchanged.</exception>
    public static void Plot(this IEnumerable<(string Name, History History)> runs, string path,
        string metric = "val_loss", string? title = null, int width = 720, int height = 480)
    {
        ArgumentNullException.ThrowIfNull(runs);
        ArgumentNullException.ThrowIfNull(metric);
        var file = PictureFile.At(path);
        (string Name, History History)[] all = [.. runs];
        if (all.Length == 0) throw new ArgumentException("There are no runs.", nameof(runs));
        foreach ((string name, History history) in all)
        {
            if (name is null || history is null)
                throw new ArgumentException("A run has no name or no history.", nameof(runs));
            if (!history.ContainsKey(metric))
                throw new ArgumentException($"Run \"{name}\": {Unknown(history, metric)}", nameof(metric));
        }
        _ = (PictureFile.Side(width, nameof(width)), PictureFile.Side(height, nameof(height)));
        Face face = PlotFont.For([.. all.Select(r => r.Name), metric, title ?? ""]);
        using Panel panel = CurvePanel.Of(face, title ?? metric,
            [.. all.Select(r => Curve.Of(r.History, metric, r.Name))], title is null ? "" : metric);
        file.Write(width, height, canvas => Page.Draw(canvas, face, null, [panel], 1, width, height));
    }

    /// <summary>Draws one metric of several training runs.</summary>
    /// <param name="path">The file: <c>.png</c>, <c>.svg</c>, <c>.jpg</c> or <c>.webp</c>. Its folder is created if
    /// necessary.</param>
    /// <param name="metric">A name in all histories.</param>
    /// <param name="runs">The name of each run, and the result of its <c>Fit</c>.</param>
    /// <exception cref="ArgumentException">There are no runs, a run lacks the metric, or the extension is
    /// unknown.</exception>
    /// <exception cref="IOException">The file cannot be written; the existing file stays unchanged.</exception>
    public static void Compare(string path, string metric, params (string Name, History History)[] runs) =>
        runs.Plot(path, metric);

    static bool IsWanted(string name, IReadOnlyList<string>? metrics) => metrics is null || metrics.Contains(name)
        || metrics.Contains(Base(name));

    static string Base(string name) => name.StartsWith(Validation, StringComparison.Ordinal) ? name[Validation.Length..]
        : name;

    static string Unknown(History history, string metric) =>
        $"There is no \"{metric}\"; the history has {string.Join(", ", history.Keys.Select(n => $"\"{n}\""))}.";
}
