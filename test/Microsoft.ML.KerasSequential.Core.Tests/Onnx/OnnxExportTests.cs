using System.Text.Json;
using Microsoft.ML.KerasSequential.Onnx;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Exported models give what <c>Predict</c> gives, in ONNX Runtime.</summary>
[TestClass]
public sealed class OnnxExportTests
{
    static readonly string s_folder = Directory.CreateTempSubdirectory("onnx").FullName;

    [ClassCleanup]
    public static void Clean() => Directory.Delete(s_folder, recursive: true);

    public static IEnumerable<object[]> Layers => LayerTests.Models.Select(m => new object[] { m.Name, m.Index });

    [TestMethod]
    [DynamicData(nameof(Layers))]
    public void A_layer_gives_the_same_numbers_at_every_opset_and_batch(string name, int index)
    {
        LayerTests.TestModel made = LayerTests.Models[index];
        using Sequential model = made.Make();
        Randomize(model);
        NDArray[] inputs = [.. new[] { 1, 7, 64 }.Select(made.Input)];
        NDArray[] expected = [.. inputs.Select(x => model.Predict(x))];
        for (int opset = OnnxOptions.MinOpset; opset <= OnnxOptions.MaxOpset; opset++) Compare(model, inputs, expected, new() { Opset = opset }, $"{name}, opset {opset}");
    }

    public static IEnumerable<object[]> Recorded => GoldenLayerTests.Cases;

    [TestMethod]
    [DynamicData(nameof(Recorded))]
    public void A_recorded_layer_gives_the_recorded_numbers(string name)
    {
        JsonElement c = GoldenLayerTests.All().Single(e => e.GetProperty("name").GetString() == name);
        using Sequential model = Sequential.FromJson(c.GetProperty("config").GetRawText());
        model.SetWeights(GoldenCase.Arrays(c.GetProperty("weights")));
        NDArray x = GoldenCase.Array(c.GetProperty("x")), expected = GoldenCase.Array(c.GetProperty("output"));
        foreach (int opset in new[] { OnnxOptions.MinOpset, 17, OnnxOptions.MaxOpset }) Compare(model, [x], [expected], new() { Opset = opset }, $"{name}, opset {opset}");
    }

    /// <summary>Biases and averages that are not 0 and 1, as after a training.</summary>
    static void Randomize(Sequential model)
    {
        var random = new Random(5);
        foreach (Variable weight in model.Weights)
        {
            NDArray value = weight.GetValue();
            bool positive = weight.Name.EndsWith("variance", StringComparison.Ordinal);
            foreach (ref float v in value.Span) v = random.NextSingle() - (positive ? -0.1f : 0.4f);
            weight.SetValue(value);
        }
    }

    static void Compare(Sequential model, NDArray[] inputs, NDArray[] expected, OnnxOptions options, string what)
    {
        string path = Path.Combine(s_folder, $"{Guid.NewGuid():N}.onnx");
        model.ToOnnx(path, options);
        OnnxEngine.Reply reply;
        try
        {
            reply = OnnxEngine.Run(path, inputs);
        }
        catch (InvalidDataException e)
        {
            throw new AssertFailedException($"{what}: {e.Message}", e);
        }
        for (int i = 0; i < inputs.Length; i++)
        {
            CollectionAssert.AreEqual(expected[i].Shape.ToArray(), reply.Values[i].Shape.ToArray(), what);
            GoldenCase.AssertClose(reply.Values[i].Span, expected[i].Span, 1e-5, 1e-5, $"{what}, batch {inputs[i].Shape[0]}");
        }
        File.Delete(path);
    }
}
