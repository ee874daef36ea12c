using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Metrics;
using Microsoft.ML.KerasSequential.Utils;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Metrics with the same name: all are reported, each under a unique name, wherever names are used.</summary>
[TestClass]
public sealed class MetricNameTests
{
    static readonly NDArray s_x = Ramp(12, 4),
        s_y = NpUtils.ToCategorical(new float[] { 0, 1, 2, 3, 3, 2, 1, 0, 0, 2, 1, 3 }, 4);

    readonly string _folder = Directory.CreateTempSubdirectory("keras").FullName;

    [TestCleanup]
    public void Cleanup() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    public void Metrics_with_the_same_name_are_all_kept_with_their_own_values()
    {
        using Sequential model = Model(metrics:
        [
            new TopKCategoricalAccuracy(k: 1), new TopKCategoricalAccuracy(k: 4),
            new BinaryAccuracy(threshold: 0.1), new BinaryAccuracy(threshold: 0.9),
            Metric.FromFunction((t, p) => K.Sum(t, axis: -1)), Metric.FromFunction((t, p) => 3 * K.Sum(t, axis: -1)),
        ]);
        Names(model, "top_k_categorical_accuracy", "top_k_categorical_accuracy_1", "binary_accuracy",
            "binary_accuracy_1", "metric", "metric_1");
        Evaluation e = model.Evaluate(s_x, s_y, verbose: 0);
        NDArray p = model.Predict(s_x);
        Assert.AreEqual(
            Enumerable.Range(0, 12).Average(r => Enumerable.Range(0, 4).MaxBy(c => p[r, c]) == Label(r) ? 1.0 : 0),
            e["top_k_categorical_accuracy"], 1e-6);
        Assert.AreEqual(1, e["top_k_categorical_accuracy_1"], 1e-6);
        foreach ((string name, float threshold) in new[] { ("binary_accuracy", 0.1f), ("binary_accuracy_1", 0.9f) })
            Assert.AreEqual(
                Enumerable.Range(0, 48).Average(i => p[i / 4, i % 4] > threshold == (s_y[i / 4, i % 4] == 1) ? 1.0 : 0),
                e[name], 1e-6);
        Assert.AreEqual(1, e["metric"], 1e-6);
        Assert.AreEqual(3, e["metric_1"], 1e-6);
        Assert.AreEqual(e["metric_1"], e[6]);
    }

    [TestMethod]
    public void Unique_names_appear_in_history_logs_lines_and_file_names()
    {
        string lines = Path.Combine(_folder, "log.csv");
        var seen = new HashSet<string>();
        using Sequential model =
            Model(metrics: [new BinaryAccuracy(threshold: 0.1), new BinaryAccuracy(threshold: 0.9)]);
        History history = model.Fit(s_x, s_y, epochs: 2, verbose: 0, validationData: (s_x, s_y), callbacks:
        [
            new CSVLogger(lines),
            new ModelCheckpoint(Path.Combine(_folder, "w.{val_binary_accuracy_1:.2f}.zip"),
                monitor: "val_binary_accuracy_1"),
            new LambdaCallback(onBatchEnd: (_, logs) => seen.UnionWith(logs.Keys)),
        ]);
        string[] names = ["val_loss", "val_binary_accuracy", "val_binary_accuracy_1", "loss", "binary_accuracy",
            "binary_accuracy_1"];
        CollectionAssert.AreEqual(names, history.Keys.ToArray());
        Assert.IsTrue(names.All(n => history[n].Count == 2));
        Assert.IsTrue(seen.IsSupersetOf(["binary_accuracy", "binary_accuracy_1"]));
        Assert.AreEqual($"epoch,{string.Join(",", names.Order(StringComparer.Ordinal))}",
            File.ReadLines(lines).First());
        double second = history["val_binary_accuracy_1"][1];
        Assert.IsNotEmpty(Directory.GetFiles(_folder,
            string.Create(System.Globalization.CultureInfo.InvariantCulture, $"w.{second:0.00}.zip")));
    }

