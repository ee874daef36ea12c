using Microsoft.ML.Data;
using Microsoft.ML.KerasSequential.Onnx.Proto;
using Microsoft.ML.KerasSequential.Reading;
using DataType = Microsoft.ML.KerasSequential.Onnx.Proto.TensorProto.Types.DataType;

namespace Microsoft.ML.KerasSequential.Onnx;

/// <summary>The ONNX types of columns: a batch of vectors; single values are vectors of size 1.</summary>
internal static class OnnxTypes
{
    /// <summary>The ONNX type of numbers or text; undefined if there is none.</summary>
    public static DataType Of(Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.Boolean => DataType.Bool,
        TypeCode.SByte => DataType.Int8,
        TypeCode.Byte => DataType.Uint8,
        TypeCode.Int16 => DataType.Int16,
        TypeCode.UInt16 => DataType.Uint16,
        TypeCode.Int32 => DataType.Int32,
        TypeCode.UInt32 => DataType.Uint32,
        TypeCode.Int64 => DataType.Int64,
        TypeCode.UInt64 => DataType.Uint64,
        TypeCode.Single => DataType.Float,
        TypeCode.Double => DataType.Double,
        TypeCode.String => DataType.String,
        _ => type == typeof(ReadOnlyMemory<char>) ? DataType.String : DataType.Undefined,
    };

    /// <summary>The type of a column's values.</summary>
    public static DataType Of(DataViewType type) => Of(type.ItemType().RawType);

    /// <summary>The shape of a batch of a column's values; −1 for the batch and for variable sizes.</summary>
    public static List<long> ShapeOf(DataViewType type) => type switch
    {
        VectorDataViewType { IsKnownSize: true } vector => [-1, .. vector.Dimensions.Select(d => (long)d)],
        VectorDataViewType => [-1, -1],
        _ => [-1, 1],
    };

    /// <summary>Describes a column as an input or output of a graph.</summary>
    public static ValueInfoProto ValueInfo(string name, DataViewType type)
    {
        var shape = new TensorShapeProto();
        foreach (long size in ShapeOf(type))
            shape.Dim.Add(size >= 0 ? new TensorShapeProto.Types.Dimension { DimValue = size }
                : new TensorShapeProto.Types.Dimension { DimParam = shape.Dim.Count == 0 ? "batch" : $"{name}_size" });
        return new() { Name = name, Type = new() { TensorType = new() { ElemType = (int)Of(type), Shape = shape } } };
    }
}
