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
            metrics: ["accuracy", Metric.Precision(), Metric.Recall(0.3), Metric.BinaryAccuracy(threshold: 0.2), Metric.BinaryAccuracy(threshold: 0.8)],
            weightedMetrics: ["mae"]);
        Console.WriteLine(string.Join(", ", model.MetricsNames));   // loss, accuracy, precision_1, recall_1, binary_accuracy, binary_accuracy_1, mae

        var precision = Metric.Precision([0.2, 0.8]);               // by itself, a value for each threshold
        precision.UpdateState(yTrue: new float[] { 1, 0, 1 }, yPred: new float[] { 0.9f, 0.5f, 0.4f });
        Console.WriteLine(precision.Result());

        model.Compile("adam", "mse", metrics: new() { "mae", (t, p) => K.Max(K.Abs(t - p), axis: -1) });    // a function beside a name
        #endregion
        CollectionAssert.AreEqual(new[] { "loss", "mae", "metric" }, model.MetricsNames.ToArray());
        CollectionAssert.AreEqual(new[] { 2 / 3f, 1f }, precision.Result().ToArray());
    }
}
