using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Losses;
using Microsoft.ML.KerasSequential.Metrics;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>
/// Rules of Keras 2.3.1 about losses and metrics beyond their formulas; the numbers are computed by hand.
/// </summary>
[TestClass]
public sealed class KerasLossesAndMetricsTests
{
    [TestMethod]
    public void Sums_and_means_take_numbers_and_arrays_with_weights_of_fewer_or_more_dimensions()
    {
        var sum = new Sum();
        var mean = new Mean();
        double total = 0, count = 0;
        void Add(NDArray values, NDArray? weight, double more, double weights)
        {
            sum.UpdateState(values, weight);
            mean.UpdateState(values, weight);
            (total, count) = (total + more, count + weights);
            Assert.AreEqual(total, sum.Result().Span[0], 1e-4);
            Assert.AreEqual(total / count, mean.Result().Span[0], 1e-4);
        }

        NDArray vector = new float[] { 1, 5 }, column = new float[,] { { 1 }, { 5 } };
        Add(100f, null, 100, 1);
        Add(vector, null, 6, 2);
        Add(100f, 0.5f, 50, 0.5);
        Add(vector, new float[] { 1, 0.2f }, 2, 1.2);
        Add(vector, 0.5f, 3, 1);
        Add(vector, new float[,] { { 1 }, { 0.2f } }, 2, 1.2);
        Add(column, new float[] { 1, 0.2f }, 2, 1.2);
        Add(7f, new float[] { 2 }, 14, 2);
        // Each of the six values has the weight of its sample.
        Add(new NDArray([1, 2, 3, 2, 0.5f, 4], 1, 3, 2), new float[] { 0.5f }, 6.25, 3);
        foreach (NDArray wrong in new NDArray[] { new float[3], new float[2, 2], new float[1, 2] })
        {
            Assert.Contains(Shape.Format(wrong.Shape),
                Assert.ThrowsExactly<ArgumentException>(() => sum.UpdateState(vector, wrong)).Message);
            Assert.ThrowsExactly<ArgumentException>(() => mean.UpdateState(vector, wrong));
        }
        Add(vector, null, 6, 2);
        mean.ResetStates();
        Assert.IsTrue(mean.States.All(s => s.GetValue().Span[0] == 0));
    }

    [TestMethod]
    public void Smoothed_targets_and_logits_give_the_remaining_logarithms()
    {
        // z·0.9 + 0.05 for yes or no: 100·0.05 for each right one, 100·0.95 for the wrong one.
        NDArray logits = new float[,] { { 100, -100, -100 } }, flat = new float[] { 100, -100, -100 };
        Close((5 + 5 + 95) / 3.0,
            Alone(new Losses.BinaryCrossentropy(fromLogits: true, labelSmoothing: 0.1), new float[,] { { 1, 0, 1 } },
                logits));
        Close((5 + 5 + 95) / 3.0,
            Of(new Metrics.BinaryCrossentropy(fromLogits: true, labelSmoothing: 0.1), new float[] { 1, 0, 1 }, flat));
        // The logarithms of the softmax are 0, −200 and −200; the two wrong classes have 0.1/3 each.
        Close(400 * 0.1 / 3,
            Alone(new Losses.CategoricalCrossentropy(fromLogits: true, labelSmoothing: 0.1),
                new float[,] { { 1, 0, 0 } }, logits));
        NDArray numbers = new float[,] { { 1, 9, 0 }, { 1, 8, 1 } }, oneHot = new float[,] { { 0, 1, 0 }, { 0, 0, 1 } };
        double[][] logs = [Reference64.LogSoftmax([1, 9, 0]), Reference64.LogSoftmax([1, 8, 1])];
        double smooth = -(0.9 * logs[0][1] + 0.1 / 3 * logs[0].Sum() + 0.9 * logs[1][2] + 0.1 / 3 * logs[1].Sum()) / 2;
        Close(smooth, Of(new Metrics.CategoricalCrossentropy(fromLogits: true, labelSmoothing: 0.1), oneHot, numbers));
        double weighted = -(1.5 * logs[0][1] + 2 * logs[1][2]) / 3.5;
        Close(weighted,
            Of(new Metrics.CategoricalCrossentropy(fromLogits: true), oneHot, numbers, new float[] { 1.5f, 2 }));
        Close(weighted,
            Of(new Metrics.SparseCategoricalCrossentropy(fromLogits: true), new float[] { 1, 2 }, numbers,
                new float[] { 1.5f, 2 }));
    }

