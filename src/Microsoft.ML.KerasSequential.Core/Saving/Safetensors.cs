using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Saving;

/// <summary>
/// Named arrays in the safetensors format: the length of a JSON header (8 bytes), the header with a type, a shape and
/// an offset for each name, then the values, little-endian.
/// </summary>
internal static class Safetensors
{
    public static void Write(Stream stream, IReadOnlyList<KeyValuePair<string, NDArray>> arrays)
    {
        var header =
            new JsonObject { ["__metadata__"] = new JsonObject { ["format"] = "Microsoft.ML.KerasSequential" } };
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
        byte[] json = JsonText.Bytes(header);
        int padding = (8 - json.Length % 8) % 8;
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)(json.Length + padding));
        stream.Write(length);
        stream.Write(json);
        for (int i = 0; i < padding; i++) stream.WriteByte((byte)' ');
        foreach ((_, NDArray array) in arrays) stream.Write(MemoryMarshal.AsBytes((ReadOnlySpan<float>)array.Span));
    }

    /// <summary>All arrays by name.</summary>
    /// <exception cref="InvalidDataException">The data is damaged or in another format; the message says
    /// where.</exception>
    public static Dictionary<string, NDArray> Read(Stream stream, string source) =>
        Read(new SafetensorsReader(stream, source, stream.Length));

    /// <summary>All arrays by name.</summary>
    /// <exception cref="InvalidDataException">The data ends too early.</exception>
    public static Dictionary<string, NDArray> Read(SafetensorsReader reader)
    {
        var arrays = new Dictionary<string, NDArray>();
        foreach ((string name, int[] shape) in reader.Entries)
        {
            var array = new NDArray(shape);
            reader.ReadNext(array.Span);
            arrays[name] = array;
        }
        return arrays;
    }
}
