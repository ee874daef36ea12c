using System.Text;

namespace Microsoft.ML.KerasSequential.Utils;

/// <summary>
/// An array as NumPy prints it: rows and columns of aligned numbers, in brackets. Of more than 1000 values, the
/// first and last three of each dimension are shown.
/// </summary>
internal sealed class ArrayText
{
    const int Threshold = 1000, EdgeItems = 3, LineWidth = 75;
    const string Gap = "...";

    readonly NDArray _array;
    readonly bool _summarizes;
    readonly NumberColumn _column;
    readonly int[] _index;

    ArrayText(NDArray array)
    {
        (_array, _summarizes, _index) = (array, array.Size > Threshold, new int[array.Rank]);
        var shown = new List<float>();
        Collect(0, 0, shown);
        _column = new NumberColumn(shown);
    }

    /// <summary>The text, without a line break at its end.</summary>
    public static string Of(NDArray array) => array.Size == 0 ? "[]" : array.Rank == 0 ? NumberText.Alone(array.Span[0])
        : new ArrayText(array).Block(0, " ", LineWidth).ReplaceLineEndings();

    /// <summary>The values that are shown.</summary>
    void Collect(int axis, int offset, List<float> shown)
    {
        if (axis == _array.Rank)
        {
            shown.Add(_array.Span[offset]);
            return;
        }
        foreach (int i in Positions(axis))
            if (i >= 0) Collect(axis + 1, offset * _array.Shape[axis] + i, shown);
    }

    /// <summary>The entries of a dimension that are shown; −1 where others are left out.</summary>
    IEnumerable<int> Positions(int axis)
    {
        int size = _array.Shape[axis];
        if (!_summarizes || size <= 2 * EdgeItems) return Enumerable.Range(0, size);
        return [.. Enumerable.Range(0, EdgeItems), -1, .. Enumerable.Range(size - EdgeItems, EdgeItems)];
    }

    /// <summary>What lies at the present index, from a dimension on.</summary>
    /// <param name="axis">The dimension.</param>
    /// <param name="indent">What the lines after the first begin with.</param>
    /// <param name="width">How long a line may be, without the brackets that close it.</param>
    string Block(int axis, string indent, int width)
    {
        int[] positions = [.. Positions(axis)];
        var text = new StringBuilder();
        if (axis == _array.Rank - 1)
        {
            Row(axis, positions, indent, width - 1, text);
        }
        else
        {
            string between = new('\n', _array.Rank - axis - 1);
            for (int i = 0; i < positions.Length; i++)
            {
                if (i > 0) text.Append(between);
                _index[axis] = positions[i];
                text.Append(indent).Append(positions[i] < 0 ? Gap : Block(axis + 1, indent + " ", width - 1));
            }
        }
        return $"[{text.Remove(0, indent.Length)}]";
    }

    /// <summary>The numbers of the last dimension, on as many lines as they need.</summary>
    void Row(int axis, int[] positions, string indent, int width, StringBuilder text)
    {
        var line = new StringBuilder(indent);
        for (int i = 0; i < positions.Length; i++)
        {
            _index[axis] = positions[i];
            string word = positions[i] < 0 ? Gap : _column.Format(_array[_index]);
            if (line.Length + word.Length > width && line.Length > indent.Length)
            {
                text.Append(line.ToString().TrimEnd()).Append('\n');
                line.Clear().Append(indent);
            }
            line.Append(word);
            if (i < positions.Length - 1) line.Append(' ');
        }
        text.Append(line);
    }
}
