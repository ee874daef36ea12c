using Google.Protobuf;
using Microsoft.ML.KerasSequential.Onnx.Proto;

namespace Microsoft.ML.KerasSequential.Onnx;

/// <summary>Writes a graph as a model file, with its weights in it or in an external file.</summary>
internal static class OnnxFile
{
    public const string Producer = "Microsoft.ML.KerasSequential";

    public static readonly string ProducerVersion = typeof(OnnxFile).Assembly.GetName().Version!.ToString(3);

    // Small tensors are not worth a second read.
    const int SmallestExternal = 1024;

    public static ModelProto Model(OnnxGraph graph, string name, IEnumerable<KeyValuePair<string, string>> metadata)
    {
        var model = new ModelProto
        {
            IrVersion = graph.Opset switch { <= 14 => 7, <= 18 => 8, <= 20 => 9, _ => 10 },
            ProducerName = Producer,
            ProducerVersion = ProducerVersion,
            ModelVersion = 1,
            OpsetImport = { new OperatorSetIdProto { Domain = "", Version = graph.Opset } },
            Graph = new() { Name = name, Input = { graph.Input }, Output = { graph.Output } },
        };
        if (graph.Nodes.Any(n => n.Domain == OnnxTexts.MachineLearning))
            model.OpsetImport.Add(new OperatorSetIdProto
            {
                Domain = OnnxTexts.MachineLearning,
                Version = OnnxTexts.MachineLearningVersion
            });
        model.Graph.Node.AddRange(graph.Nodes);
        model.Graph.Initializer.AddRange(graph.Initializers);
        foreach ((string key, string value) in metadata)
            model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
        return model;
    }

    /// <summary>The size of all weights in bytes.</summary>
    public static long WeightBytes(ModelProto model) => model.Graph.Initializer.Sum(t => (long)t.RawData.Length);

    /// <summary>Moves the large tensors of a model to a stream, and records the location of each in the
    /// model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="data">The stream to write the values to.</param>
    /// <param name="location">The name of the stream's file, in the model's folder.</param>
    public static void MoveOut(ModelProto model, Stream data, string location)
    {
        foreach (TensorProto tensor in model.Graph.Initializer)
        {
            if (tensor.RawData.Length < SmallestExternal) continue;
            // Page alignment allows the file to be memory-mapped.
            while (data.Position % 4096 != 0) data.WriteByte(0);
            tensor.DataLocation = TensorProto.Types.DataLocation.External;
            foreach ((string key, string value) in new[] { ("location", location), ("offset", Text(data.Position)),
                ("length", Text(tensor.RawData.Length)) })
                tensor.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
            tensor.RawData.WriteTo(data);
            tensor.RawData = ByteString.Empty;
        }

        static string Text(long number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }
}
