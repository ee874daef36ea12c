using System.Buffers.Binary;
using System.Text;

namespace Microsoft.ML.KerasSequential.Data;

/// <summary>
/// Reads an array of lists of integers that NumPy wrote with Python's pickle. A pickle is a program that can call any
/// Python function. This reader calls nothing: it builds numbers, strings, lists, and tuples, and recognizes by name
/// the five functions that such an array refers to. Anything else is an error.
/// </summary>
internal sealed class PickledArray
{
    static readonly string[] s_known =
    [
        "numpy.core.multiarray _reconstruct", "numpy._core.multiarray _reconstruct", "numpy ndarray", "numpy dtype",
        "_codecs encode",
    ];

    // Lists share the boxed numbers that occur often.
    static readonly object[] s_numbers = [.. Enumerable.Range(0, 1 << 10).Select(i => (object)(long)i)];

    readonly byte[] _data;
    readonly string _source;
    readonly List<object?> _stack = [], _memo = [];
    readonly List<int> _marks = [];
    int _at;

    PickledArray(byte[] data, string source) => (_data, _source) = (data, source);

    sealed record Global(string Name);

    /// <summary>
    /// Represents the object that a function would have created, and the state that the object would have received.
    /// </summary>
    sealed class Made(Global function)
    {
        public Global Function => function;

        public object?[]? State { get; set; }
    }

    /// <summary>Reads the lists.</summary>
    /// <param name="data">The pickle.</param>
    /// <param name="source">The source of the data, for error messages.</param>
    /// <exception cref="InvalidDataException">The data is damaged, or is not an array of lists of integers.</exception>
    public static int[][] Read(byte[] data, string source)
    {
        var reader = new PickledArray(data, source);
        try
        {
            object? value = reader.Run();
            if (value is not Made { Function.Name: var name, State: [_, object?[] shape, _, _, List<object?> items] }
                || !name.EndsWith("_reconstruct", StringComparison.Ordinal))
                throw reader.Wrong("it holds no array of objects");
            if (shape is not [long count] || count != items.Count)
                throw reader.Wrong("it is not a one-dimensional array with as many lists as its shape says");
            return [.. items.Select(reader.Numbers)];
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or IndexOutOfRangeException or InvalidCastException)
        {
            throw reader.Wrong("it is cut off or damaged");
        }
    }

    int[] Numbers(object? item)
    {
        if (item is not List<object?> list)
            throw Wrong($"an item is not a list: found {item?.GetType().Name ?? "nothing"}");
        int[] numbers = new int[list.Count];
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = list[i] is long and >= int.MinValue and <= int.MaxValue ? (int)(long)list[i]!
                : throw Wrong("a value in a list is not a 32-bit integer");
        }
        return numbers;
    }

    object? Run()
    {
        while (true)
        {
            byte op = _data[_at++];
            switch (op)
            {
                case 0x80: _at++; break;                                            // PROTO
                case 0x95: _at += 8; break;                                         // FRAME
                case (byte)'.': return Pop();
                case (byte)'(': _marks.Add(_stack.Count); break;
                case (byte)'0': Pop(); break;
                case (byte)'N': Push(null); break;
                case 0x88: Push(true); break;
                case 0x89: Push(false); break;
                case (byte)'K': Push(Number(_data[_at++])); break;
                case (byte)'M': Push(Number(BinaryPrimitives.ReadUInt16LittleEndian(Take(2)))); break;
                case (byte)'J': Push(Number(BinaryPrimitives.ReadInt32LittleEndian(Take(4)))); break;
                case 0x8A: Push(Number(LongOf(Take(_data[_at++])))); break;
                case (byte)'U': case (byte)'C': Push(Text(Take(_data[_at++]))); break;
                case (byte)'T': case (byte)'B': case (byte)'X': Push(Text(Take(Length()))); break;
                case 0x8C: Push(Text(Take(_data[_at++]))); break;
                case (byte)'c': Push(Known(Line(), Line())); break;
                case 0x93:
                    (string name, string module) = (As<string>(Pop()), As<string>(Pop()));
                    Push(Known(module, name));
                    break;
                case (byte)']': Push(new List<object?>()); break;
                case (byte)'a': object? item = Pop(); As<List<object?>>(_stack[^1]).Add(item); break;
                case (byte)'e': object?[] items = PopMark(); As<List<object?>>(_stack[^1]).AddRange(items); break;
                case (byte)'l': Push(new List<object?>(PopMark())); break;
                case (byte)')': Push(Array.Empty<object?>()); break;
                case (byte)'t': Push(PopMark()); break;
                case 0x85: Push(PopLast(1)); break;
                case 0x86: Push(PopLast(2)); break;
                case 0x87: Push(PopLast(3)); break;
                case (byte)'q': Memorize(_data[_at++]); break;
                case (byte)'r': Memorize(Length()); break;
                case 0x94: _memo.Add(_stack[^1]); break;
                case (byte)'h': Push(_memo[_data[_at++]]); break;
                case (byte)'j': Push(_memo[Length()]); break;
                case (byte)'R': As<object?[]>(Pop()); Push(new Made(As<Global>(Pop()))); break;
                case (byte)'b': object?[] state = As<object?[]>(Pop()); As<Made>(_stack[^1]).State = state; break;
                default: throw Wrong($"it asks for the operation {op:X2} at {_at - 1}, which no array of lists needs");
            }
        }
    }

    void Push(object? value) => _stack.Add(value);

    object? Pop()
    {
        object? top = _stack[^1];
        _stack.RemoveAt(_stack.Count - 1);
        return top;
    }

    static T As<T>(object? value) => value is T wanted ? wanted : throw new InvalidCastException();

    object?[] PopMark()
    {
        int mark = _marks[^1];
        _marks.RemoveAt(_marks.Count - 1);
        return PopLast(_stack.Count - mark);
    }

    object?[] PopLast(int count)
    {
        object?[] last = [.. _stack.GetRange(_stack.Count - count, count)];
        _stack.RemoveRange(_stack.Count - count, count);
        return last;
    }

    /// <summary>Stores the top of the stack for later use. Python numbers the stored values consecutively.</summary>
    void Memorize(int index)
    {
        if (index > _memo.Count) throw Wrong($"it remembers value {index} after {_memo.Count} others");
        if (index == _memo.Count) _memo.Add(_stack[^1]);
        else _memo[index] = _stack[^1];
    }

    Global Known(string module, string name)
    {
        string full = $"{module} {name}";
        return s_known.Contains(full) ? new(full)
            : throw Wrong($"it asks for {module}.{name}, which no array of lists needs");
    }

    static object Number(long value) => value >= 0 && value < s_numbers.Length ? s_numbers[value] : value;

    static long LongOf(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > 8) throw new InvalidCastException();
        long value = bytes.Length > 0 && bytes[^1] >= 0x80 ? -1 : 0;
        for (int i = bytes.Length - 1; i >= 0; i--) value = value << 8 | bytes[i];
        return value;
    }

    int Length() => BinaryPrimitives.ReadInt32LittleEndian(Take(4)) is var length and >= 0 ? length
        : throw new InvalidCastException();

    ReadOnlySpan<byte> Take(int count)
    {
        ReadOnlySpan<byte> taken = _data.AsSpan(_at, count);
        _at += count;
        return taken;
    }

    string Line()
    {
        int end = Array.IndexOf(_data, (byte)'\n', _at);
        string line = Text(_data.AsSpan(_at, end - _at));
        _at = end + 1;
        return line;
    }

    static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    InvalidDataException Wrong(string what) => new($"{_source}: an array of lists of numbers is expected, but {what}.");
}
