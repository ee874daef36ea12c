using System.Globalization;
using System.Xml.Linq;
using Microsoft.DotNet.Interactive.Formatting;
using Microsoft.ML.KerasSequential.Interactive.Drawing;

namespace Microsoft.ML.KerasSequential.Interactive;

/// <summary>A training: a chart of the loss and of each metric, and a table of the epochs, counted from 1.</summary>
internal static class HistoryView
{
    const string Validation = "val_", Loss = "loss";

    public static string Brief(History history) =>
        $"History: {Epochs(history)}{string.Concat(history.Keys.Select(name => $", {name}"))}";

    public static XElement Html(History history)
    {
        if (history.Epoch.Count == 0) return Markup.Element("div", Brief(history));
        return Markup.Element("div",
            Markup.Element("div", Markup.Attribute("style", "display:flex;flex-wrap:wrap;gap:8px"),
                Charts(history).Select(chart => Draw(history, chart.Title, chart.Names))),
            Markup.Element("details", Markup.Attribute("open", "open"),
                Markup.Element("summary", Epochs(history)), Table(history)));
    }

    /// <summary>The names of each chart: what was measured in training, and the same in validation.</summary>
    static IEnumerable<(string Title, string[] Names)> Charts(History history) => history.Keys
        .GroupBy(name => name.StartsWith(Validation, StringComparison.Ordinal) ? name[Validation.Length..] : name)
        .OrderBy(group => group.Key == Loss ? 0 : 1)
        .Select(group => (group.Key, group.OrderBy(name => name != group.Key).ToArray()));

    static XElement Draw(History history, string title, string[] names) =>
        LineChart.Draw(title, history.Epoch, [.. names.Select(name => (name, history.Column(name)))]);

    static XElement Table(History history)
    {
        string[] names = [.. Charts(history).SelectMany(chart => chart.Names)];
        IReadOnlyList<double?>[] columns = [.. names.Select(history.Column)];
        return Markup.Table("", ["epoch", .. names],
            Excerpt.Of(history.Epoch.Count, Formatter.ListExpansionLimit).Select(row => (string[])[
                row is { } r ? Counted(history.Epoch[r] + 1) : Excerpt.Gap,
                .. columns.Select(values => row is { } at ? Cell(values[at]) : Excerpt.Gap)]));
    }

    /// <summary>Epochs without a validation have no value of it.</summary>
    static string Cell(double? value) => value is { } known ? Markup.Number(known) : "";

    static string Epochs(History history) =>
        history.Epoch.Count == 1 ? "1 epoch" : $"{Counted(history.Epoch.Count)} epochs";

    static string Counted(int count) => count.ToString(CultureInfo.InvariantCulture);
}
