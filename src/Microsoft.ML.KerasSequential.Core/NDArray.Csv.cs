using Microsoft.ML.KerasSequential.Data;

#pragma warning disable CS1573 // The parameters without a line of their own inherit it.

namespace Microsoft.ML.KerasSequential;

// Numbers of text files.
public sealed partial class NDArray
{
    /// <summary>
    /// Reads the numbers of a CSV file (RFC 4180), row by row; numbers have a decimal point whatever the culture, and
    /// true and false are 1 and 0. Texts are read by <see cref="CsvTable"/>.
    /// </summary>
    /// <param name="path">The file; one that is packed by gzip is unpacked.</param>
    /// <param name="separator">What stands between two fields, such as <c>';'</c> or <c>'\t'</c>.</param>
    /// <param name="header">
    /// Whether the first row names the columns; null: it does if none of its fields is a number and the next row has
    /// one.
    /// </param>
    /// <param name="columns">
    /// The columns by name, number or range, in their order: <c>["a", "b"]</c>, <c>[0, 3]</c>, <c>..^1</c>; all by
    /// default.
    /// </param>
    /// <param name="missingValue">What a missing value becomes; NaN by default, on which no model trains.</param>
    /// <param name="missingTexts">
    /// The texts that stand for a missing value; by default none at all, and NA, NaN, null and their kin, as in pandas.
    /// </param>
    /// <returns>An array (rows, columns).</returns>
    /// <exception cref="ArgumentException">There is no such column, or the separator cannot be one.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="InvalidDataException">
    /// A field is no number, a row is longer or shorter than the first one, a quote is not closed, or there are no
    /// rows. The message says which line and column.
    /// </exception>
    public static NDArray FromCsv(string path, char separator = ',', bool? header = null, CsvColumns? columns = null,
        float missingValue = float.NaN, IEnumerable<string>? missingTexts = null)
    {
        using var reader = new StreamReader(DataFile.Open(path));
        return FromCsv(reader, path, separator, header, columns, missingValue, missingTexts);
    }

    /// <summary>Reads the numbers of a CSV file from a stream in UTF-8, or as its byte order mark says.</summary>
    /// <param name="stream">The file, from where the stream stands to its end. It stays open.</param>
    /// <inheritdoc cref="FromCsv(string, char, bool?, CsvColumns, float, IEnumerable{string})"/>
    public static NDArray FromCsv(Stream stream, char separator = ',', bool? header = null, CsvColumns? columns = null,
        float missingValue = float.NaN, IEnumerable<string>? missingTexts = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var reader = new StreamReader(stream, leaveOpen: true);
        return FromCsv(reader, "The stream", separator, header, columns, missingValue, missingTexts);
    }

    /// <summary>Reads the numbers of a CSV file from a reader, such as a <see cref="StringReader"/>.</summary>
    /// <param name="reader">The file. It stays open.</param>
    /// <inheritdoc cref="FromCsv(string, char, bool?, CsvColumns, float, IEnumerable{string})"/>
    public static NDArray FromCsv(TextReader reader, char separator = ',', bool? header = null,
        CsvColumns? columns = null, float missingValue = float.NaN, IEnumerable<string>? missingTexts = null)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return FromCsv(reader, "The text", separator, header, columns, missingValue, missingTexts);
    }

    static NDArray FromCsv(TextReader reader, string source, char separator, bool? header, CsvColumns? columns,
        float missingValue, IEnumerable<string>? missingTexts)
    {
        var format = new CsvFormat(separator, missingValue, missingTexts);
        var rows = new CsvRows(reader, separator, source);
        var head = new CsvHead(rows, format, header);
        int[] taken = columns?.In(head.Names, head.Count, source, nameof(columns))
        ?? [.. Enumerable.Range(0, head.Count)];
        var values = new List<float>();
        int count = 0;
        while (head.Next(out string[]? first))
        {
            if ((long)values.Count + taken.Length > Array.MaxLength)
                throw rows.Wrong($"line {head.Line}: an array holds {Array.MaxLength} values at most");
            foreach (int column in taken)
            {
                ReadOnlySpan<char> field = first is null ? rows[column] : first[column];
                if (!format.TryParse(field, out float value))
                    throw NoNumber(rows.Wrong, head.Line, column, head.Names, field);
                values.Add(value);
            }
            count++;
        }
        return new([.. values], count, taken.Length);
    }

    internal static InvalidDataException NoNumber(Func<string, InvalidDataException> wrong, long line, int column,
        string[]? names, ReadOnlySpan<char> field)
    {
        const int most = 40;
        string name = names is null ? "" : $" (\"{names[column]}\")";
        string text = field.Length > most ? $"{field[..most]}…" : field.ToString();
        return wrong($"line {line}, column {column + 1}{name}: \"{text}\" is no number that float32 holds");
    }
}
