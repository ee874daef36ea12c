using System.Globalization;

namespace Benchmarks;

/// <summary>A text table, with numbers rounded to three digits.</summary>
internal sealed class Table(params string[] headers)
{
    readonly List<string[]> _rows = [headers];

    public void Add(string name, params double?[] values) =>
        _rows.Add([name,
            .. values.Select(v => v is double d
                ? d.ToString(Math.Abs(d) >= 100 ? "0" : Math.Abs(d) >= 10 ? "0.0" : "0.00",
                    CultureInfo.InvariantCulture) : "–")]);

    /// <summary>Prints the table if it has rows.</summary>
    public void Print()
    {
        if (_rows.Count > 1) Console.WriteLine($"{this}{Environment.NewLine}");
    }

    public override string ToString()
    {
        int[] widths = [.. Enumerable.Range(0, headers.Length).Select(c => _rows.Max(r => r[c].Length))];
        return string.Join(Environment.NewLine,
            _rows.Select(r => "| " + string.Join(
                " | ", r.Select((cell, c) => c == 0 ? cell.PadRight(widths[c]) : cell.PadLeft(widths[c]))) + " |"));
    }
}
