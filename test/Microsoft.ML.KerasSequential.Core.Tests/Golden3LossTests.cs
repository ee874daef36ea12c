using System.Text.Json;
using Microsoft.ML.KerasSequential.Losses;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Losses and their gradients recorded from Keras 3.15 (<c>Golden/keras3/losses.json</c>).</summary>
[TestClass]
public sealed class Golden3LossTests
{
    static List<JsonElement> Cases => GoldenCase.Load(Path.Combine("keras3", "losses.json"));

    static IEnumerable<object[]> Names => Cases.Select(c => new object[] { c.GetProperty("name").GetString()! });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void A_loss_recorded_from_Keras_3_gives_the_same_numbers(string name)
    {
        JsonElement c = Cases.Single(c => c.GetProperty("name").GetString() == name);
        NDArray yTrue = GoldenCase.Array(c.GetProperty("y")), yPred = GoldenCase.Array(c.GetProperty("p"));
        foreach (JsonElement value in c.GetProperty("values").EnumerateArray())
        {
            string reduction = value.GetProperty("reduction").GetString()!;
            Loss loss = Read(c.GetProperty("config"), reduction);
            NDArray? weight = value.Optional("weight") is { } w ? GoldenCase.Array(w) : null;
            Tensor t = K.Placeholder([.. yTrue.Shape.ToArray().Select(d => (int?)d)]),
                p = K.Placeholder([.. yPred.Shape.ToArray().Select(d => (int?)d)]);
            Tensor? s = weight is null ? null : K.Placeholder([.. weight.Shape.ToArray().Select(d => (int?)d)]);
            Tensor result = loss.Apply(t, p, s);
            Tensor[] wanted = value.Optional("grad") is null ? [result]
                : [result, .. K.Gradients(K.Sum(result), [p])];
            using Function function = K.Function(s is null ? [t, p] : [t, p, s], wanted);
            NDArray[] got = function.Run(weight is null ? [yTrue, yPred] : [yTrue, yPred, weight]);
            string what = $"{reduction}, {(weight is null ? "no weights" : string.Join("×", weight.Shape.ToArray()))}";
            NDArray expected = GoldenCase.Array(value.GetProperty("value"));
            CollectionAssert.AreEqual(expected.Shape.ToArray(), got[0].Shape.ToArray(), what);
            GoldenCase.AssertClose(got[0].Span, expected.Span, 2e-5, 2e-6, what);
            if (value.Optional("grad") is { } gradient)
                GoldenCase.AssertClose(got[1].Span, GoldenCase.Array(gradient).Span, 1e-4, 5e-6, $"gradient, {what}");
        }
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void A_loss_of_Keras_3_survives_a_round_trip(string name)
    {
        JsonElement config = Cases.Single(c => c.GetProperty("name").GetString() == name).GetProperty("config");
        foreach (string reduction in new[] { "sum_over_batch_size", "sum", "none", "mean", "mean_with_sample_weight" })
        {
            Loss loss = Read(config, reduction);
            JsonElement own = JsonDocument.Parse(loss.Serialize().ToJsonString()).RootElement;
            Assert.AreEqual(own.GetRawText(), Loss.FromConfig(own).Serialize().ToJsonString());
            foreach (JsonProperty setting in config.GetProperty("config").EnumerateObject())
            {
                // Settings that the library doesn't write have their default.
                if (own.GetProperty("config").TryGetProperty(setting.Name, out JsonElement written)
                    && written.ValueKind == JsonValueKind.Number && setting.Value.ValueKind == JsonValueKind.Number)
                    Assert.AreEqual(setting.Value.GetDouble(), written.GetDouble(), setting.Name);
            }
        }
    }

    [TestMethod]
    public void A_reduction_that_is_null_is_none() =>
        Assert.AreEqual(Reduction.None, Loss.FromConfig(JsonDocument.Parse(
            """{"class_name": "MeanSquaredError", "config": {"reduction": null}}""").RootElement).Reduction);

    [TestMethod]
    public void New_losses_train_by_name_and_refuse_what_does_not_fit()
    {
        foreach (string name in new[] { "dice", "tversky", "binary_focal_crossentropy", "bce", "log_cosh" })
        {
            using var model = new Sequential([new Layers.Dense(4, activation: "sigmoid", inputShape: [3])]);
            model.Compile(new Optimizers.SGD(0.5), name);
            var x = new NDArray([.. Enumerable.Range(0, 24).Select(i => MathF.Sin(i))], 8, 3);
            var y = new NDArray([.. Enumerable.Range(0, 32).Select(i => i % 3 == 0 ? 1f : 0f)], 8, 4);
            History history = model.Fit(x, y, epochs: 20, verbose: 0);
            Assert.IsLessThan(history["loss"][0], history["loss"][^1], name);
        }
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new CategoricalGeneralizedCrossEntropy(1));
        Assert.ThrowsExactly<ArgumentException>(() => new Circle().Apply(K.Placeholder([4]), K.Placeholder([4, 2, 3])));
        Assert.ThrowsExactly<ArgumentException>(() => new CTC().Apply(K.Placeholder([4]), K.Placeholder([4, 2, 3])));
    }

    static Loss Read(JsonElement config, string reduction)
    {
        var node = System.Text.Json.Nodes.JsonNode.Parse(config.GetRawText())!;
        node["config"]!["reduction"] = reduction;
        return Loss.FromConfig(JsonDocument.Parse(node.ToJsonString()).RootElement);
    }
}