    [TestMethod]
    public void Class_indices_can_be_along_any_axis_with_any_number_of_dimensions()
    {
        NDArray p = new float[,] { { 0.05f, 0.1f }, { 0.95f, 0.8f }, { 0, 0.1f } };
        Close(-(Math.Log(0.95) + Math.Log(0.1)) / 2,
            Of(new Metrics.SparseCategoricalCrossentropy(axis: 0), new float[] { 1, 2 }, p));
        NDArray picture = new(
            [0.7f, 0.1f, 0.2f, 0, 0.3f, 0.7f, 0.1f, 0.1f, 0.8f, 0.3f, 0.7f, 0, 0.3f, 0.4f, 0.3f, 0.2f, 0.5f, 0.3f], 1,
            2, 3, 3);
        double expected =
            -(Math.Log(0.7) + Math.Log(0.3) + Math.Log(0.1) + Math.Log(1e-7) + Math.Log(0.4) + Math.Log(0.2)) / 6;
        Close(expected,
            Alone(new Losses.SparseCategoricalCrossentropy(), new NDArray([0, 1, 0, 2, 1, 0], 1, 2, 3), picture));
        Close(expected,
            Alone(new Losses.SparseCategoricalCrossentropy(), new NDArray([0, 1, 0, 2, 1, 0], 1, 2, 3, 1), picture));
        Close(2 / 6.0, Of(new SparseCategoricalAccuracy(), new NDArray([0, 1, 0, 2, 1, 0], 1, 2, 3), picture));
        NDArray equal = new float[,] { { 0, 0.9f, 0.1f }, { 0, 0.9f, 0.1f }, { 0, 0.9f, 0.1f } };
        Close(1, Of(new SparseTopKCategoricalAccuracy(k: 2), new float[] { 1, 0, 2 }, equal, new float[] { 1, 0, 1 }));
        Close(1, Of(new SparseTopKCategoricalAccuracy(k: 2), new float[,] { { 1 }, { 0 }, { 2 } }, equal,
            new float[,] { { 1 }, { 0 }, { 1 } }));
        Close(1, Of(new SparseTopKCategoricalAccuracy(), new float[] { 2, 0, 1 }, equal));
    }

    [TestMethod]
    public void Counts_at_several_thresholds_take_weights_of_columns_and_of_rows()
    {
        float[] p = [0.9f, 0.2f, 0.8f, 0.1f, 0.2f, 0.9f, 0.7f, 0.6f, 0.1f, 0.2f, 0.4f, 0.3f, 0, 1, 0.7f, 0.3f],
            t = [0, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1];
        double[] thresholds = [0.15, 0.5, 0.85];
        var weights = new (NDArray? Given, Func<int, double> Of)[]
        {
            (null, _ => 1),
            (new float[,] { { 0, 2, 3, 5 } }, i => new double[] { 0, 2, 3, 5 }[i % 4]),
            (new float[,] { { 3 }, { 5 }, { 7 }, { 4 } }, i => new double[] { 3, 5, 7, 4 }[i / 4]),
            (new float[] { 3, 5, 7, 4 }, i => new double[] { 3, 5, 7, 4 }[i / 4]),
        };
        var counts = new (Func<Metric> Make, bool Positive, bool Label)[]
        {
            (() => new TruePositives(thresholds), true, true), (() => new FalsePositives(thresholds), true, false),
            (() => new TrueNegatives(thresholds), false, false), (() => new FalseNegatives(thresholds), false, true),
        };
        foreach ((Func<Metric> make, bool positive, bool label) in counts)
        {
            foreach ((NDArray? weight, Func<int, double> factor) in weights)
            {
                Metric metric = make();
                metric.UpdateState(new NDArray(t, 4, 4), new NDArray(p, 4, 4), weight);
                double[] expected = [
                    .. thresholds.Select(h => Enumerable.Range(0, 16)
                        .Where(i => p[i] > (float)h == positive && t[i] != 0 == label).Sum(factor))];
                CollectionAssert.AreEqual(expected, metric.Result().ToArray().Select(v => (double)v).ToArray(),
                    metric.Name);
            }
        }
    }

