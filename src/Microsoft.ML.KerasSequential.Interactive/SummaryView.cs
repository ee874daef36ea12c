using System.Globalization;
using System.Xml.Linq;

namespace Microsoft.ML.KerasSequential.Interactive;

/// <summary>Keras' summary as a table.</summary>
internal static class SummaryView
{
    public static XElement Html(SummaryTable summary) => Markup.Element("div", [
        Markup.Table($"Model: \"{summary.Name}\"", ["Layer (type)", "Output Shape", "Param #"],
            summary.Rows.Select(row => (string[])[$"{row.Name} ({row.ClassName})", row.OutputShape,
                row.Params.ToString("N0", CultureInfo.InvariantCulture)])),
        .. summary.Below.Select(line => Markup.Element("div", line)),
    ]);
}
