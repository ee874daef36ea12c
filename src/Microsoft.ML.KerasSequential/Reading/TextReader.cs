using Microsoft.ML.Data;

namespace Microsoft.ML.KerasSequential.Reading;

/// <summary>Reads texts from one column of a row. A missing text is an empty one, as everywhere in ML.NET.</summary>
internal sealed class TextReader
{
    readonly ValueGetter<ReadOnlyMemory<char>>? _single;
    readonly ValueGetter<VBuffer<ReadOnlyMemory<char>>>? _several;
    readonly DataViewRow _row;
    readonly string _name;
    VBuffer<ReadOnlyMemory<char>> _values;

    public TextReader(DataViewRow row, DataViewSchema.Column column)
    {
        (_row, _name) = (row, column.Name);
        if (column.Type is VectorDataViewType) _several = row.GetGetter<VBuffer<ReadOnlyMemory<char>>>(column);
        else _single = row.GetGetter<ReadOnlyMemory<char>>(column);
    }

    /// <summary>Whether a type can be read.</summary>
    public static bool CanRead(DataViewType type) => type.ItemType() is TextDataViewType;

    /// <summary>Reads the texts of the cursor's current row.</summary>
    /// <exception cref="InvalidOperationException">A vector of variable size has a different size in this
    /// row.</exception>
    public void Read(Span<string> destination)
    {
        if (_single is not null)
        {
            ReadOnlyMemory<char> text = default;
            _single(ref text);
            destination[0] = text.ToString();
            return;
        }
        _several!(ref _values);
        if (_values.Length != destination.Length)
            throw new InvalidOperationException($"The column \"{_name}\" has {_values.Length} texts in row "
                + $"{_row.Position}; the network expects {destination.Length}.");
        int i = 0;
        foreach (ReadOnlyMemory<char> text in _values.DenseValues()) destination[i++] = text.ToString();
    }
}
