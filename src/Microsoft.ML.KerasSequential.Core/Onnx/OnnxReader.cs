using Google.Protobuf;
using Microsoft.ML.KerasSequential.Onnx.Proto;

namespace Microsoft.ML.KerasSequential.Onnx;

/// <summary>Reads ONNX files, whatever tool wrote them.</summary>
internal static class OnnxReader
{
    public static ModelProto Read(Stream stream, string source)
    {
        try
        {
            ModelProto model = ModelProto.Parser.ParseFrom(stream);
            return model.Graph is not null && model.OpsetImport.Count > 0 ? model
                : throw new InvalidDataException($"{source} is not an ONNX model: it contains no graph.");
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new InvalidDataException($"{source} is not an ONNX model, or is damaged: {e.Message}", e);
        }
    }

    /// <summary>The only input that is not a constant.</summary>
    public static ValueInfoProto Input(GraphProto graph, string source)
    {
        var constants = graph.Initializer.Select(i => i.Name).ToHashSet();
        ValueInfoProto[] inputs = [.. graph.Input.Where(i => !constants.Contains(i.Name))];
        return inputs is [var input] ? input
            : throw new NotSupportedException($"{source}: the graph has {inputs.Length} inputs "
                + $"({string.Join(", ", inputs.Select(i => i.Name))}); a Sequential has one.");
    }

    /// <summary>The shape of the input, batch first; null for a variable size.</summary>
    public static Shape InputShape(GraphProto graph, string source)
    {
        ValueInfoProto input = Input(graph, source);
        if (input.Type?.TensorType?.Shape is not { Dim.Count: > 0 } shape)
            throw new InvalidDataException(
                $"{source} is damaged: the input \"{input.Name}\" is not a tensor of known rank.");
        if (shape.Dim.FirstOrDefault(d => d.HasDimValue && d.DimValue is < 0 or > int.MaxValue) is { } wrong)
            throw new InvalidDataException(
                $"{source} is damaged: the input \"{input.Name}\" has a size of {wrong.DimValue}.");
        return new([.. shape.Dim.Select((d, i) => i > 0 && d.HasDimValue && d.DimValue > 0 ? (int?)d.DimValue : null)]);
    }
}
