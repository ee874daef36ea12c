using System.Globalization;
using System.Xml.Linq;
using Microsoft.DotNet.Interactive.Formatting;
using Microsoft.ML.KerasSequential.Interactive.Drawing;

namespace Microsoft.ML.KerasSequential.Interactive;

/// <summary>A training: a chart of the loss and of each metric, and a table of the epochs, which count from 1.</summary>
internal static class HistoryView
{
    const string Validation = "val_", Loss = "loss";

    public static string Brief(History history) =>
        $"History: {Epochs(history)}{string.Concat(history.Keys.Select(name => $", {name}"))}";

    public static XElement Html(History history)
    {
        if (history.Epoch.Count == 0) return Markup.Element("div", Brief(history));
        return Markup.Element("div", [
            Markup.Element("div", [Markup.Attribute("style", "display:flex;flex-wrap:wrap;gap:8px"), .. Charts(history)]),
            Markup.Element("details", Markup.Attribute("open", "open"),
                Markup.Element("summary", Epochs(history)), Table(history)),
        ]);
    }

    /// <summary>What was measured in training and in validation stands in one chart.</summary>
    static IEnumerable<XElement> Charts(History history) => history.Keys
        .GroupBy(name => name.StartsWith(Validation, StringComparison.Ordinal) ? name[Validation.Length..] : name)
        .OrderBy(group => group.Key == Loss ? 0 : 1)
        .Select(group => LineChart.Draw(group.Key, history.Epoch,
            [.. group.OrderBy(name => name != group.Key).Select(name => (name, history.Column(name)))]));

    static XElement Table(History history)
    {
        IReadOnlyList<double?>[] columns = [.. history.Keys.Select(history.Column)];
        return Markup.Table("", ["epoch", .. history.Keys],
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
