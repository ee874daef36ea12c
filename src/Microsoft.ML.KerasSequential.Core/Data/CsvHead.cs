namespace Microsoft.ML.KerasSequential.Data;

/// <summary>The rows of a CSV file without its header: all of one length.</summary>
internal sealed class CsvHead
{
    readonly CsvRows _rows;
    readonly CsvFormat _format;
    readonly int _count;
    readonly long _firstLine;
    // The first row was read to see whether it is a header; the one after it, to see what it stands over.
    string[]? _first;

    /// <summary>Reads the header, if there is one.</summary>
    /// <exception cref="InvalidDataException">The file has no rows, or rows of other lengths.</exception>
    public CsvHead(CsvRows rows, CsvFormat format, bool? header)
    {
        (_rows, _format) = (rows, format);
        if (!rows.Read()) throw rows.Wrong("there are no rows");
        (_count, _firstLine, Line) = (rows.Count, rows.Line, rows.Line);
        string[] first = Fields();
        if (header == false)
        {
            _first = first;
            return;
        }
        HasSecond = rows.Read();
        if (HasSecond) RequireLength();
        if (header == true || IsHeader(first)) Names = [.. first.Select(f => f.Trim())];
        else _first = first;
    }

    /// <summary>The columns.</summary>
    public int Count => _count;

    /// <summary>The names of the columns, or null where there is no header.</summary>
    public string[]? Names { get; }

    /// <summary>The line of the row that <see cref="Next"/> gave.</summary>
    public long Line { get; private set; }

    bool HasSecond { get; set; }

    /// <summary>Goes to the next row of data.</summary>
    /// <param name="first">The fields of the first row if that is it; others are in the rows themselves.</param>
    /// <returns>False at the end.</returns>
    public bool Next(out string[]? first)
    {
        first = _first;
        if (first is not null)
        {
            (_first, Line) = (null, _firstLine);
            return true;
        }
        bool isThere = HasSecond || _rows.Read();
        if (!HasSecond && isThere) RequireLength();
        HasSecond = false;
        Line = _rows.Line;
        return isThere;
    }

    /// <summary>A first row of texts, none a number, over a row with a number, or over nothing.</summary>
    bool IsHeader(string[] first)
    {
        bool isText = first.All(f => _format.IsMissing(f) || !_format.TryParse(f, out _))
            && !first.All(f => _format.IsMissing(f));
        if (!isText || !HasSecond) return isText;
        return Enumerable.Range(0, _count).Any(c => !_format.IsMissing(_rows[c]) && _format.TryParse(_rows[c], out _));
    }

    string[] Fields() => [.. Enumerable.Range(0, _rows.Count).Select(c => _rows[c].ToString())];

    void RequireLength()
    {
        if (_rows.Count != _count)
            throw _rows.Wrong($"line {_rows.Line} has {_rows.Count} fields, but line {_firstLine} has {_count}");
    }
}
