using System.Xml.Linq;
using Microsoft.DotNet.Interactive.Formatting;
using Microsoft.ML.KerasSequential.Interactive;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>What a notebook shows of a value.</summary>
internal static class Shown
{
    const string Plain = "text/plain";

    public static XElement Html(object value)
    {
        KerasSequentialFormatters.Register();
        // It is parsed: what were not escaped would not be a text any more, or no XML at all.
        return XElement.Parse(value.ToDisplayString("text/html"));
    }

    public static string Text(object value)
    {
        KerasSequentialFormatters.Register();
        return value.ToDisplayString(Plain);
    }

    public static string Brief(object value)
    {
        KerasSequentialFormatters.Register();
        return value.ToDisplayString("text/plain+summary");
    }

    /// <summary>The texts of a table, row by row, with its heads.</summary>
    public static string[][] Table(XElement html) =>
        [.. All(html, "tr").Select(row => row.Elements().Select(cell => cell.Value).ToArray())];

    public static XElement[] All(XElement html, string name) =>
        [.. html.DescendantsAndSelf().Where(e => e.Name.LocalName == name)];

    public static History Of(params IEnumerable<(string Name, double Value)[]> epochs)
    {
        var history = new History();
        history.OnTrainBegin();
        foreach ((int epoch, (string Name, double Value)[] logs) in epochs.Index())
            history.OnEpochEnd(epoch, logs.ToDictionary(l => l.Name, l => l.Value));
        return history;
    }
}
