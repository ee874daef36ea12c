using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.ML.KerasSequential.Onnx.Proto;

namespace Microsoft.ML.KerasSequential.Onnx;

/// <summary>Reads the tensors of a file as arrays: floats of any width, and integers.</summary>
internal sealed class OnnxArrays
{
    readonly Dictionary<string, TensorProto> _tensors = [];
    readonly string? _folder;
    readonly string _source;

    /// <param name="graph">The graph whose initializers and constants are read.</param>
    /// <param name="folder">The folder of external data files; null if there are none.</param>
    /// <param name="source">The file, for errors.</param>
    public OnnxArrays(GraphProto graph, string? folder, string source)
    {
        (_folder, _source) = (folder, source);
        foreach (TensorProto tensor in graph.Initializer)
            if (!_tensors.TryAdd(tensor.Name, tensor)) throw Damaged($"two tensors are named \"{tensor.Name}\"");
        foreach (NodeProto node in graph.Node.Where(n => n.OpType == "Constant" && n.Output.Count == 1))
            if (node.Attribute.FirstOrDefault(a => a.Name == "value")?.T is { } value
                && !_tensors.TryAdd(node.Output[0], value))
                throw Damaged($"two tensors are named \"{node.Output[0]}\"");
    }

    public bool Has(string name) => _tensors.ContainsKey(name);

    /// <summary>The number of values in all tensors.</summary>
    public long Count => _tensors.Values.Sum(t => (long)Size(t));

    /// <exception cref="InvalidDataException">The tensor does not exist, is damaged, or has another type.</exception>
    public NDArray Floats(string name)
    {
        TensorProto tensor = Find(name);
        int size = Size(tensor);
        float[] values = (TensorProto.Types.DataType)tensor.DataType switch
        {
            TensorProto.Types.DataType.Float =>
                tensor.FloatData.Count > 0 ? [.. tensor.FloatData]
                : MemoryMarshal.Cast<byte, float>(Bytes(tensor, 4L * size)).ToArray(),
            TensorProto.Types.DataType.Float16 => [.. (tensor.Int32Data.Count > 0
                ? tensor.Int32Data.Select(bits => BitConverter.UInt16BitsToHalf((ushort)bits))
                : MemoryMarshal.Cast<byte, Half>(Bytes(tensor, 2L * size)).ToArray()).Select(h => (float)h)],
            TensorProto.Types.DataType.Double =>
                [.. (tensor.DoubleData.Count > 0 ? [.. tensor.DoubleData]
                    : MemoryMarshal.Cast<byte, double>(Bytes(tensor, 8L * size)).ToArray()).Select(d => (float)d)],
            TensorProto.Types.DataType.Int8 => [.. Bytes(tensor, size).ToArray().Select(b => (float)(sbyte)b)],
            _ => throw Damaged(
                $"the tensor \"{name}\" holds values of type {tensor.DataType}, which cannot be weights"),
        };
        return values.Length == size ? new(values, [.. tensor.Dims.Select(d => (int)d)])
            : throw Damaged($"the tensor \"{name}\" has {values.Length} values, but a shape for {size}");
    }

    /// <exception cref="InvalidDataException">The tensor does not exist, is damaged, or has another type.</exception>
    public long[] Integers(string name)
    {
        TensorProto tensor = Find(name);
        int size = Size(tensor);
        if (tensor.DataType != (int)TensorProto.Types.DataType.Int64)
            throw Damaged($"the tensor \"{name}\" holds values of type {tensor.DataType}; expected 64-bit integers");
        long[] values = tensor.Int64Data.Count > 0 ? [.. tensor.Int64Data]
            : MemoryMarshal.Cast<byte, long>(Bytes(tensor, 8L * size)).ToArray();
        return values.Length == size ? values
            : throw Damaged($"the tensor \"{name}\" has {values.Length} values, but a shape for {size}");
    }

    /// <summary>A weight tensor, dequantized if it is stored as integers.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="axis">The axis along which it is scaled.</param>
    public NDArray Weights(string name, int axis)
    {
        if (axis < 0 || Has(name)) return Floats(name);
        NDArray whole = Floats($"{name}_quantized"), scales = Floats($"{name}_scale");
        if (axis >= whole.Rank || scales.Size != whole.Shape[axis])
            throw Damaged($"the scales of \"{name}\" do not match it");
        Quantized.ScaleBack(whole, scales, axis);
        return whole;
    }

    TensorProto Find(string name) =>
        _tensors.TryGetValue(name, out TensorProto? tensor) ? tensor : throw Damaged($"it lacks the tensor \"{name}\"");

    int Size(TensorProto tensor)
    {
        long size = 1;
        foreach (long d in tensor.Dims)
        {
            if (d < 0 || (size *= Math.Min(d, int.MaxValue)) > int.MaxValue || d > int.MaxValue)
                throw Damaged($"the tensor \"{tensor.Name}\" has an invalid shape: {string.Join(", ", tensor.Dims)}");
        }
        return (int)size;
    }

    ReadOnlySpan<byte> Bytes(TensorProto tensor, long length)
    {
        ReadOnlySpan<byte> bytes = tensor.DataLocation == TensorProto.Types.DataLocation.External
            ? External(tensor, length) : tensor.RawData.Span;
        if (bytes.Length != length)
            throw Damaged($"the tensor \"{tensor.Name}\" has {bytes.Length} bytes of values, but a shape for {length}");
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("ONNX files can be read only on little-endian machines.");
        return bytes;
    }

    /// <summary>Reads values from a file in the model's folder, never from elsewhere.</summary>
    byte[] External(TensorProto tensor, long length)
    {
        Dictionary<string, string> place = tensor.ExternalData.DistinctBy(e => e.Key)
            .ToDictionary(e => e.Key, e => e.Value);
        string location = place.GetValueOrDefault("location", "");
        if (_folder is null)
            throw Damaged($"the values of \"{tensor.Name}\" are in an external file, which a stream does not have");
        if (location.Length == 0 || Path.GetFileName(location) != location || location is "." or ".."
            || location.AsSpan().ContainsAny('\0', '\\', ':'))
            throw Damaged(
                $"the values of \"{tensor.Name}\" are at \"{location}\", which is not a file in the model's folder");
        long offset = Number("offset", 0), given = Number("length", length);
        string path = Path.Combine(_folder, location);
        if (!File.Exists(path))
            throw new FileNotFoundException(
                $"{_source}: the values of \"{tensor.Name}\" are in {location}, which does not exist.", path);
        using FileStream stream = File.OpenRead(path);
        if (given != length || offset < 0 || offset > stream.Length - length)
            throw Damaged($"the values of \"{tensor.Name}\" are not within {location}");
        byte[] bytes = new byte[length];
        stream.Position = offset;
        stream.ReadExactly(bytes);
        return bytes;

        long Number(string key, long missing) => !place.TryGetValue(key, out string? text) ? missing
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number
            : throw Damaged($"\"{text}\" is not a valid {key}");
    }

    InvalidDataException Damaged(string what) => new($"{_source} is damaged: {what}.");
}
