using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Metrics;

namespace Guide;

/// <summary>The example of docs/guide/metrics.md.</summary>
[TestClass]
public sealed class MetricsExample
{
    [TestMethod]
    public void Runs()
    {
        #region example
        using var model = new Sequential([new Dense(1, activation: "sigmoid", inputShape: [2])]);
        model.Compile("adam", "binary_crossentropy",
            metrics: ["accuracy", Metric.Precision(), Metric.Recall(0.3),
                Metric.BinaryAccuracy(threshold: 0.2), Metric.BinaryAccuracy(threshold: 0.8)],
            weightedMetrics: ["mae"]);
        // loss, accuracy, precision_1, recall_1, binary_accuracy, binary_accuracy_1, mae
        Console.WriteLine(string.Join(", ", model.MetricsNames));

        var precision = Metric.Precision([0.2, 0.8]);               // without a model: one value per threshold
        precision.UpdateState(yTrue: new float[] { 1, 0, 1 }, yPred: new float[] { 0.9f, 0.5f, 0.4f });
        Console.WriteLine(precision.Result());

        // A name and a function.
        model.Compile("adam", "mse", metrics: new() { "mae", (t, p) => K.Max(K.Abs(t - p), axis: -1) });
        #endregion
        CollectionAssert.AreEqual(new[] { "loss", "mae", "metric" }, model.MetricsNames.ToArray());
        CollectionAssert.AreEqual(new[] { 2 / 3f, 1f }, precision.Result().ToArray());
    }
}