    [TestMethod]
    public void The_same_Keras_name_twice_is_one_metric_and_lists_are_numbered_against_each_other()
    {
        using Sequential model =
            Model(["mae", "mae", "acc", "accuracy"], ["mae", new Metrics.MeanAbsoluteError("mae")]);
        Names(model, "mae", "acc", "accuracy", "mae_1", "mae_2");
        var metric = new Metrics.MeanAbsoluteError("mae");
        using Sequential same = Model([metric, metric], metric);
        Names(same, "mae", "mae_1");
        Assert.AreSame(metric, same.Metrics[0]);
        Evaluation e =
            same.Evaluate(s_x, s_y, verbose: 0, sampleWeight: Enumerable.Range(0, 12).Select(i => (float)i).ToArray());
        Assert.AreNotEqual(e["mae"], e["mae_1"]);
        var foreign = new Plain();
        same.Compile("sgd", "mse", metrics: foreign, weightedMetrics: foreign);
        Names(same, "plain", "plain_1");
        Assert.AreNotSame(same.Metrics[0], same.Metrics[1]);
    }

    [TestMethod]
    public void A_name_already_used_by_the_loss_a_number_or_a_validation_gets_the_next_number()
    {
        static Metric Named(string name) => new Metrics.MeanAbsoluteError(name);
        using Sequential model = Model(metrics:
        [
            Named("loss"), Named("a_1"), Named("a"), Named("a"), Named("a_1"), new Precision(), Named("precision_2"),
                new Precision(),
            Named("val_a"), Named("val_loss"), Named("val_b"), Named("b"),
        ]);
        Names(model, "loss_1", "a_1", "a", "a_2", "a_1_1", "precision_1", "precision_2", "precision_3", "val_a_3",
            "val_loss_2", "val_b", "b_1");
        History history = model.Fit(s_x, s_y, verbose: 0, validationData: (s_x, s_y));
        Assert.HasCount(26, history.Keys);
        // Names are assigned anew at each compilation.
        Metric second = model.Metrics[3];
        model.Compile("sgd", "mse", metrics: second);
        Names(model, "a");
    }

    [TestMethod]
    [DataRow("model.zip")]
    [DataRow("model.json")]
    public void A_saved_model_is_restored_with_the_same_names_and_values(string file)
    {
        Func<Tensor, Tensor, Tensor> one = (t, p) => K.Sum(t, axis: -1), two = (t, p) => 2 * K.Sum(t, axis: -1);
        using Sequential model = Model(
            [
                new TopKCategoricalAccuracy(k: 1), new TopKCategoricalAccuracy(k: 4), "mae",
                    new Metrics.MeanSquaredError("mae"), "acc",
                Metric.FromFunction(one), Metric.FromFunction(two), new Precision(), new Precision(0.2),
            ],
            ["mae", "acc", Metric.FromFunction(one)]);
        using IDisposable scope =
            new CustomObjectScope(new Dictionary<string, object> { ["metric"] = one, ["metric_1"] = two });
        Evaluation expected = model.Evaluate(s_x, s_y, verbose: 0);
        Assert.AreEqual(2, expected["metric_1"], 1e-6);
        Assert.AreEqual(1, expected["metric_2"], 1e-6);
        using Sequential twin = file == "model.json" ? model.Twin() : Loaded(model, Path.Combine(_folder, file));
        CollectionAssert.AreEqual(model.MetricsNames.ToArray(), twin.MetricsNames.ToArray());
        CollectionAssert.AreEqual(expected.Values.ToArray(), twin.Evaluate(s_x, s_y, verbose: 0).Values.ToArray());
        using Sequential again = Loaded(twin, Path.Combine(_folder, "again.zip"));
        CollectionAssert.AreEqual(model.MetricsNames.ToArray(), again.MetricsNames.ToArray());
    }

