namespace Microsoft.ML.KerasSequential.Data;

/// <summary>
/// The rows of a CSV file, one after the other (RFC 4180): a field in quotes may hold separators, line ends and doubled
/// quotes; a quote inside a field without quotes is a letter like others. Empty lines are no rows.
/// </summary>
internal sealed class CsvRows(TextReader reader, char separator, string source)
{
    const int BufferSize = 1 << 14;

    readonly char[] _buffer = new char[BufferSize];
    readonly List<int> _ends = [];
    char[] _text = new char[256];
    int _next, _filled, _length;
    long _line = 1;
    bool _began;

    /// <summary>The line on which the present row begins, from 1.</summary>
    public long Line { get; private set; }

    /// <summary>The fields of the present row.</summary>
    public int Count => _ends.Count;

    /// <summary>A field of the present row, without its quotes.</summary>
    public ReadOnlySpan<char> this[int column]
    {
        get
        {
            int start = column == 0 ? 0 : _ends[column - 1];
            return _text.AsSpan(start, _ends[column] - start);
        }
    }

    /// <summary>Goes to the next row.</summary>
    /// <returns>False at the end.</returns>
    /// <exception cref="InvalidDataException">A quote is not closed, or text follows one that is.</exception>
    public bool Read()
    {
        if (!_began && Peek() == '\uFEFF') _next++;
        _began = true;
        while (Peek() is '\r' or '\n') EndLine();
        if (Peek() < 0) return false;
        (Line, _length) = (_line, 0);
        _ends.Clear();
        while (true)
        {
            if (Peek() == '"') Quoted();
            else Plain();
            _ends.Add(_length);
            int end = Peek();
            if (end < 0) return true;
            if (end != separator)
            {
                EndLine();
                return true;
            }
            _next++;
        }
    }

    void Plain()
    {
        while (Peek() is var c && c >= 0 && c != separator && c is not ('\r' or '\n'))
        {
            Add((char)c);
            _next++;
        }
    }

    void Quoted()
    {
        long begin = _line;
        _next++;
        while (true)
        {
            int c = Peek();
            if (c < 0) throw Wrong($"the quote that begins on line {begin}, column {Count + 1}, is not closed");
            if (c is '\r' or '\n')
            {
                EndLine(keep: true);
                continue;
            }
            _next++;
            if (c == '"')
            {
                if (Peek() != '"') break;
                _next++;
            }
            Add((char)c);
        }
        if (Peek() is var after && after >= 0 && after != separator && after is not ('\r' or '\n'))
            throw Wrong($"line {_line}, column {Count + 1}: '{(char)after}' follows the quote that closes the field");
    }

    /// <summary>Passes "\n", "\r\n" or "\r", which may belong to a field.</summary>
    void EndLine(bool keep = false)
    {
        int first = Peek();
        _next++;
        if (keep) Add((char)first);
        if (first == '\r' && Peek() == '\n')
        {
            _next++;
            if (keep) Add('\n');
        }
        _line++;
    }

    /// <summary>The next letter, which stays the next one; −1 at the end.</summary>
    int Peek()
    {
        if (_next < _filled) return _buffer[_next];
        (_next, _filled) = (0, reader.Read(_buffer, 0, _buffer.Length));
        return _filled == 0 ? -1 : _buffer[0];
    }

    void Add(char c)
    {
        if (_length == _text.Length)
        {
            if (_length > Array.MaxLength / 2) throw Wrong($"the row on line {Line} is longer than {_length} letters");
            Array.Resize(ref _text, 2 * _length);
        }
        _text[_length++] = c;
    }

    /// <summary>An error of this file.</summary>
    public InvalidDataException Wrong(string what) => new($"{source}: {what}.");
}
