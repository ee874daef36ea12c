using System.Collections;
using System.Runtime.CompilerServices;

namespace Microsoft.ML.KerasSequential;

/// <summary>
/// Identifies a column of a CSV file by its name in the header or by its zero-based index. Names and indexes are
/// converted implicitly.
/// </summary>
public readonly record struct CsvColumn
{
    readonly string? _name;
    readonly Index _index;

    CsvColumn(string? name, Index index) => (_name, _index) = (name, index);

    /// <summary>Converts a name to a column.</summary>
    /// <param name="name">The name, as it appears in the header.</param>
    public static implicit operator CsvColumn(string name) =>
        new(name ?? throw new ArgumentNullException(nameof(name)), 0);

    /// <summary>Converts a zero-based index to a column.</summary>
    /// <param name="index">The zero-based index.</param>
    /// <exception cref="ArgumentOutOfRangeException">The index is negative.</exception>
    public static implicit operator CsvColumn(int index) => new(null, index);

    /// <summary>Converts an index, which can count from the end, to a column: <c>^1</c> is the last one.</summary>
    /// <param name="index">The index.</param>
    public static implicit operator CsvColumn(Index index) => new(null, index);

    /// <summary>Returns the name or the index of the column.</summary>
    /// <returns>The name in quotation marks, or the index.</returns>
    public override string ToString() => _name is null ? _index.ToString() : $"\"{_name}\"";

    /// <summary>Gets the zero-based index of the column in a file.</summary>
    /// <param name="names">The header, or null if there is none.</param>
    /// <param name="count">The number of columns in the file.</param>
    /// <param name="source">The name of the file for error messages.</param>
    /// <param name="parameter">The name of the argument for error messages.</param>
    /// <exception cref="ArgumentException">The column does not exist, or several columns have the name.</exception>
    internal int In(string[]? names, int count, string source, string parameter)
    {
        if (_name is null)
        {
            int at = _index.GetOffset(count);
            return at >= 0 && at < count ? at
                : throw new ArgumentException($"{source} has {count} columns; there is no column {_index}.", parameter);
        }
        if (names is null)
        {
            throw new ArgumentException(
                $"{source} has no header, so there is no column \"{_name}\". Pass `header: true` if the "
                + "first row is a header.", parameter);
        }
        string name = _name;
        int found = Array.IndexOf(names, name);
        if (found < 0)
            throw new ArgumentException(
                $"{source} has no column \"{name}\"; it has {string.Join(", ", names.Select(n => $"\"{n}\""))}.",
                parameter);
        if (Array.LastIndexOf(names, name) != found)
            throw new ArgumentException($"{source} has several columns \"{name}\". Give the number of one.", parameter);
        return found;
    }
}

/// <summary>
/// Identifies columns of a CSV file: names, zero-based indexes, a mix of both in brackets, or a range such as
/// <c>..^1</c>.
/// </summary>
[CollectionBuilder(typeof(CsvColumns), nameof(Create))]
public sealed class CsvColumns : IEnumerable<CsvColumn>
{
    readonly CsvColumn[] _columns;
    readonly Range? _range;

    CsvColumns(CsvColumn[] columns, Range? range = null) => (_columns, _range) = (columns, range);

    /// <summary>Creates a collection of columns in the specified order.</summary>
    /// <param name="columns">The columns.</param>
    /// <returns>The columns.</returns>
    public static CsvColumns Create(ReadOnlySpan<CsvColumn> columns) => new(columns.ToArray());

    /// <summary>Converts a name to a collection with one column.</summary>
    /// <param name="name">The name, as it appears in the header.</param>
    public static implicit operator CsvColumns(string name) => new([name]);

    /// <summary>Converts names to columns.</summary>
    /// <param name="names">The names, as they appear in the header.</param>
    public static implicit operator CsvColumns(string[] names) =>
        new([.. (names ?? throw new ArgumentNullException(nameof(names))).Select(n => (CsvColumn)n)]);

    /// <summary>Converts a zero-based index to a collection with one column.</summary>
    /// <param name="index">The zero-based index.</param>
    public static implicit operator CsvColumns(int index) => new([index]);

    /// <summary>Converts zero-based indexes to columns.</summary>
    /// <param name="indices">The zero-based indexes.</param>
    public static implicit operator CsvColumns(int[] indices) =>
        new([.. (indices ?? throw new ArgumentNullException(nameof(indices))).Select(i => (CsvColumn)i)]);

    /// <summary>Converts an index, which can count from the end, to a collection with one column.</summary>
    /// <param name="index">The index.</param>
    public static implicit operator CsvColumns(Index index) => new([index]);

    /// <summary>Converts a range to adjacent columns: <c>..^1</c> is all but the last one.</summary>
    /// <param name="range">The range of indexes.</param>
    public static implicit operator CsvColumns(Range range) => new([], range);

    /// <summary>Returns an enumerator for the columns that were listed individually.</summary>
    /// <returns>The enumerator.</returns>
    public IEnumerator<CsvColumn> GetEnumerator() => ((IEnumerable<CsvColumn>)_columns).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal int[] In(string[]? names, int count, string source, string parameter)
    {
        if (_range is not Range range) return [.. _columns.Select(c => c.In(names, count, source, parameter))];
        int start = range.Start.GetOffset(count), end = range.End.GetOffset(count);
        if (start < 0 || end > count || start > end)
            throw new ArgumentException($"{source} has {count} columns; there are no columns {range}.", parameter);
        return [.. Enumerable.Range(start, end - start)];
    }
}