    [TestMethod]
    public void Values_that_layers_and_models_add_under_one_name_are_all_reported()
    {
        var shared = new Reporter();
        using var model = new Sequential([new Lambda(x => x, inputShape: [2]), shared, shared]);
        model.AddMetric(K.Sum(model.Outputs[0]), "size");
        model.AddMetric(5 * K.Sum(K.OnesLike(model.Outputs[0])), new Sum("size"));
        model.Compile("sgd", "mse", metrics: Metric.FromFunction((t, p) => K.Sum(t, axis: -1), "size"));
        string[] names = ["size", "size_1", "size_2", "size_3", "size_4", "size_5", "size_6"];
        Names(model, names);
        for (int i = 0; i < 2; i++)
        {
            Evaluation e = model.Evaluate(new float[,] { { 1, 2 } }, new float[,] { { 3, 4 } }, verbose: 0);
            CollectionAssert.AreEqual(new double[] { 7, 3, 30, 6, 60, 12, 10 }, names.Select(n => e[n]).ToArray());
        }
        CollectionAssert.AreEqual(names, model.Metrics.Select(m => m.Name).ToArray());

        var mean = new Mean("m");
        model.AddMetric(K.Sum(model.Outputs[0]), mean);
        Assert.Contains("another value",
            Assert.ThrowsExactly<ArgumentException>(() => model.AddMetric(K.Sum(model.Outputs[0]), mean)).Message);
    }

    [TestMethod]
    public void A_layer_that_is_added_to_a_built_model_reports_all_its_values()
    {
        var shared = new Reporter();
        using var model = new Sequential([new Lambda(x => x, inputShape: [2])]);
        model.Compile("sgd", "mse");
        model.Add(shared);
        model.Add(shared);
        model.Compile("sgd", "mse");
        Names(model, "size", "size_1", "size_2", "size_3");
        CollectionAssert.AreEqual(new double[] { 3, 30, 6, 60 },
            model.Evaluate(new float[,] { { 1, 2 } }, new float[,] { { 3, 4 } }, verbose: 0).Values.Skip(1).ToArray());
    }

    [TestMethod]
    public void An_evaluation_reports_the_available_names_and_positions()
    {
        using Sequential model = Model("mae");
        Evaluation e = model.Evaluate(s_x, s_y, verbose: 0);
        foreach (int position in new[] { 2, -1, int.MaxValue, int.MinValue })
        {
            string message = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => e[position]).Message;
            Assert.Contains("\"loss\" at 0, \"mae\" at 1", message);
            Assert.Contains(position.ToString(System.Globalization.CultureInfo.InvariantCulture), message);
        }
        string unknown = Assert.ThrowsExactly<KeyNotFoundException>(() => e["acc"]).Message;
        Assert.Contains("\"acc\"", unknown);
        Assert.Contains("\"loss\", \"mae\"", unknown);
    }

    static int Label(int row) => Enumerable.Range(0, 4).First(c => s_y[row, c] == 1);

    static void Names(Sequential model, params string[] expected) =>
        CollectionAssert.AreEqual(expected.Prepend("loss").ToArray(), model.MetricsNames.ToArray());

    static Sequential Loaded(Sequential model, string path)
    {
        model.Save(path);
        return Sequential.Load(path);
    }

    static Sequential Model(MetricSet metrics, MetricSet? weighted = null)
    {
        K.SetRandomSeed(5);
        var model = new Sequential([new Dense(4, activation: "softmax", kernelInitializer: "normal", inputShape: [4])]);
        model.Compile("sgd", "mse", metrics: metrics, weightedMetrics: weighted);
        return model;
    }

    static NDArray Ramp(int rows, int columns) =>
        new([.. Enumerable.Range(0, rows * columns).Select(i => (float)(i * 7 % 11 - 5))], rows, columns);

    /// <summary>Doubles its input and reports its size twice under the same name.</summary>
    sealed class Reporter : Layer
    {
        public override Tensor Call(Tensor x)
        {
            AddMetric(K.Sum(x), "size");
            AddMetric(10 * K.Sum(x), "size");
            return 2 * x;
        }
    }

    sealed class Plain : Metric
    {
        public Plain() : base("plain") => AddState("total");

        protected internal override IReadOnlyList<Tensor> Update(Tensor yTrue, Tensor yPred, Tensor? sampleWeight) =>
            [States[0] + K.Sum(yPred)];

        protected internal override Tensor Value(IReadOnlyList<Tensor> states) => states[0];
    }
}
