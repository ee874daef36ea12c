using System.Collections;
using System.Runtime.CompilerServices;

namespace Microsoft.ML.KerasSequential;

/// <summary>A column of a CSV file, by its name in the header or by its number; names and numbers convert by
/// themselves.</summary>
public readonly record struct CsvColumn
{
    readonly string? _name;
    readonly Index _index;

    CsvColumn(string? name, Index index) => (_name, _index) = (name, index);

    /// <summary>A column by its name.</summary>
    /// <param name="name">The name, as the header has it.</param>
    public static implicit operator CsvColumn(string name) =>
        new(name ?? throw new ArgumentNullException(nameof(name)), 0);

    /// <summary>A column by its number.</summary>
    /// <param name="index">The number, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public static implicit operator CsvColumn(int index) => new(null, index);

    /// <summary>A column by its number, perhaps from the end: <c>^1</c> is the last one.</summary>
    /// <param name="index">The number.</param>
    public static implicit operator CsvColumn(Index index) => new(null, index);

    /// <summary>The name, or the number.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => _name is null ? _index.ToString() : $"\"{_name}\"";

    /// <summary>Its number in a file.</summary>
    /// <param name="names">The header, or null.</param>
    /// <param name="count">The columns of the file.</param>
    /// <param name="source">The file, for errors.</param>
    /// <param name="parameter">The argument, for errors.</param>
    /// <exception cref="ArgumentException">There is no such column, or two of the name.</exception>
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
                $"{source} has no header, so there is no column \"{_name}\". Give `header: true` if the "
                + "first row is one.", parameter);
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

/// <summary>Columns of a CSV file: names, numbers from 0, both in brackets, or a range such as <c>..^1</c>.</summary>
[CollectionBuilder(typeof(CsvColumns), nameof(Create))]
public sealed class CsvColumns : IEnumerable<CsvColumn>
{
    readonly CsvColumn[] _columns;
    readonly Range? _range;

    CsvColumns(CsvColumn[] columns, Range? range = null) => (_columns, _range) = (columns, range);

    /// <summary>Columns in the order in which they are given.</summary>
    /// <param name="columns">The columns.</param>
    /// <returns>The columns.</returns>
    public static CsvColumns Create(ReadOnlySpan<CsvColumn> columns) => new(columns.ToArray());

    /// <summary>One column by its name.</summary>
    /// <param name="name">The name, as the header has it.</param>
    public static implicit operator CsvColumns(string name) => new([name]);

    /// <summary>Columns by their names.</summary>
    /// <param name="names">The names, as the header has them.</param>
    public static implicit operator CsvColumns(string[] names) =>
        new([.. (names ?? throw new ArgumentNullException(nameof(names))).Select(n => (CsvColumn)n)]);

    /// <summary>One column by its number.</summary>
    /// <param name="index">The number, from 0.</param>
    public static implicit operator CsvColumns(int index) => new([index]);

    /// <summary>Columns by their numbers.</summary>
    /// <param name="indices">The numbers, from 0.</param>
    public static implicit operator CsvColumns(int[] indices) =>
        new([.. (indices ?? throw new ArgumentNullException(nameof(indices))).Select(i => (CsvColumn)i)]);

    /// <summary>One column by its number, perhaps from the end.</summary>
    /// <param name="index">The number.</param>
    public static implicit operator CsvColumns(Index index) => new([index]);

    /// <summary>Columns beside each other: <c>..^1</c> is all but the last one.</summary>
    /// <param name="range">The numbers.</param>
    public static implicit operator CsvColumns(Range range) => new([], range);

    /// <summary>The columns that were given one by one.</summary>
    /// <returns>The columns.</returns>
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
