namespace Microsoft.ML.KerasSequential.Interactive;

/// <summary>
/// The table that <see cref="Sequential.Summary"/> prints, as a value that a notebook shows:
/// <c>model.SummaryTable()</c>.
/// </summary>
public sealed class SummaryTable
{
    // The totals stand between the last double line and the line at the end.
    const int Totals = 3;
    readonly string[] _lines;

    internal SummaryTable(Sequential model)
    {
        var lines = new List<string>();
        model.Summary(printFn: lines.Add);
        _lines = [.. lines];
        Name = model.Name;
        Rows = [.. model.Layers.Select(layer =>
            new SummaryRow(layer.Name, layer.ClassName, LayerView.Output(layer), layer.CountParams()))];
    }

    /// <summary>The name of the model.</summary>
    public string Name { get; }

    /// <summary>A row for each layer, in their order.</summary>
    public IReadOnlyList<SummaryRow> Rows { get; }

    /// <summary>What stands below: the numbers of all, of trainable and of other parameters.</summary>
    internal IEnumerable<string> Below => _lines[^(Totals + 1)..^1];

    internal string TotalParams => Below.First();

    /// <summary>The table as Keras prints it, names cut where they do not fit.</summary>
    /// <returns>The text; the lines end as the machine's do.</returns>
    public override string ToString() => string.Join(Environment.NewLine, _lines);
}
