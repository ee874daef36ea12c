using Microsoft.ML.KerasSequential.Data;

#pragma warning disable CS1573 // The parameters without a line of their own inherit it.

namespace Microsoft.ML.KerasSequential;

// Numbers from text files.
public sealed partial class NDArray
{
    /// <summary>
    /// Reads the numbers of a CSV file (RFC 4180) row by row. Numbers use a decimal point, regardless of the current
    /// culture, and true and false are read as 1 and 0. To read text, use <see cref="CsvTable"/>.
    /// </summary>
    /// <param name="path">The path of the file. A file compressed with gzip is decompressed.</param>
    /// <param name="separator">
    /// The character between two fields, such as <c>','</c>, <c>';'</c>, or <c>'\t'</c>.
    /// </param>
    /// <param name="header">
    /// true if the first row contains the column names; false if it contains data. If null, the first row contains the
    /// names if none of its fields is a number and the next row contains one. The default is null.
    /// </param>
    /// <param name="columns">
    /// The columns in order, as names, zero-based indexes, or a range: <c>["a", "b"]</c>, <c>[0, 3]</c>, <c>..^1</c>.
    /// The default is all columns.
    /// </param>
    /// <param name="missingValue">
    /// The value that replaces missing values. The default is NaN, which training rejects.
    /// </param>
    /// <param name="missingTexts">
    /// The strings that represent a missing value. The default is the ones that pandas recognizes: the empty string,
    /// NA, NaN, null, and similar.
    /// </param>
    /// <returns>An array with shape (rows, columns).</returns>
    /// <exception cref="ArgumentException">A column does not exist, or the separator is invalid.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="InvalidDataException">
    /// A field is not a number, a row has more or fewer fields than the first row, a quotation mark is not closed, or
    /// the file has no rows. The message names the line and the column.
    /// </exception>
    public static NDArray FromCsv(string path, char separator = ',', bool? header = null, CsvColumns? columns = null,
        float missingValue = float.NaN, IEnumerable<string>? missingTexts = null)
    {
        using var reader = new StreamReader(DataFile.Open(path));
        return FromCsv(reader, path, separator, header, columns, missingValue, missingTexts);
    }

    /// <summary>
    /// Reads the numbers of a CSV file from a stream. The encoding is UTF-8, unless a byte order mark specifies another
    /// one.
    /// </summary>
    /// <param name="stream">The stream, which is read from its current position to its end and stays open.</param>
    /// <inheritdoc cref="FromCsv(string, char, bool?, CsvColumns, float, IEnumerable{string})"/>
    public static NDArray FromCsv(Stream stream, char separator = ',', bool? header = null, CsvColumns? columns = null,
        float missingValue = float.NaN, IEnumerable<string>? missingTexts = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var reader = new StreamReader(stream, leaveOpen: true);
        return FromCsv(reader, "The stream", separator, header, columns, missingValue, missingTexts);
    }

    /// <summary>Reads the numbers of a CSV file from a text reader, such as a <see cref="StringReader"/>.</summary>
    /// <param name="reader">The reader, which stays open.</param>
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
                throw rows.Wrong($"line {head.Line}: an array can hold at most {Array.MaxLength} values");
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
