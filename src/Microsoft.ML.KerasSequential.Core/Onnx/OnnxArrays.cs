using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.ML.KerasSequential.Onnx.Proto;

namespace Microsoft.ML.KerasSequential.Onnx;

/// <summary>The tensors of a file as arrays: floats of any width, and whole numbers.</summary>
internal sealed class OnnxArrays
{
    readonly Dictionary<string, TensorProto> _tensors = [];
    readonly string? _folder;
    readonly string _source;

    /// <param name="graph">The graph whose initializers and constants are meant.</param>
    /// <param name="folder">Where files of external data lie; null if there are none.</param>
    /// <param name="source">The file, for errors.</param>
    public OnnxArrays(GraphProto graph, string? folder, string source)
    {
        (_folder, _source) = (folder, source);
        foreach (TensorProto tensor in graph.Initializer)
            if (!_tensors.TryAdd(tensor.Name, tensor)) throw Damaged($"two tensors are named \"{tensor.Name}\"");
        foreach (NodeProto node in graph.Node.Where(n => n.OpType == "Constant" && n.Output.Count == 1))
            if (node.Attribute.FirstOrDefault(a => a.Name == "value")?.T is { } value && !_tensors.TryAdd(node.Output[0], value)) throw Damaged($"two tensors are named \"{node.Output[0]}\"");
    }

    public bool Has(string name) => _tensors.ContainsKey(name);

    /// <summary>How many values there are in all tensors.</summary>
    public long Count => _tensors.Values.Sum(t => (long)Size(t));

    /// <exception cref="InvalidDataException">There is no such tensor, or it is damaged or of another type.</exception>
    public NDArray Floats(string name)
    {
        TensorProto tensor = Find(name);
        int size = Size(tensor);
        float[] values = (TensorProto.Types.DataType)tensor.DataType switch
        {
            TensorProto.Types.DataType.Float => tensor.FloatData.Count > 0 ? [.. tensor.FloatData] : MemoryMarshal.Cast<byte, float>(Bytes(tensor, 4L * size)).ToArray(),
            TensorProto.Types.DataType.Float16 => [.. (tensor.Int32Data.Count > 0
                ? tensor.Int32Data.Select(bits => BitConverter.UInt16BitsToHalf((ushort)bits))
                : MemoryMarshal.Cast<byte, Half>(Bytes(tensor, 2L * size)).ToArray()).Select(h => (float)h)],
            TensorProto.Types.DataType.Double => [.. (tensor.DoubleData.Count > 0 ? [.. tensor.DoubleData] : MemoryMarshal.Cast<byte, double>(Bytes(tensor, 8L * size)).ToArray()).Select(d => (float)d)],
            TensorProto.Types.DataType.Int8 => [.. Bytes(tensor, size).ToArray().Select(b => (float)(sbyte)b)],
            _ => throw Damaged($"the tensor \"{name}\" holds values of type {tensor.DataType}, which are no weights"),
        };
        return values.Length == size ? new(values, [.. tensor.Dims.Select(d => (int)d)]) : throw Damaged($"the tensor \"{name}\" has {values.Length} values, but sizes for {size}");
    }

    /// <exception cref="InvalidDataException">There is no such tensor, or it is damaged or of another type.</exception>
    public long[] Integers(string name)
    {
        TensorProto tensor = Find(name);
        int size = Size(tensor);
        if (tensor.DataType != (int)TensorProto.Types.DataType.Int64) throw Damaged($"the tensor \"{name}\" holds values of type {tensor.DataType} where whole numbers of 64 bits should stand");
        long[] values = tensor.Int64Data.Count > 0 ? [.. tensor.Int64Data] : MemoryMarshal.Cast<byte, long>(Bytes(tensor, 8L * size)).ToArray();
        return values.Length == size ? values : throw Damaged($"the tensor \"{name}\" has {values.Length} values, but sizes for {size}");
    }

    /// <summary>A tensor of weights, scaled back where it is stored as whole numbers.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="axis">The dimension along which it is scaled.</param>
    public NDArray Weights(string name, int axis)
    {
        if (axis < 0 || Has(name)) return Floats(name);
        NDArray whole = Floats($"{name}_quantized"), scales = Floats($"{name}_scale");
        if (axis >= whole.Rank || scales.Size != whole.Shape[axis]) throw Damaged($"the factors of \"{name}\" do not fit it");
        Quantized.ScaleBack(whole, scales, axis);
        return whole;
    }

    TensorProto Find(string name) => _tensors.TryGetValue(name, out TensorProto? tensor) ? tensor : throw Damaged($"it lacks the tensor \"{name}\"");

    int Size(TensorProto tensor)
    {
        long size = 1;
        foreach (long d in tensor.Dims)
        {
            if (d < 0 || (size *= Math.Min(d, int.MaxValue)) > int.MaxValue || d > int.MaxValue) throw Damaged($"the tensor \"{tensor.Name}\" has impossible sizes: {string.Join(", ", tensor.Dims)}");
        }
        return (int)size;
    }

    ReadOnlySpan<byte> Bytes(TensorProto tensor, long length)
    {
        ReadOnlySpan<byte> bytes = tensor.DataLocation == TensorProto.Types.DataLocation.External ? External(tensor, length) : tensor.RawData.Span;
        if (bytes.Length != length) throw Damaged($"the tensor \"{tensor.Name}\" has {bytes.Length} bytes of values, but sizes for {length}");
        if (!BitConverter.IsLittleEndian) throw new PlatformNotSupportedException("Files in the format of ONNX are read on little-endian machines alone.");
        return bytes;
    }

    /// <summary>Values in a file beside the model; never one elsewhere.</summary>
    byte[] External(TensorProto tensor, long length)
    {
        Dictionary<string, string> place = tensor.ExternalData.DistinctBy(e => e.Key).ToDictionary(e => e.Key, e => e.Value);
        string location = place.GetValueOrDefault("location", "");
        if (_folder is null) throw Damaged($"the values of \"{tensor.Name}\" lie in a file beside it, which a stream has not");
        if (location.Length == 0 || Path.GetFileName(location) != location || location is "." or ".." || location.AsSpan().ContainsAny('\0', '\\', ':'))
            throw Damaged($"the values of \"{tensor.Name}\" lie at \"{location}\", which is no file beside the model");
        long offset = Number("offset", 0), given = Number("length", length);
        string path = Path.Combine(_folder, location);
        if (!File.Exists(path)) throw new FileNotFoundException($"{_source}: the values of \"{tensor.Name}\" lie in {location}, which is not there.", path);
        using FileStream stream = File.OpenRead(path);
        if (given != length || offset < 0 || offset > stream.Length - length) throw Damaged($"the values of \"{tensor.Name}\" do not lie within {location}");
        byte[] bytes = new byte[length];
        stream.Position = offset;
        stream.ReadExactly(bytes);
        return bytes;

        long Number(string key, long missing) => !place.TryGetValue(key, out string? text) ? missing
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : throw Damaged($"\"{text}\" is no {key} of values");
    }

    InvalidDataException Damaged(string what) => new($"{_source} is damaged: {what}.");
}
