using System.Runtime.InteropServices;
using Google.Protobuf;
using Microsoft.ML.KerasSequential.Onnx.Proto;

namespace Microsoft.ML.KerasSequential.Onnx;

/// <summary>Creates a file's tensors from arrays.</summary>
internal static class OnnxTensors
{
    public static TensorProto Float(string name, NDArray value) =>
        Raw<float>(name, TensorProto.Types.DataType.Float, value.Shape, value.Span);

    public static TensorProto Int64(string name, ReadOnlySpan<int> shape, ReadOnlySpan<long> values) =>
        Raw(name, TensorProto.Types.DataType.Int64, shape, values);

    public static TensorProto Int8(string name, ReadOnlySpan<int> shape, ReadOnlySpan<sbyte> values) =>
        Raw(name, TensorProto.Types.DataType.Int8, shape, values);

    public static TensorProto Half(string name, NDArray value)
    {
        var halves = new Half[value.Size];
        System.Numerics.Tensors.TensorPrimitives.ConvertToHalf(value.Span, halves);
        return Raw<Half>(name, TensorProto.Types.DataType.Float16, value.Shape, halves);
    }

    static TensorProto Raw<T>(string name, TensorProto.Types.DataType type, ReadOnlySpan<int> shape,
        ReadOnlySpan<T> values) where T : unmanaged
    {
        var tensor = new TensorProto
        {
            Name = name,
            DataType = (int)type,
            RawData = UnsafeByteOperations.UnsafeWrap(MemoryMarshal.AsBytes(values).ToArray())
        };
        foreach (int size in shape) tensor.Dims.Add(size);
        return tensor;
    }
}
