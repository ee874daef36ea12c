using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Microsoft.ML.KerasSequential.Saving;

/// <summary>Reads the arrays of a safetensors file in order, each directly into its destination.</summary>
internal sealed class SafetensorsReader
{
    const int MaxHeader = 100 << 20;

    readonly Stream _stream;
    readonly string _source;
    readonly List<(string Name, int[] Shape)> _entries = [];
    int _next;

    /// <summary>Reads the header.</summary>
    /// <param name="stream">The data.</param>
    /// <param name="source">The file, for errors.</param>
    /// <param name="length">The number of bytes available; a header that needs more is damaged.</param>
    /// <exception cref="InvalidDataException">The data is damaged or in another format; the message says
    /// where.</exception>
    public SafetensorsReader(Stream stream, string source, long length)
    {
        (_stream, _source) = (stream, source);
        Span<byte> start = stackalloc byte[8];
        if (stream.ReadAtLeast(start, 8, throwOnEndOfStream: false) < 8)
            throw Damaged("it ends within its first 8 bytes");
        ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(start);
        if (headerLength is < 2 or > MaxHeader || (long)headerLength > length - 8)
            throw Damaged($"a header cannot have {headerLength} bytes");
        byte[] json = new byte[headerLength];
        if (stream.ReadAtLeast(json, json.Length, throwOnEndOfStream: false) < json.Length)
            throw Damaged("it ends within its header");
        try
        {
            using JsonDocument header = JsonDocument.Parse(json);
            long at = 0;
            foreach ((string name, int[] shape, string? type, long from,
                long to) in header.RootElement.EnumerateObject().Where(p => p.Name != "__metadata__")
                .Select(
                    p => (p.Name, Sizes(p.Value.GetProperty("shape")), p.Value.GetProperty("dtype").GetString(),
                        p.Value.GetProperty("data_offsets")[0].GetInt64(),
                        p.Value.GetProperty("data_offsets")[1].GetInt64()))
                .OrderBy(e => e.Item4))
            {
                if (type != "F32") throw Damaged($"\"{name}\" has the type {type}; expected F32");
                long bytes = 4 * shape.Aggregate(1L, (s, d) => checked(s * d));
                if (from != at || to - from != bytes)
                    throw Damaged($"\"{name}\" of shape ({string.Join(", ", shape)}) extends from {from} to {to}; "
                        + $"expected from {at} to {at + bytes}");
                at = to;
                if (at > length - 8 - (long)headerLength) throw Damaged($"it ends within \"{name}\"");
                _entries.Add((name, shape));
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException
            or FormatException or OverflowException or IndexOutOfRangeException)
        {
            throw new InvalidDataException(
                $"{source} is damaged: its header does not follow the safetensors format ({e.Message}).", e);
        }
        if (_entries.DistinctBy(e => e.Name).Count() < _entries.Count) throw Damaged("two arrays have the same name");
    }

    /// <summary>Names and shapes, in the order of the data.</summary>
    public IReadOnlyList<(string Name, int[] Shape)> Entries => _entries;

    /// <summary>The number of values in all arrays.</summary>
    public long Count => _entries.Sum(e => e.Shape.Aggregate(1L, (s, d) => s * d));

    /// <summary>Reads the values of the next array.</summary>
    /// <param name="values">A span with as many elements as the shape has values.</param>
    /// <exception cref="InvalidDataException">The data ends too early.</exception>
    public void ReadNext(Span<float> values)
    {
        string name = _entries[_next++].Name;
        Span<byte> bytes = MemoryMarshal.AsBytes(values);
        if (_stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
            throw Damaged($"it ends within \"{name}\"");
    }

    static int[] Sizes(JsonElement shape) =>
        [.. shape.EnumerateArray()
            .Select(d => d.GetInt32() is >= 0 and var size ? size : throw new FormatException("a negative size"))];

    InvalidDataException Damaged(string what) => new($"{_source} is damaged: {what}.");
}
