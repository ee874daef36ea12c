using Microsoft.ML.KerasSequential.Data;

#pragma warning disable CS1573 // The parameters without a line of their own inherit it.

namespace Microsoft.ML.KerasSequential;

/// <summary>
/// Represents a CSV file in memory, from which you take features, labels, and text column by column. If all fields are
/// numbers, use <see cref="NDArray.FromCsv(string, char, bool?, CsvColumns, float, IEnumerable{string})"/> instead,
/// which is simpler and keeps no text.
/// </summary>
/// <example><code>
/// CsvTable csv = CsvTable.Read("iris.csv");
/// NDArray x = csv.Columns("sepal length", "sepal width"), y = csv.Classes("species", out string[] names);
/// </code></example>
public sealed class CsvTable
{
    readonly string _source;
    readonly CsvFormat _format;
    readonly string[]? _names;
    readonly List<string[]> _rows = [];
    readonly List<long> _lines = [];

    CsvTable(TextReader reader, string source, char separator, bool? header, float missingValue,
        IEnumerable<string>? missingTexts)
    {
        (_source, _format) = (source, new(separator, missingValue, missingTexts));
        var rows = new CsvRows(reader, separator, source);
        var head = new CsvHead(rows, _format, header);
        (_names, ColumnCount) = (head.Names, head.Count);
        while (head.Next(out string[]? row))
        {
            if (row is null)
            {
                row = new string[ColumnCount];
                for (int c = 0; c < row.Length; c++) row[c] = rows[c].ToString();
            }
            _rows.Add(row);
            _lines.Add(head.Line);
        }
    }

    /// <summary>Gets the names of the columns. The list is empty if the file has no header.</summary>
    public IReadOnlyList<string> Names => _names ?? [];

    /// <summary>Gets the number of rows, not counting the header.</summary>
    public int Rows => _rows.Count;

    /// <summary>Gets the number of columns.</summary>
    public int ColumnCount { get; }

    /// <summary>Reads a CSV file (RFC 4180).</summary>
    /// <param name="path">The path of the file. A file compressed with gzip is decompressed.</param>
    /// <param name="separator">
    /// The character between two fields, such as <c>','</c>, <c>';'</c>, or <c>'\t'</c>.
    /// </param>
    /// <param name="header">
    /// true if the first row contains the column names; false if it contains data. If null, the first row contains the
    /// names if none of its fields is a number and the next row contains one. The default is null.
    /// </param>
    /// <param name="missingValue">
    /// The value that replaces missing values in columns of numbers. The default is NaN, which training rejects.
    /// </param>
    /// <param name="missingTexts">
    /// The strings that represent a missing value. The default is the ones that pandas recognizes: the empty string,
    /// NA, NaN, null, and similar.
    /// </param>
    /// <returns>The table.</returns>
    /// <exception cref="ArgumentException">The separator is invalid.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="InvalidDataException">
    /// A row has more or fewer fields than the first row, a quotation mark is not closed, or the file has no rows.
    /// </exception>
    public static CsvTable Read(string path, char separator = ',', bool? header = null, float missingValue = float.NaN,
        IEnumerable<string>? missingTexts = null)
    {
        using var reader = new StreamReader(DataFile.Open(path));
        return new(reader, path, separator, header, missingValue, missingTexts);
    }

    /// <summary>
    /// Reads a CSV file from a stream. The encoding is UTF-8, unless a byte order mark specifies another one.
    /// </summary>
    /// <param name="stream">The stream, which is read from its current position to its end and stays open.</param>
    /// <inheritdoc cref="Read(string, char, bool?, float, IEnumerable{string})"/>
    public static CsvTable Read(Stream stream, char separator = ',', bool? header = null,
        float missingValue = float.NaN, IEnumerable<string>? missingTexts = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var reader = new StreamReader(stream, leaveOpen: true);
        return new(reader, "The stream", separator, header, missingValue, missingTexts);
    }

