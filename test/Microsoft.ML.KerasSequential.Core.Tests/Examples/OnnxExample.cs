using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Onnx;

namespace Guide;

/// <summary>The example of docs/guide/onnx.md.</summary>
[TestClass]
public sealed class OnnxExample
{
    [TestMethod]
    public void Runs()
    {
        #region example
        string folder = Directory.CreateTempSubdirectory("onnx").FullName;
        var cube = new CustomOp("Cube",
            forward: a =>
            {
                for (int i = 0; i < a.Output.Length; i++) a.Output[i] = MathF.Pow(a.Input(0)[i], 3);
            },
            onnx: (nodes, inputs) => nodes.Node("Pow", [inputs[0], nodes.Constant(3)]));

        using var model = new Sequential([
            new Embedding(1000, 16, maskZero: true),                // words by number, 0 for none; any number of them
            new LSTM(32),
            new Lambda(x => cube.Call(x)),
            new Dense(3, activation: "softmax"),
        ]);
        model.Build([null, null]);
        model.ToOnnx(Path.Combine(folder, "words.onnx"));
        model.ToOnnx(Path.Combine(folder, "small.onnx"),
            new OnnxOptions { Opset = 15, Weights = OnnxWeights.Int8, OutputName = "topic" });

        using var plain = new Sequential([new Dense(8, activation: "relu", inputShape: [4]), new Dense(1)]);
        using var stream = new MemoryStream();
        plain.ToOnnx(stream);
        stream.Position = 0;
        using Sequential again = Sequential.FromOnnx(stream);       // layers, names and weights
        again.Compile("adam", "mse");
        again.Fit(new NDArray(8, 4), new NDArray(8, 1), verbose: 0);
        #endregion
        Assert.AreEqual(plain.ToJson(), again.ToJson());
        NDArray x = new float[,] { { 3, 7, 0 }, { 2, 0, 0 } };
        AssertAgrees(model.Predict(x), Path.Combine(folder, "words.onnx"), x, 1e-5f);
        AssertAgrees(model.Predict(x), Path.Combine(folder, "small.onnx"), x, 0.02f);
        Directory.Delete(folder, recursive: true);
    }

    static void AssertAgrees(NDArray expected, string path, NDArray x, float tolerance)
    {
        NDArray actual = Microsoft.ML.KerasSequential.Tests.OnnxEngine.Run(path, [x]).Values[0];
        for (int i = 0; i < expected.Size; i++) Assert.AreEqual(expected.Span[i], actual.Span[i], tolerance);
    }
}
