using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Saving;

/// <summary>
/// Named arrays in the safetensors format: the length of a JSON header (8 bytes), the header with a type, a shape and a place for
/// each name, then the values, little-endian.
/// </summary>
internal static class Safetensors
{
    const int MaxHeader = 100 << 20;

    public static void Write(Stream stream, IReadOnlyList<KeyValuePair<string, NDArray>> arrays)
    {
        var header = new JsonObject { ["__metadata__"] = new JsonObject { ["format"] = "Microsoft.ML.KerasSequential" } };
        long offset = 0;
        foreach ((string name, NDArray array) in arrays)
        {
            long end = offset + 4L * array.Size;
            header[name] = new JsonObject
            {
                ["dtype"] = "F32",
                ["shape"] = new JsonArray([.. array.Shape.ToArray().Select(d => (JsonNode)d)]),
                ["data_offsets"] = new JsonArray(offset, end),
            };
            offset = end;
        }
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(header);
        int padding = (8 - json.Length % 8) % 8;
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)(json.Length + padding));
        stream.Write(length);
        stream.Write(json);
        for (int i = 0; i < padding; i++) stream.WriteByte((byte)' ');
        foreach ((_, NDArray array) in arrays) stream.Write(MemoryMarshal.AsBytes((ReadOnlySpan<float>)array.Span));
    }

    /// <exception cref="InvalidDataException">The data are damaged or of another format; the message says where.</exception>
    public static Dictionary<string, NDArray> Read(Stream stream, string source)
    {
        Span<byte> length = stackalloc byte[8];
        if (stream.ReadAtLeast(length, 8, throwOnEndOfStream: false) < 8) throw Damaged(source, "it ends within its first 8 bytes");
        ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(length);
        if (headerLength is < 2 or > MaxHeader) throw Damaged(source, $"a header of {headerLength} bytes is not possible");
        byte[] json = new byte[headerLength];
        if (stream.ReadAtLeast(json, json.Length, throwOnEndOfStream: false) < json.Length) throw Damaged(source, "it ends within its header");
        try
        {
            using JsonDocument header = JsonDocument.Parse(json);
            var entries = header.RootElement.EnumerateObject().Where(p => p.Name != "__metadata__")
                .Select(p => (p.Name, Shape: Sizes(p.Value.GetProperty("shape")), Type: p.Value.GetProperty("dtype").GetString(), Start: p.Value.GetProperty("data_offsets")[0].GetInt64(), End: p.Value.GetProperty("data_offsets")[1].GetInt64()))
                .OrderBy(e => e.Start).ToList();
            var arrays = new Dictionary<string, NDArray>();
            long at = 0;
            foreach ((string name, int[] shape, string? type, long start, long end) in entries)
            {
                if (type != "F32") throw Damaged(source, $"\"{name}\" has the type {type}; expected F32");
                long size = shape.Aggregate(1L, (s, d) => checked(s * d));
                if (start != at || end - start != 4 * size) throw Damaged(source, $"\"{name}\" of shape ({string.Join(", ", shape)}) lies from {start} to {end}; expected from {at} to {at + 4 * size}");
                arrays[name] = ReadValues(stream, shape, size, source, name);
                at = end;
            }
            return arrays;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or OverflowException or IndexOutOfRangeException)
        {
            throw new InvalidDataException($"{source} is damaged: its header is not as safetensors has it ({e.Message}).", e);
        }
    }

    /// <summary>Block by block, so that a header that lies about its sizes takes no memory that the file does not have.</summary>
    static NDArray ReadValues(Stream stream, int[] shape, long size, string source, string name)
    {
        const int block = 1 << 20;
        var values = new List<float>((int)Math.Min(size, block));
        byte[] buffer = new byte[4 * (int)Math.Min(size, block)];
        while (values.Count < size)
        {
            int bytes = 4 * (int)Math.Min(block, size - values.Count);
            if (stream.ReadAtLeast(buffer.AsSpan(0, bytes), bytes, throwOnEndOfStream: false) < bytes) throw Damaged(source, $"it ends within \"{name}\"");
            values.AddRange(MemoryMarshal.Cast<byte, float>(buffer.AsSpan(0, bytes)));
        }
        return new([.. values], shape);
    }

    static int[] Sizes(JsonElement shape) => [.. shape.EnumerateArray().Select(d => d.GetInt32() is >= 0 and var size ? size : throw new FormatException("a negative size"))];

    static InvalidDataException Damaged(string source, string what) => new($"{source} is damaged: {what}.");
}
