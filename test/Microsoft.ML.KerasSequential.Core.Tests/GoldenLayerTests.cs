using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Outputs and gradients of layers recorded from Keras 2.3.1.</summary>
[TestClass]
public sealed class GoldenLayerTests
{
    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void A_recorded_layer_gives_the_same_numbers(string name)
    {
        JsonElement c = All().Single(e => e.GetProperty("name").GetString() == name);
        using Sequential model = Sequential.FromJson(c.GetProperty("config").GetRawText());
        model.SetWeights(GoldenCase.Arrays(c.GetProperty("weights")));
        NDArray x = GoldenCase.Array(c.GetProperty("x"));

        NDArray output = model.Predict(x);
        NDArray expected = GoldenCase.Array(c.GetProperty("output"));
        CollectionAssert.AreEqual(expected.Shape.ToArray(), output.Shape.ToArray());
        GoldenCase.AssertClose(output.Span, expected.Span, 1e-4, 1e-5, "output");
        CollectionAssert.AreEqual(
            c.GetProperty("output_shape").EnumerateArray()
            .Select(v => v.ValueKind == JsonValueKind.Null ? (int?)null : v.GetInt32()).ToArray(),
            model.OutputShape.ToArray());
        Assert.AreEqual(c.GetProperty("count_params").GetInt32(), model.CountParams());

        if (c.Optional("stateful_outputs") is { } twice)
        {
            model.ResetStates();
            foreach (JsonElement next in twice.EnumerateArray())
                GoldenCase.AssertClose(model.Predict(x).Span, GoldenCase.Array(next).Span, 1e-4, 1e-5,
                    "stateful output");
            model.ResetStates();
        }

        Tensor input = K.Placeholder([null, .. model.InputShape.Skip(1)]);
        Tensor cotangent = K.Constant(GoldenCase.Array(c.GetProperty("cotangent")));
        using var scope = Graphs.TraceScope.Begin(training: false, 0);
        Tensor loss = K.Sum(model.Forward(input)[^1] * cotangent);
        Tensor[] wrt = [input, .. model.TrainableWeights];
        using Function function = K.Function([input], K.Gradients(loss, wrt));
        NDArray[] gradients = function.Run(x);
        List<NDArray> expectedGradients = [.. GoldenCase.Arrays(c.GetProperty("grad_weights").GetProperty("values"))];
        if (c.Optional("grad_x") is { } gx)
            GoldenCase.AssertClose(gradients[0].Span, GoldenCase.Array(gx).Span, 1e-4, 1e-5, "grad_x");
        Assert.AreEqual(expectedGradients.Count, gradients.Length - 1);
        for (int i = 0; i < expectedGradients.Count; i++)
            GoldenCase.AssertClose(gradients[i + 1].Span, expectedGradients[i].Span, 1e-4, 1e-5, $"grad_weights[{i}]");
    }

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void A_recorded_configuration_is_written_as_it_was_read(string name)
    {
        JsonElement c = All().Single(e => e.GetProperty("name").GetString() == name);
        using Sequential model = Sequential.FromJson(c.GetProperty("config").GetRawText());
        JsonNode expected = Comparable(JsonNode.Parse(c.GetProperty("config").GetRawText())!);
        JsonNode actual = Comparable(JsonNode.Parse(model.ToJson())!);
        Assert.IsTrue(JsonNode.DeepEquals(expected, actual),
            $"expected {expected.ToJsonString()}\ngot      {actual.ToJsonString()}");
    }

    [TestMethod]
    public void The_cases_whose_layers_exist_are_all_run() => Assert.AreEqual(154, Cases.Count());

    static readonly string[] s_files = ["layers-core.json", "layers-pool.json", "layers-conv.json", "layers-3d.json",
        "layers-stack.json", "layers-shape.json", "layers-rnn.json", "layers-local.json"];

    internal static IEnumerable<JsonElement> All() => s_files.SelectMany(GoldenCase.Load);

    internal static IEnumerable<object[]> Cases => All()
        .Where(c => c.GetProperty("config").GetProperty("config").GetProperty("layers").EnumerateArray()
            .All(l => LayerRegistry.Names.Contains(l.GetProperty("class_name").GetString())))
        .Select(c => new object[] { c.GetProperty("name").GetString()! });

    /// <summary>Without versions, backends and element types; numbers by value.</summary>
    static JsonNode Comparable(JsonNode node)
    {
        switch (node)
        {
            case JsonObject o:
                var result = new JsonObject();
                foreach ((string key, JsonNode? value) in o)
                    if (key is not ("keras_version" or "backend" or "dtype"))
                        result[key] = value is null ? null : Comparable(value);
                return result;
            case JsonArray a:
                return new JsonArray([.. a.Select(v => v is null ? null : Comparable(v))]);
            case JsonValue v when v.GetValueKind() == JsonValueKind.Number:
                return JsonValue.Create(
                    double.Parse(v.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture));
            default:
                return node.DeepClone();
        }
    }
}