    /// <summary>Reads a CSV file from a text reader, such as a <see cref="StringReader"/>.</summary>
    /// <param name="reader">The reader, which stays open.</param>
    /// <inheritdoc cref="Read(string, char, bool?, float, IEnumerable{string})"/>
    public static CsvTable Read(TextReader reader, char separator = ',', bool? header = null,
        float missingValue = float.NaN, IEnumerable<string>? missingTexts = null)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return new(reader, "The text", separator, header, missingValue, missingTexts);
    }

    /// <summary>Gets columns of numbers side by side, in the order in which you list them.</summary>
    /// <param name="columns">Column names, zero-based indexes, or a range such as <c>..^1</c>.</param>
    /// <returns>An array with shape (rows, columns).</returns>
    /// <exception cref="ArgumentException">A column does not exist, or no column is specified.</exception>
    /// <exception cref="InvalidDataException">
    /// A field is not a number. The message names the line and the column.
    /// </exception>
    public NDArray Columns(params CsvColumns columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        int[] taken = columns.In(_names, ColumnCount, _source, nameof(columns));
        if (taken.Length == 0) throw new ArgumentException("At least one column is needed.", nameof(columns));
        var result = new NDArray(Rows, taken.Length);
        for (int r = 0, i = 0; r < Rows; r++)
            foreach (int column in taken) result.Span[i++] = Number(r, column);
        return result;
    }

    /// <summary>Gets a column of numbers.</summary>
    /// <param name="column">The name or the zero-based index of the column.</param>
    /// <returns>An array with shape (rows,).</returns>
    /// <exception cref="ArgumentException">The column does not exist.</exception>
    /// <exception cref="InvalidDataException">
    /// A field is not a number. The message names the line and the column.
    /// </exception>
    public NDArray Column(CsvColumn column) => Columns([column]).Reshape(Rows);

    /// <summary>Gets the unconverted text of a column.</summary>
    /// <param name="column">The name or the zero-based index of the column.</param>
    /// <returns>The text of each row. Missing values are not replaced.</returns>
    /// <exception cref="ArgumentException">The column does not exist.</exception>
    public IReadOnlyList<string> Texts(CsvColumn column)
    {
        int taken = column.In(_names, ColumnCount, _source, nameof(column));
        return [.. _rows.Select(r => r[taken])];
    }

    /// <summary>Gets a column of text as class numbers.</summary>
    /// <param name="column">The name or the zero-based index of the column.</param>
    /// <param name="names">
    /// The classes: the distinct strings, ordered by value if all of them are numbers, and otherwise in ordinal order.
    /// </param>
    /// <returns>An array with shape (rows,) that contains the class number of each row, starting at 0.</returns>
    /// <exception cref="ArgumentException">The column does not exist.</exception>
    /// <exception cref="InvalidDataException">A value is missing. The message names the line.</exception>
    public NDArray Classes(CsvColumn column, out string[] names) => NDArray.FromClasses(Labels(column), out names);

    /// <summary>Gets a column of text as class numbers for known classes, such as those of the training data.</summary>
    /// <param name="column">The name or the zero-based index of the column.</param>
    /// <param name="names">The classes in order. Each class is listed once.</param>
    /// <returns>An array with shape (rows,) that contains the class number of each row, starting at 0.</returns>
    /// <exception cref="ArgumentException">The column does not exist, or a class is listed twice.</exception>
    /// <exception cref="InvalidDataException">
    /// A value is missing, or is not one of the classes. The message names the line.
    /// </exception>
    public NDArray Classes(CsvColumn column, IReadOnlyList<string> names)
    {
        Dictionary<string, int> numbers = NDArray.ClassNumbers(names);
        string[] labels = Labels(column);
        float[] values = new float[labels.Length];
        for (int r = 0; r < labels.Length; r++)
        {
            values[r] = numbers.TryGetValue(labels[r], out int number) ? number
                : throw Wrong(
                    $"line {_lines[r]}: \"{labels[r]}\" is not one of the classes {string.Join(", ", names)}");
        }
        return new(values, values.Length);
    }

    string[] Labels(CsvColumn column)
    {
        int taken = column.In(_names, ColumnCount, _source, nameof(column));
        string[] labels = [.. _rows.Select(r => r[taken].Trim())];
        int missing = Array.FindIndex(labels, l => _format.IsMissing(l));
        return missing < 0 ? labels : throw Wrong($"line {_lines[missing]}, column {taken + 1}: the class is missing");
    }

    float Number(int row, int column) => _format.TryParse(_rows[row][column], out float value) ? value
        : throw NDArray.NoNumber(Wrong, _lines[row], column, _names, _rows[row][column]);

    InvalidDataException Wrong(string what) => new($"{_source}: {what}.");
}
