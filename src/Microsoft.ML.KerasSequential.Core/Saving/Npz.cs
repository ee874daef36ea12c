using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace Microsoft.ML.KerasSequential.Saving;

/// <summary>
/// Named arrays as NumPy's <c>savez</c> writes them: a zip file with one <c>.npy</c> file for each, which consists of a
/// magic string, a header in Python syntax, and the values. It reads 16-, 32- and 64-bit floats and integers, in either
/// order of the dimensions.
/// </summary>
internal static partial class Npz
{
    const int MaxHeader = 64 * 1024;

    static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    public static void Write(Stream stream, IReadOnlyList<KeyValuePair<string, NDArray>> arrays)
    {
        using var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        foreach ((string name, NDArray array) in arrays)
        {
            // Weights hardly compress, so they are stored.
            using Stream entry = zip.CreateEntry($"{name}.npy", CompressionLevel.NoCompression).Open();
            string shape = string.Join(", ", array.Shape.ToArray()) + (array.Rank == 1 ? "," : "");
            string header = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({shape}), }}";
            // The values start at a multiple of 64.
            int length = (Magic.Length + 4 + header.Length + 1 + 63) / 64 * 64 - Magic.Length - 4;
            entry.Write(Magic);
            entry.Write([1, 0, (byte)length, (byte)(length >> 8)]);
            entry.Write(Encoding.ASCII.GetBytes(header.PadRight(length - 1) + "\n"));
            entry.Write(MemoryMarshal.AsBytes((ReadOnlySpan<float>)array.Span));
        }
    }

    /// <exception cref="InvalidDataException">The data is damaged or in another format; the message says
    /// where.</exception>
    public static Dictionary<string, NDArray> Read(Stream stream, string source)
    {
        try
        {
            using var zip = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
            var arrays = new Dictionary<string, NDArray>();
            foreach (ZipArchiveEntry entry in zip.Entries)
            {
                if (!entry.FullName.EndsWith(".npy", StringComparison.Ordinal))
                    throw new InvalidDataException($"it contains \"{entry.FullName}\", which is not an array");
                if (ZipLimit.Exceeded(entry))
                    throw new InvalidDataException(
                        $"\"{entry.FullName}\" would expand from {entry.CompressedLength} to {entry.Length} bytes");
                using Stream values = entry.Open();
                if (!arrays.TryAdd(entry.FullName[..^4], ReadArray(values, entry.FullName)))
                    throw new InvalidDataException($"two arrays are named \"{entry.FullName}\"");
            }
            return arrays;
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or ArgumentException
            or OverflowException)
        {
            throw new InvalidDataException($"{source} is not a NumPy file, or is damaged: {e.Message}.", e);
        }
    }

    /// <summary>What stands before the values of an array.</summary>
    /// <exception cref="InvalidDataException">The array does not begin as one.</exception>
    public static (string Type, bool IsTurned, int[] Shape) ReadHeader(Stream stream, string name)
    {
        Span<byte> start = stackalloc byte[12];
        stream.ReadExactly(start[..10]);
        if (!start[..6].SequenceEqual(Magic))
            throw new InvalidDataException($"\"{name}\" does not start like an array");
        // The length has two bytes in version 1, four in later versions.
        long length = BinaryPrimitives.ReadUInt16LittleEndian(start[8..]);
        if (start[6] > 1)
        {
            stream.ReadExactly(start[10..]);
            length = BinaryPrimitives.ReadUInt32LittleEndian(start[8..]);
        }
        if (length > MaxHeader) throw new InvalidDataException($"\"{name}\" has a header of {length} bytes");
        byte[] header = new byte[length];
        stream.ReadExactly(header);
        string text = Encoding.UTF8.GetString(header);
        Match type = Descr().Match(text), order = Order().Match(text), sizes = Sizes().Match(text);
        if (!type.Success || !order.Success || !sizes.Success)
            throw new InvalidDataException($"\"{name}\" has a header without type, order or shape");
        int[] shape = [.. Digits().Matches(sizes.Groups[1].Value)
            .Select(d => int.Parse(d.Value, NumberStyles.None, CultureInfo.InvariantCulture))];
        return (type.Groups[1].Value, order.Groups[1].Value == "True", shape);
    }

    /// <summary>An array of numbers.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or of another type.</exception>
    public static NDArray ReadArray(Stream stream, string name)
    {
        (string type, bool isTurned, int[] shape) = ReadHeader(stream, name);
        long size = shape.Aggregate(1L, (product, d) => checked(product * d));
        Func<ReadOnlyMemory<byte>, float[]> convert = type switch
        {
            "<f4" => b => MemoryMarshal.Cast<byte, float>(b.Span).ToArray(),
            "<f8" => b => [.. MemoryMarshal.Cast<byte, double>(b.Span).ToArray().Select(v => (float)v)],
            "<f2" => b => [.. MemoryMarshal.Cast<byte, Half>(b.Span).ToArray().Select(v => (float)v)],
            "<i4" => b => [.. MemoryMarshal.Cast<byte, int>(b.Span).ToArray().Select(v => (float)v)],
            "<i8" => b => [.. MemoryMarshal.Cast<byte, long>(b.Span).ToArray().Select(v => (float)v)],
            "|i1" => b => [.. b.ToArray().Select(v => (float)(sbyte)v)],
            "|u1" => b => [.. b.ToArray().Select(v => (float)v)],
            string other => throw new InvalidDataException(
                $"\"{name}\" contains values of type {other}, which cannot be weights"),
        };
        int width = type[2] - '0';
        // Block by block, so that a header with wrong sizes does not allocate more memory than the file has data.
        const int block = 1 << 20;
        var values = new List<float>((int)Math.Min(size, block));
        byte[] buffer = new byte[width * (int)Math.Min(size, block)];
        while (values.Count < size)
        {
            int bytes = width * (int)Math.Min(block, size - values.Count);
            stream.ReadExactly(buffer.AsSpan(0, bytes));
            values.AddRange(convert(buffer.AsMemory(0, bytes)));
        }
        if (stream.ReadByte() >= 0) throw new InvalidDataException($"\"{name}\" continues after its values");
        if (!isTurned) return new([.. values], shape);
        return size == 0 ? new NDArray(shape)
            : K.Evaluate(K.Transpose(K.Constant(new NDArray([.. values], [.. shape.Reverse()]))));
    }

    [GeneratedRegex("'descr'\\s*:\\s*'([<|][fiu][1248]|\\|O)'")]
    private static partial Regex Descr();

    [GeneratedRegex("'fortran_order'\\s*:\\s*(True|False)")]
    private static partial Regex Order();

    [GeneratedRegex("'shape'\\s*:\\s*\\(([0-9, ]*)\\)")]
    private static partial Regex Sizes();

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Digits();
}
