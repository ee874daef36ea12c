using Microsoft.ML.KerasSequential.Data;

#pragma warning disable CS1573 // The parameters without a line of their own inherit it.

namespace Microsoft.ML.KerasSequential;

/// <summary>
/// A CSV file in memory, of which features, labels and texts are taken column by column. Where all is numbers,
/// <see cref="NDArray.FromCsv(string, char, bool?, CsvColumns, float, IEnumerable{string})"/> is shorter, and keeps no
/// texts.
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

    /// <summary>The names of the columns; none where the file has no header.</summary>
    public IReadOnlyList<string> Names => _names ?? [];

    /// <summary>The number of rows, without the header.</summary>
    public int Rows => _rows.Count;

    /// <summary>The number of columns.</summary>
    public int ColumnCount { get; }

    /// <summary>Reads a CSV file (RFC 4180).</summary>
    /// <param name="path">The file; one that is packed by gzip is unpacked.</param>
    /// <param name="separator">What stands between two fields, such as <c>';'</c> or <c>'\t'</c>.</param>
    /// <param name="header">
    /// Whether the first row names the columns; null: it does if none of its fields is a number and the next row has
    /// one.
    /// </param>
    /// <param name="missingValue">What a missing value becomes among numbers; NaN by default, on which no model
    /// trains.</param>
    /// <param name="missingTexts">
    /// The texts that stand for a missing value; by default none at all, and NA, NaN, null and their kin, as in pandas.
    /// </param>
    /// <returns>The table.</returns>
    /// <exception cref="ArgumentException">The separator cannot be one.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="InvalidDataException">
    /// A row is longer or shorter than the first one, a quote is not closed, or there are no rows.
    /// </exception>
    public static CsvTable Read(string path, char separator = ',', bool? header = null, float missingValue = float.NaN,
        IEnumerable<string>? missingTexts = null)
    {
        using var reader = new StreamReader(DataFile.Open(path));
        return new(reader, path, separator, header, missingValue, missingTexts);
    }

    /// <summary>Reads a CSV file from a stream in UTF-8, or as its byte order mark says.</summary>
    /// <param name="stream">The file, from where the stream stands to its end. It stays open.</param>
    /// <inheritdoc cref="Read(string, char, bool?, float, IEnumerable{string})"/>
    public static CsvTable Read(Stream stream, char separator = ',', bool? header = null,
        float missingValue = float.NaN, IEnumerable<string>? missingTexts = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var reader = new StreamReader(stream, leaveOpen: true);
        return new(reader, "The stream", separator, header, missingValue, missingTexts);
    }

    /// <summary>Reads a CSV file from a reader, such as a <see cref="StringReader"/>.</summary>
    /// <param name="reader">The file. It stays open.</param>
    /// <inheritdoc cref="Read(string, char, bool?, float, IEnumerable{string})"/>
    public static CsvTable Read(TextReader reader, char separator = ',', bool? header = null,
        float missingValue = float.NaN, IEnumerable<string>? missingTexts = null)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return new(reader, "The text", separator, header, missingValue, missingTexts);
    }

    /// <summary>Columns of numbers beside each other, in the order in which they are named.</summary>
    /// <param name="columns">Names, numbers from 0, or a range such as <c>..^1</c>.</param>
    /// <returns>An array (rows, columns).</returns>
    /// <exception cref="ArgumentException">There is no such column, or none is given.</exception>
    /// <exception cref="InvalidDataException">A field is no number; the message says which line and column.</exception>
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

    /// <summary>A column of numbers.</summary>
    /// <param name="column">Its name or number.</param>
    /// <returns>An array (rows,).</returns>
    /// <exception cref="ArgumentException">There is no such column.</exception>
    /// <exception cref="InvalidDataException">A field is no number; the message says which line and column.</exception>
    public NDArray Column(CsvColumn column) => Columns([column]).Reshape(Rows);

    /// <summary>A column as it is.</summary>
    /// <param name="column">Its name or number.</param>
    /// <returns>The texts, a row each; a missing one as it stands.</returns>
    /// <exception cref="ArgumentException">There is no such column.</exception>
    public IReadOnlyList<string> Texts(CsvColumn column)
    {
        int taken = column.In(_names, ColumnCount, _source, nameof(column));
        return [.. _rows.Select(r => r[taken])];
    }

    /// <summary>A column of texts as the numbers of their classes.</summary>
    /// <param name="column">Its name or number.</param>
    /// <param name="names">
    /// The classes: the different texts, in order of their values if all are numbers, else in the order of their
    /// letters' codes.
    /// </param>
    /// <returns>The number of each row's class, from 0: an array (rows,).</returns>
    /// <exception cref="ArgumentException">There is no such column.</exception>
    /// <exception cref="InvalidDataException">A value is missing; the message says which line.</exception>
    public NDArray Classes(CsvColumn column, out string[] names) => NDArray.FromClasses(Labels(column), out names);

    /// <summary>A column of texts as the numbers of classes that are known, such as those of the training
    /// data.</summary>
    /// <param name="column">Its name or number.</param>
    /// <param name="names">The classes, each once, in their order.</param>
    /// <returns>The number of each row's class, from 0: an array (rows,).</returns>
    /// <exception cref="ArgumentException">There is no such column, or a class is named twice.</exception>
    /// <exception cref="InvalidDataException">A value is missing, or none of the classes; the message says which
    /// line.</exception>
    public NDArray Classes(CsvColumn column, IReadOnlyList<string> names)
    {
        Dictionary<string, int> numbers = NDArray.ClassNumbers(names);
        string[] labels = Labels(column);
        float[] values = new float[labels.Length];
        for (int r = 0; r < labels.Length; r++)
        {
            values[r] = numbers.TryGetValue(labels[r], out int number) ? number
                : throw Wrong($"line {_lines[r]}: \"{labels[r]}\" is none of the classes {string.Join(", ", names)}");
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
