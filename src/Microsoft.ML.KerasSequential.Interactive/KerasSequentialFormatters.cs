using System.Xml.Linq;
using Microsoft.DotNet.Interactive.Formatting;
using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.Interactive;

/// <summary>
/// How notebooks of .NET Interactive show models, trainings, results and arrays. A kernel registers all of it by itself
/// when it loads the package: <c>#r "nuget: Microsoft.ML.KerasSequential.Interactive"</c>.
/// </summary>
/// <remarks>
/// What is shown needs neither scripts nor the network, and takes its colours from the notebook, light or dark.
/// Of long tables the first and the last rows are shown, as many as <see cref="Formatter.ListExpansionLimit"/> says.
/// </remarks>
public static class KerasSequentialFormatters
{
    /// <summary>
    /// Registers the formatters of <see cref="History"/>, <see cref="Evaluation"/>, <see cref="NDArray"/>,
    /// <see cref="Shape"/>, <see cref="SummaryTable"/>, <see cref="Sequential"/> and <see cref="Layer"/>: as HTML, as
    /// plain text, and as the short text of a list of variables. They replace those that were registered before.
    /// </summary>
    public static void Register()
    {
        Register<History>(HistoryView.Html, h => $"{h}", HistoryView.Brief);
        Register<Evaluation>(EvaluationView.Html, e => $"{e}", e => $"{e}");
        Register<NDArray>(ArrayView.Html, a => $"{a}", ArrayView.Brief);
        Register<Shape>(s => Markup.Element("code", $"{s}"), s => $"{s}", s => $"{s}");
        Register<SummaryTable>(SummaryView.Html, s => $"{s}", s => $"{s.Name}: {s.TotalParams}");
        Register<Layer>(LayerView.Html, LayerView.Text, LayerView.Brief);
        Register<Sequential>(ModelView.Html, ModelView.Text, ModelView.Brief);
    }

    static void Register<T>(Func<T, XElement> html, Func<T, string> text, Func<T, string> brief)
    {
        Formatter.Register<T>(value => html(value).ToString(SaveOptions.DisableFormatting), HtmlFormatter.MimeType);
        Formatter.Register(text, PlainTextFormatter.MimeType);
        Formatter.Register(brief, PlainTextSummaryFormatter.MimeType);
        Formatter.SetPreferredMimeTypesFor(typeof(T), HtmlFormatter.MimeType, PlainTextFormatter.MimeType);
    }
}