    [TestMethod]
    public void Precision_and_recall_of_one_class_accumulate_over_batches()
    {
        Metric[] metrics = [new Precision(classId: 2), new Recall(classId: 2), new Precision(classId: 2, topK: 2),
            new Precision(0.7, topK: 2)];
        NDArray yes = new float[,] { { 0, 1, 1, 0, 0 } }, no = new float[,] { { 0, 1, 0, 0, 0 } };
        (NDArray T, NDArray P, double[] Expected)[] batches =
        [
            // A hit, a miss, and a false positive, where only column 1 is above 0.7.
            (yes, new float[,] { { 0.2f, 0.1f, 0.6f, 0, 0.2f } }, [1, 1, 1, 0]),
            (yes, new float[,] { { 0.2f, 0.8f, 0, 0, 0.3f } }, [1, 0.5, 1, 1]),
            (no, new float[,] { { 0.2f, 0.8f, 0.6f, 0, 0.2f } }, [0.5, 0.5, 0.5, 1]),
        ];
        foreach ((NDArray t, NDArray p, double[] expected) in batches)
            for (int i = 0; i < metrics.Length; i++) Assert.AreEqual(expected[i], Of(metrics[i], t, p), 1e-6, $"{i}");
        Assert.AreEqual(2, Of(new TruePositives(), yes, new float[,] { { 1, 1, 0.9f, 1, 1 } }));
    }

    [TestMethod]
    public void The_intersection_over_union_takes_arrays_and_weights_of_any_shape()
    {
        float[] t = [0, 0, 1, 1], p = [0, 1, 0, 1], w = [0.2f, 0.3f, 0.4f, 0.1f];
        double expected = (0.2 / (0.6 + 0.5 - 0.2) + 0.1 / (0.4 + 0.5 - 0.1)) / 2;
        foreach (int[] shape in new int[][] { [4], [2, 2], [1, 4], [4, 1] })
        {
            NDArray Shaped(float[] values) => new(values, shape);
            Close(expected, Of(new MeanIoU(2), Shaped(t), Shaped(p), Shaped(w)));
            Close(1 / 3.0, Of(new MeanIoU(2), Shaped(t), Shaped(p)));
        }
        Close(expected, Of(new MeanIoU(2), t, new NDArray(p, 4, 1), w));
        Close(1, Of(new MeanIoU(2), new float[] { 1 }, new float[] { 1 }));
    }

    [TestMethod]
    public void Settings_are_restored_from_the_configuration()
    {
        Metric[] metrics =
        [
            new Precision([0.4, 0.9], topK: 15, classId: 12, name: "my_precision"),
                new TrueNegatives([0.4, 0.9], "my_tn"),
            new Recall([0.4, 0.9], topK: 15, classId: 12, name: "my_recall"), new FalseNegatives(0.4, "my_fn"),
            new AUC(100, "PR", "majoring", "auc_1"), new AUC(2, "PR", "majoring", "auc_1", [0.3, 0.5]),
            new SensitivityAtSpecificity(0.4, 100, "a"), new SensitivityAtSpecificity(0.4, 1),
            new SpecificityAtSensitivity(0.4, 1, "b"), new MeanIoU(2, "mean_iou"),
                new Metrics.CosineSimilarity("my_cos", axis: 2),
            new BinaryAccuracy("my_acc", 0.7), new TopKCategoricalAccuracy(3, "topkca"), new Mean("my_mean"),
            new Metrics.BinaryCrossentropy("bce", labelSmoothing: 0.2),
                new Metrics.SparseCategoricalCrossentropy("scce", axis: 0),
            new Metrics.CategoricalCrossentropy("cce", fromLogits: true, labelSmoothing: 0.2),
        ];
        foreach (Metric metric in metrics)
        {
            var wrapped = new JsonObject { ["class_name"] = metric.GetType().Name, ["config"] = metric.GetConfig() };
            Metric copy = Metric.FromConfig(JsonDocument.Parse(wrapped.ToJsonString()).RootElement);
            Assert.AreEqual(metric.GetType(), copy.GetType());
            Assert.AreEqual(metric.GetConfig().ToJsonString(), copy.GetConfig().ToJsonString());
            Assert.AreEqual(metric.Name, copy.Name);
        }
        Assert.AreEqual(4, metrics[5].GetConfig()["num_thresholds"]!.GetValue<int>());
        Assert.AreEqual(1, metrics[7].GetConfig()["num_thresholds"]!.GetValue<int>());
    }

