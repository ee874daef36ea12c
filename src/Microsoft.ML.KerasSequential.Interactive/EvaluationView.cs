using System.Xml.Linq;

namespace Microsoft.ML.KerasSequential.Interactive;

/// <summary>Loss and metrics as a table.</summary>
internal static class EvaluationView
{
    public static XElement Html(Evaluation evaluation) =>
        Markup.Table("Evaluation", ["", "value"], evaluation.Select(e => new[] { e.Key, Markup.Number(e.Value) }));
}
