using System.Buffers.Binary;
using System.Text;
using Google.Protobuf;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Reads TensorBoard's event files by the published record and message formats, checksums included.</summary>
internal static class EventReader
{
    public sealed record Event
    {
        public long Step { get; set; }

        public string? FileVersion { get; set; }

        public string? Tag { get; set; }

        public float? Scalar { get; set; }

        public double Min { get; set; }

        public double Max { get; set; }

        public List<double> Counts { get; } = [];

        public List<string> GraphNodes { get; } = [];
    }

    public static List<Event> Read(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        var events = new List<Event>();
        for (int at = 0; at < file.Length;)
        {
            int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(at));
            Assert.AreEqual(Checksum(file.AsSpan(at, 8)), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 8)));
            Assert.AreEqual(Checksum(file.AsSpan(at + 12, length)),
                BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 12 + length)));
            var e = new Event();
            Fields(file.AsSpan(at + 12, length).ToArray(), (field, number, bytes) => Root(e, field, number, bytes));
            events.Add(e);
            at += 16 + length;
        }
        return events;
    }

    static void Root(Event e, int field, double number, byte[] bytes)
    {
        if (field == 2) e.Step = (long)number;
        if (field == 3) e.FileVersion = Encoding.UTF8.GetString(bytes);
        if (field == 4)
            Inner(bytes, 1, node => Inner(node, 1, name => e.GraphNodes.Add(Encoding.UTF8.GetString(name))));
        if (field == 5) Fields(bytes, (_, _, value) => Fields(value, (f, n, b) => Value(e, f, n, b)));
    }

    static void Value(Event e, int field, double number, byte[] bytes)
    {
        if (field == 1) e.Tag = Encoding.UTF8.GetString(bytes);
        if (field == 2) e.Scalar = (float)number;
        if (field != 5) return;
        Fields(bytes, (f, n, packed) =>
        {
            if (f == 1) e.Min = n;
            if (f == 2) e.Max = n;
            for (int i = 0; f == 7 && i < packed.Length; i += 8)
                e.Counts.Add(BinaryPrimitives.ReadDoubleLittleEndian(packed.AsSpan(i)));
        });
    }

    static void Inner(byte[] message, int wanted, Action<byte[]> visit) =>
        Fields(message, (field, _, bytes) =>
        {
            if (field == wanted) visit(bytes);
        });

    static void Fields(byte[] message, Action<int, double, byte[]> visit)
    {
        var input = new CodedInputStream(message);
        while (input.ReadTag() is var tag && tag != 0)
        {
            int field = WireFormat.GetTagFieldNumber(tag);
            switch (WireFormat.GetTagWireType(tag))
            {
                case WireFormat.WireType.Varint: visit(field, input.ReadInt64(), []); break;
                case WireFormat.WireType.Fixed64: visit(field, input.ReadDouble(), []); break;
                case WireFormat.WireType.Fixed32: visit(field, input.ReadFloat(), []); break;
                default: visit(field, 0, input.ReadBytes().ToByteArray()); break;
            }
        }
    }

    /// <summary>CRC-32C bit by bit, then TensorFlow's mask.</summary>
    static uint Checksum(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in data)
        {
            crc ^= b;
            for (int i = 0; i < 8; i++) crc = (crc >> 1) ^ ((crc & 1) * 0x82F6_3B78);
        }
        crc = ~crc;
        return ((crc >> 15) | (crc << 17)) + 0xA282_EAD8;
    }
}