    [TestMethod]
    public void Sample_and_class_weights_affect_only_the_loss_and_the_weighted_metrics()
    {
        static Dense Ones(int units, Shape? inputShape = null) =>
            new(units, kernelInitializer: "ones", inputShape: inputShape) { Trainable = false };
        using var model = new Sequential([Ones(3, [1]), Ones(1)]);
        model.Compile("rmsprop", new Losses.MeanSquaredError(), metrics: new Metrics.MeanSquaredError(),
            weightedMetrics: new Metrics.MeanSquaredError("mean_squared_error_2"));
        NDArray x = new float[] { 1, 2, 3, 4 }, y = new float[] { 2, 4, 6, 8 };
        var classes = new Dictionary<int, double> { [2] = 2, [4] = 3, [6] = 4, [8] = 5 };
        // The predictions are 3, 6, 9, 12, so the squares 1, 4, 9, 16; with the weights 2, 3, 4, 5 they sum up to 130.
        double[] weighted = [130 / 4.0, 30 / 4.0, 130 / 14.0], plain = [7.5, 7.5, 7.5];
        Check(weighted, model.Evaluate(x, y, batchSize: 2, verbose: 0, sampleWeight: new float[] { 2, 3, 4, 5 })
            .Values);
        Check(plain, model.Evaluate(x, y, batchSize: 2, verbose: 0).Values);
        // A batch continues from the state that an evaluation left, and resets it afterward.
        model.ResetMetrics();
        Check(weighted, model.TrainOnBatch(x, y, new float[] { 2, 3, 4, 5 }).Values);
        Check(weighted, model.TrainOnBatch(x, y, classWeight: classes).Values);
        Check(plain, model.TestOnBatch(x, y).Values);
        Check(weighted, model.Fit(x, y, batchSize: 2, epochs: 2, verbose: 0, classWeight: classes)
            .Values.Select(v => v[1]));

        static void Check(double[] expected, IEnumerable<double> actual)
        {
            foreach ((double e, double a) in expected.Zip(actual)) Assert.AreEqual(e, a, 1e-4);
        }
    }

    [TestMethod]
    public void Every_metric_trains_and_evaluates_in_a_model()
    {
        var random = new Random(3);
        NDArray Values(int rows, int columns) =>
            new([.. Enumerable.Range(0, rows * columns).Select(_ => random.NextSingle())], rows, columns);
        IEnumerable<Type> types = typeof(Metric).Assembly.GetExportedTypes()
            .Where(t => t.IsSubclassOf(typeof(Metric)) && !t.IsSubclassOf(typeof(Reduce)) && !t.IsAbstract
                && t != typeof(MeanMetric));
        foreach (Type type in types)
        {
            bool single = type.Name.StartsWith("Sparse", StringComparison.Ordinal) || type == typeof(MeanIoU);
            string settings = type.Name switch
            {
                "SensitivityAtSpecificity" => "{\"specificity\": 0.5}",
                "SpecificityAtSensitivity" => "{\"sensitivity\": 0.5}",
                "MeanIoU" or "OneHotMeanIoU" => "{\"num_classes\": 2}",
                "IoU" or "OneHotIoU" => "{\"num_classes\": 2, \"target_class_ids\": [0, 1]}",
                "PrecisionAtRecall" => "{\"recall\": 0.5}",
                "RecallAtPrecision" => "{\"precision\": 0.5}",
                "F1Score" or "FBetaScore" => "{\"average\": \"macro\"}",
                _ => "{}",
            };
            using var model = new Sequential([new Dense(single ? 1 : 2, activation: "sigmoid", inputShape: [3])]);
            model.Compile("rmsprop", "mse",
                metrics: Metric.FromConfig(
                    JsonDocument.Parse($$"""{"class_name": "{{type.Name}}", "config": {{settings}}}""").RootElement));
            NDArray x = Values(10, 3), y = single ? new NDArray(10) : Values(10, 2);
            Assert.IsTrue(double.IsFinite(model.Fit(x, y, verbose: 0)[model.MetricsNames[1]][0]), type.Name);
            Assert.IsTrue(double.IsFinite(model.Evaluate(x, y, verbose: 0)[1]), type.Name);
        }
    }

    static void Close(double expected, double actual) =>
        Assert.AreEqual(expected, actual, 1e-5 * Math.Max(1, Math.Abs(expected)));

    static double Alone(Loss loss, NDArray t, NDArray p)
    {
        using Function function = K.Function([], [loss.Apply(K.Constant(t), K.Constant(p))]);
        return function.Run()[0].Span[0];
    }

    static double Of(Metric metric, NDArray t, NDArray p, NDArray? weight = null)
    {
        metric.UpdateState(t, p, weight);
        return metric.Result().Span[0];
    }
}
