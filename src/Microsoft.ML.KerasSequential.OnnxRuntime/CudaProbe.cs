using Google.Protobuf;
using Microsoft.ML.KerasSequential.Onnx;
using Microsoft.ML.KerasSequential.Onnx.Proto;
using Microsoft.ML.OnnxRuntime;

namespace Microsoft.ML.KerasSequential;

/// <summary>
/// A model with a convolution and a matrix product, which needs everything that ONNX Runtime uses on a GPU: cuDNN,
/// cuBLAS, and kernels for this GPU. Otherwise, a user's model would fail at run time, too late to fall back.
/// </summary>
internal static class CudaProbe
{
    static readonly float[] s_input = [1, 2, 3, 4];

    // The sum of the inputs, three times.
    const float Expected = 30;

    /// <summary>Runs the model.</summary>
    /// <param name="place">Sets the device in the options.</param>
    /// <exception cref="OnnxRuntimeException">Something is missing.</exception>
    /// <exception cref="InvalidOperationException">The result is wrong.</exception>
    public static void Run(Action<SessionOptions> place)
    {
        using var settings = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        place(settings);
        using var session = new InferenceSession(Model(), settings);
        using var run = new RunOptions();
        using OrtValue x = OrtValue.CreateTensorValueFromMemory(s_input, [1, 1, 2, 2]);
        using IDisposableReadOnlyCollection<OrtValue> y = session.Run(run, ["x"], [x], ["y"]);
        float got = y[0].GetTensorDataAsSpan<float>()[0];
        if (got != Expected) throw new InvalidOperationException($"it computes {got} instead of {Expected}");
    }

    static byte[] Model()
    {
        var graph = new OnnxGraph(
            [Node("Conv", "seen", "x", "ones"), Node("Flatten", "flat", "seen"), Node("MatMul", "y", "flat", "three")],
            [
                OnnxTensors.Float("ones", new NDArray([1, 1, 1, 1], [1, 1, 2, 2])),
                OnnxTensors.Float("three", new NDArray([3], [1, 1])),
            ],
            new Dictionary<string, int>(), Value("x", 1, 1, 2, 2), Value("y", 1, 1), OnnxOptions.MinOpset);
        return OnnxFile.Model(graph, "probe", []).ToByteArray();
    }

    static NodeProto Node(string type, string output, params string[] inputs) =>
        new() { OpType = type, Name = output, Input = { inputs }, Output = { output } };

    static ValueInfoProto Value(string name, params int[] sizes)
    {
        var shape = new TensorShapeProto();
        foreach (int size in sizes) shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = size });
        var type = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float, Shape = shape };
        return new() { Name = name, Type = new() { TensorType = type } };
    }
}
