using System.Globalization;

namespace Microsoft.ML.KerasSequential.Utils;

/// <summary>A history as a table: a row an epoch, a column a name.</summary>
internal static class HistoryTable
{
    const int MostRows = 20, EdgeRows = 5;

    /// <summary>The text, without a line break at its end.</summary>
    public static string Of(History history)
    {
        int count = history.Epoch.Count;
        if (count == 0) return "No epochs.";
        bool summarizes = count > MostRows;
        int[] rows = summarizes ? [.. Enumerable.Range(0, EdgeRows), .. Enumerable.Range(count - EdgeRows, EdgeRows)]
            : [.. Enumerable.Range(0, count)];
        string[][] columns =
        [
            Column("epoch", row => (history.Epoch[row] + 1).ToString(CultureInfo.InvariantCulture)),
            .. history.Keys.Select(name => (Name: name, Values: history.Column(name)))
                .Select(c => Column(c.Name, row => c.Values[row] is double value ? Number(value) : "")),
        ];
        return string.Join(Environment.NewLine, Enumerable.Range(0, columns[0].Length)
            .Select(line => string.Join("  ", columns.Select(c => c[line])).TrimEnd()));

        string[] Column(string name, Func<int, string> cell)
        {
            List<string> cells = [name, .. rows.Select(cell)];
            if (summarizes) cells.Insert(1 + EdgeRows, "...");
            int width = cells.Max(c => c.Length);
            return [.. cells.Select(c => c.PadLeft(width))];
        }
    }

    /// <summary>A value of the logs as the progress bar shows it.</summary>
    public static string Number(double value) =>
        value.ToString(Math.Abs(value) > 1e-3 || value == 0 ? "0.0000" : "0.0000e+00", CultureInfo.InvariantCulture);
}
