using System.Text.Json;
using Microsoft.ML.KerasSequential.Metrics;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Metrics over several batches recorded from Keras 3.15 (<c>Golden/keras3/metrics.json</c>).</summary>
[TestClass]
public sealed class Golden3MetricTests
{
    static List<JsonElement> Cases => GoldenCase.Load(Path.Combine("keras3", "metrics.json"));

    static IEnumerable<object[]> Names => Cases.Select(c => new object[] { c.GetProperty("name").GetString()! });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void A_metric_recorded_from_Keras_3_gives_the_same_numbers(string name)
    {
        JsonElement c = Case(name);
        var metric = Metric.FromConfig(c.GetProperty("config"));
        for (int pass = 0; pass < 2; pass++)
        {
            int i = 0;
            foreach (JsonElement batch in c.GetProperty("batches").EnumerateArray())
            {
                metric.UpdateState(GoldenCase.Array(batch.GetProperty("y")), GoldenCase.Array(batch.GetProperty("p")),
                    batch.Optional("w") is { } weight ? GoldenCase.Array(weight) : null);
                NDArray expected = GoldenCase.Array(batch.GetProperty("result")), got = metric.Result();
                CollectionAssert.AreEqual(expected.Shape.ToArray(), got.Shape.ToArray());
                GoldenCase.AssertClose(got.Span, expected.Span, 2e-5, 2e-6, $"pass {pass}, batch {i++}");
            }
            metric.ResetStates();
        }
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void A_metric_of_Keras_3_survives_a_round_trip_and_a_copy(string name)
    {
        JsonElement c = Case(name);
        var metric = Metric.FromConfig(c.GetProperty("config"));
        string own = metric.Serialize().ToJsonString();
        Assert.AreEqual(own, Metric.FromConfig(JsonDocument.Parse(own).RootElement).Serialize().ToJsonString());
        JsonElement batch = c.GetProperty("batches")[0];
        NDArray y = GoldenCase.Array(batch.GetProperty("y")), p = GoldenCase.Array(batch.GetProperty("p"));
        metric.UpdateState(y, p);
        Metric copy = metric.Copy(), fresh = metric.Fresh();
        foreach (Metric other in new[] { copy, fresh })
        {
            other.UpdateState(y, p);
            CollectionAssert.AreEqual(metric.Result().ToArray(), other.Result().ToArray());
        }
    }

    [TestMethod]
    public void New_metrics_are_reported_by_a_model()
    {
        using var model = new Sequential([new Layers.Dense(3, activation: "softmax", inputShape: [4])]);
        Metric f1 = new F1Score("macro"), auc = new AUC { MultiLabel = true };
        model.Compile("sgd", "categorical_crossentropy", [f1, new R2Score(), new OneHotMeanIoU(3), auc]);
        var x = new NDArray([.. Enumerable.Range(0, 48).Select(i => MathF.Sin(i))], 12, 4);
        var y = new NDArray(12, 3);
        for (int i = 0; i < 12; i++) y[i, i % 3] = 1;
        History history = model.Fit(x, y, batchSize: 5, epochs: 2, verbose: 0);
        NDArray p = model.Predict(x);
        double[] evaluated = [.. model.Evaluate(x, y, batchSize: 4, verbose: 0).Select(e => e.Value)];
        int at = 1;
        foreach (Metric alone in new Metric[] { new F1Score("macro"), new R2Score(), new OneHotMeanIoU(3),
            new AUC { MultiLabel = true } })
        {
            alone.UpdateState(y, p);
            Assert.AreEqual(alone.Result().ToArray()[0], evaluated[at++], 1e-5, alone.Name);
        }
        Assert.HasCount(2, history["f1_score"]);
        Assert.ThrowsExactly<ArgumentException>(() => model.Compile("sgd", "mse", [new F1Score()]));
    }

    [TestMethod]
    public void Wrong_settings_are_refused()
    {
        Assert.ThrowsExactly<ArgumentException>(() => new F1Score("mean"));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new FBetaScore(beta: 0));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new F1Score(threshold: 1.5));
        Assert.ThrowsExactly<ArgumentException>(() => new R2Score("mean"));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new R2Score(numRegressors: -1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new IoU(2, [2]));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new PrecisionAtRecall(1.5));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new RecallAtPrecision(-1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new AUC { NumLabels = 0 });
        Assert.ThrowsExactly<ArgumentException>(() => new AUC { NumLabels = 2, MultiLabel = true }.UpdateState(
            new NDArray(2, 3), new NDArray(2, 3)));
        Assert.ThrowsExactly<ArgumentException>(() => new F1Score().UpdateState(new NDArray(4), new NDArray(4)));
    }

    static JsonElement Case(string name) => Cases.Single(c => c.GetProperty("name").GetString() == name);
}
