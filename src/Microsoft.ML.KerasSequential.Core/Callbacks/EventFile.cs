using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Google.Protobuf;

namespace Microsoft.ML.KerasSequential.Callbacks;

/// <summary>
/// Writes a TensorBoard event file. Each record consists of a length, its checksum, an <c>Event</c> protocol buffer,
/// and its checksum (TensorFlow's <c>TFRecord</c>, <c>event.proto</c>, and <c>summary.proto</c>).
/// </summary>
internal sealed class EventFile
{
    static int s_count;

    readonly ArrayBufferWriter<byte> _pending = new();

    public EventFile(string folder)
    {
        Directory.CreateDirectory(folder);
        long seconds = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        int number = Interlocked.Increment(ref s_count);
        Path = System.IO.Path.Combine(folder,
            $"events.out.tfevents.{seconds}.{Environment.MachineName}.{Environment.ProcessId}.{number}");
        Event(0, o => Field(o, 3, Encoding.UTF8.GetBytes("brain.Event:2")));
    }

    public string Path { get; }

    public void Scalar(string tag, double value, long step) => Summary(step, tag, o =>
    {
        o.WriteTag(2, WireFormat.WireType.Fixed32);
        o.WriteFloat((float)value);
    });

    /// <summary>Adds a histogram that counts the values in each of 30 equal ranges.</summary>
    public void Histogram(string tag, ReadOnlySpan<float> values, long step)
    {
        const int ranges = 30;
        double min = double.PositiveInfinity, max = double.NegativeInfinity, sum = 0, squares = 0;
        int finite = 0;
        foreach (float value in values)
        {
            if (!float.IsFinite(value)) continue;
            (min, max) = (Math.Min(min, value), Math.Max(max, value));
            sum += value;
            squares += (double)value * value;
            finite++;
        }
        if (finite == 0) return;
        double width = max > min ? (max - min) / ranges : 1;
        double[] counts = new double[ranges], limits = new double[ranges];
        for (int i = 0; i < ranges; i++) limits[i] = min + (i + 1) * width;
        foreach (float value in values)
            if (float.IsFinite(value)) counts[Math.Min(ranges - 1, (int)((value - min) / width))]++;
        (int, double)[] numbers = [(1, min), (2, max), (3, finite), (4, sum), (5, squares)];
        Summary(step, tag, o => Field(o, 5, Message(h =>
        {
            foreach ((int field, double number) in numbers) Number(h, field, number);
            Field(h, 6, Packed(limits));
            Field(h, 7, Packed(counts));
        })));
    }

    /// <summary>Adds a graph of named nodes, each with an operation and inputs (<c>graph.proto</c>).</summary>
    public void Graph(IEnumerable<(string Name, string Op, IReadOnlyList<string> Inputs)> nodes) =>
        Event(0, o => Field(o, 4, Message(graph =>
    {
        foreach ((string name, string op, IReadOnlyList<string> inputs) in nodes)
        {
            Field(graph, 1, Message(node =>
            {
                Field(node, 1, Encoding.UTF8.GetBytes(name));
                Field(node, 2, Encoding.UTF8.GetBytes(op));
                foreach (string input in inputs) Field(node, 3, Encoding.UTF8.GetBytes(input));
            }));
        }
        // The producer version. Without it, readers treat the graph as an old one.
        Field(graph, 4, Message(versions =>
        {
            versions.WriteTag(1, WireFormat.WireType.Varint);
            versions.WriteInt32(27);
        }));
    })));

    /// <summary>Appends new records to the file, which is open only during this call.</summary>
    public void Flush()
    {
        using var stream = new FileStream(Path, FileMode.Append, FileAccess.Write, FileShare.Read);
        stream.Write(_pending.WrittenSpan);
        _pending.ResetWrittenCount();
    }

    void Summary(long step, string tag, Action<CodedOutputStream> value) =>
        Event(step, o => Field(o, 5, Message(summary => Field(summary, 1, Message(v =>
    {
        Field(v, 1, Encoding.UTF8.GetBytes(tag));
        value(v);
    })))));

    void Event(long step, Action<CodedOutputStream> what)
    {
        byte[] message = Message(o =>
        {
            Number(o, 1, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0);
            o.WriteTag(2, WireFormat.WireType.Varint);
            o.WriteInt64(step);
            what(o);
        });
        Span<byte> length = stackalloc byte[8], check = stackalloc byte[4];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)message.Length);
        _pending.Write(length);
        BinaryPrimitives.WriteUInt32LittleEndian(check, MaskedChecksum(length));
        _pending.Write(check);
        _pending.Write(message);
        BinaryPrimitives.WriteUInt32LittleEndian(check, MaskedChecksum(message));
        _pending.Write(check);
    }

    static byte[] Message(Action<CodedOutputStream> write)
    {
        using var memory = new MemoryStream();
        using (var output = new CodedOutputStream(memory, leaveOpen: true)) write(output);
        return memory.ToArray();
    }

    static void Field(CodedOutputStream output, int field, byte[] bytes)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(bytes));
    }

    static void Number(CodedOutputStream output, int field, double value)
    {
        output.WriteTag(field, WireFormat.WireType.Fixed64);
        output.WriteDouble(value);
    }

    static byte[] Packed(double[] values)
    {
        byte[] bytes = new byte[8 * values.Length];
        for (int i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(8 * i), values[i]);
        return bytes;
    }

    /// <summary>
    /// Returns the CRC-32C checksum, rotated and offset, because a checksum of data that contains checksums would be
    /// weak.
    /// </summary>
    internal static uint MaskedChecksum(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in data) crc = BitOperations.Crc32C(crc, b);
        crc = ~crc;
        return BitOperations.RotateRight(crc, 15) + 0xa282ead8;
    }
}
