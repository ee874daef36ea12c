using System.Text.Json;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Outputs, gradients, and updates of layers recorded from Keras 3.15 (<c>Golden/keras3</c>).</summary>
[TestClass]
public sealed class Golden3LayerTests
{
    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void A_layer_recorded_from_Keras_3_gives_the_same_numbers(string file, string name)
    {
        JsonElement c = Load(file).Single(e => e.GetProperty("name").GetString() == name);
        using Sequential model = Sequential.FromJson(c.GetProperty("config").GetRawText());
        model.SetWeights(GoldenCase.Arrays(c.GetProperty("weights")));
        NDArray x = GoldenCase.Array(c.GetProperty("x")), expected = GoldenCase.Array(c.GetProperty("output"));
        Assert.AreEqual(c.GetProperty("count_params").GetInt32(), model.CountParams());
        Assert.AreEqual(
            string.Join(", ", c.GetProperty("output_shape").EnumerateArray().Select(s => s.GetRawText())),
            string.Join(", ", model.OutputShape.Select(s => s?.ToString() ?? "null")));

        // Random masks and states start from recorded values, so a training pass is comparable if it draws nothing.
        bool training = c.GetProperty("training").GetBoolean();
        using var scope = Graphs.TraceScope.Begin(training, 0);
        Tensor input = K.Placeholder([null, .. model.InputShape.Skip(1)]);
        Tensor output = model.Forward(input)[^1];
        List<Tensor> wanted = [output];
        if (c.Optional("cotangent") is { } cotangent)
        {
            Tensor[] sources = [input, .. model.TrainableWeights];
            wanted.AddRange(K.Gradients(K.Sum(output * K.Constant(GoldenCase.Array(cotangent))), sources));
        }
        (Variable, Tensor)[] updates = [.. scope.Updates.Select(u => ((Variable)u.Variable, u.Value))];
        using Function function = K.Function([input], wanted, updates);
        NDArray[] got = function.Run(x);
        CollectionAssert.AreEqual(expected.Shape.ToArray(), got[0].Shape.ToArray());
        Close(got[0], expected, "output");
        if (!training) Close(model.Predict(x), expected, "Predict");
        if (c.Optional("grad_x") is { } gradient) Close(got[1], GoldenCase.Array(gradient), "grad_x");
        if (c.Optional("grad_weights") is { } gradients)
        {
            Assert.AreEqual(got.Length - 2, gradients.GetArrayLength(), "trainable weights");
            for (int i = 0; i < gradients.GetArrayLength(); i++)
                Close(got[i + 2], gradients[i].ValueKind == JsonValueKind.Null ? new NDArray(got[i + 2].Shape.ToArray())
                    : GoldenCase.Array(gradients[i]), $"grad_weights[{i}]");
        }
        if (c.Optional("weights_after") is { } after)
        {
            IReadOnlyList<NDArray> now = model.GetWeights();
            for (int i = 0; i < now.Count; i++) Close(now[i], GoldenCase.Array(after[i]), $"weights_after[{i}]");
        }
    }

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void A_configuration_from_Keras_3_survives_a_round_trip(string file, string name)
    {
        JsonElement c = Load(file).Single(e => e.GetProperty("name").GetString() == name);
        using Sequential model = Sequential.FromJson(c.GetProperty("config").GetRawText());
        using Sequential again = Sequential.FromJson(model.ToJson());
        Assert.AreEqual(model.ToJson(), again.ToJson());
        model.SetWeights(GoldenCase.Arrays(c.GetProperty("weights")));
        again.SetWeights(model.GetWeights());
        NDArray x = GoldenCase.Array(c.GetProperty("x"));
        CollectionAssert.AreEqual(model.Predict(x).ToArray(), again.Predict(x).ToArray());
    }

    static void Close(NDArray actual, NDArray expected, string what) =>
        GoldenCase.AssertClose(actual.Span, expected.Span, 1e-4, 1e-5, what);

    static List<JsonElement> Load(string file) => GoldenCase.Load(Path.Combine("keras3", file));

    static IEnumerable<object[]> Cases =>
        Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Golden", "keras3"), "layers*.json")
            .Select(f => Path.GetFileName(f)).Order()
            .SelectMany(f => Load(f).Select(c => new object[] { f, c.GetProperty("name").GetString()! }));
}
