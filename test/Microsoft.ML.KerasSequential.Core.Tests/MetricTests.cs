using System.Text.Json;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Metrics;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Metrics against their definitions in float64, over batches and with sample weights.</summary>
[TestClass]
public sealed class MetricTests
{
    const int Rows = 60, Classes = 4;

    static readonly double[,] s_p = new double[Rows, Classes];
    static readonly double[,] s_t = new double[Rows, Classes];
    static readonly double[] s_w = new double[Rows];

    static MetricTests()
    {
        var random = new Random(9);
        for (int r = 0; r < Rows; r++)
        {
            s_w[r] = 0.5 + random.NextDouble();
            for (int c = 0; c < Classes; c++)
            {
                s_t[r, c] = random.Next(2);
                s_p[r, c] = (float)Math.Clamp(0.5 * s_t[r, c] + random.NextDouble() * 0.6, 0, 1);
            }
        }
    }

    [TestMethod]
    public void Counts_and_their_ratios_follow_their_definitions()
    {
        double Count(double threshold, Func<bool, bool, bool> which, Func<int, int, bool>? where = null) =>
            Cells().Where(c => where?.Invoke(c.R, c.C) ?? true)
                .Where(c => which(s_t[c.R, c.C] != 0, s_p[c.R, c.C] > threshold)).Sum(c => s_w[c.R]);
        double Tp(double t, Func<int, int, bool>? w = null) => Count(t, (label, p) => label && p, w);
        double Fp(double t, Func<int, int, bool>? w = null) => Count(t, (label, p) => !label && p, w);
        double Fn(double t, Func<int, int, bool>? w = null) => Count(t, (label, p) => label && !p, w);
        double Tn(double t) => Count(t, (label, p) => !label && !p);

        Check(new TruePositives(), Tp(0.5));
        Check(new FalsePositives(0.3), Fp(0.3f));
        Check(new TrueNegatives(), Tn(0.5));
        Check(new FalseNegatives(0.7), Fn(0.7f));
        Check(new Precision(), Tp(0.5) / (Tp(0.5) + Fp(0.5)));
        Check(new Recall(0.6), Tp(0.6f) / (Tp(0.6f) + Fn(0.6f)));
        Check(new Precision(classId: 2),
            Tp(0.5, (_, c) => c == 2) / (Tp(0.5, (_, c) => c == 2) + Fp(0.5, (_, c) => c == 2)));
        bool Top(int r, int c) => Enumerable.Range(0, Classes).Count(k => s_p[r, k] > s_p[r, c]) < 2;
        double tp = Cells().Where(c => Top(c.R, c.C) && s_t[c.R, c.C] != 0).Sum(c => s_w[c.R]),
            fp = Cells().Where(c => Top(c.R, c.C) && s_t[c.R, c.C] == 0).Sum(c => s_w[c.R]);
        Check(new Precision(topK: 2), tp / (tp + fp));

        double[] thresholds = [-1e-7, .. Enumerable.Range(1, 198).Select(i => (double)(float)(i / 199.0)), 1 + 1e-7];
        double[] x = [.. thresholds.Select(t => Fp(t) / (Fp(t) + Tn(t)))],
            y = [.. thresholds.Select(t => Tp(t) / (Tp(t) + Fn(t)))];
        double[] precision = [.. thresholds.Select(t => Tp(t) + Fp(t) == 0 ? 0 : Tp(t) / (Tp(t) + Fp(t)))];
        IEnumerable<int> steps = Enumerable.Range(0, 199);
        Check(new AUC(), steps.Sum(i => (x[i] - x[i + 1]) * (y[i] + y[i + 1]) / 2));
        Check(new AUC(summationMethod: "minoring"), steps.Sum(i => (x[i] - x[i + 1]) * Math.Min(y[i], y[i + 1])));
        Check(new AUC(summationMethod: "majoring"), steps.Sum(i => (x[i] - x[i + 1]) * Math.Max(y[i], y[i + 1])));
        Check(new AUC(curve: "PR", summationMethod: "majoring"),
            steps.Sum(i => (y[i] - y[i + 1]) * Math.Max(precision[i], precision[i + 1])));
        Check(new AUC(curve: "PR"), steps.Sum(i =>
        {
            double tp0 = Tp(thresholds[i]), tp1 = Tp(thresholds[i + 1]), p0 = tp0 + Fp(thresholds[i]),
                p1 = tp1 + Fp(thresholds[i + 1]);
            double slope = p0 == p1 ? 0 : (tp0 - tp1) / (p0 - p1), ratio = p0 > 0 && p1 > 0 ? p0 / p1 : 1;
            return slope * (tp0 - tp1 + (tp1 - slope * p1) * Math.Log(ratio)) / (tp1 + Fn(thresholds[i + 1]));
        }));
        double[] even = [0, .. thresholds[1..^1], 1];
        int at = Enumerable.Range(0, 200).MinBy(i => Math.Abs(Tn(even[i]) / (Tn(even[i]) + Fp(even[i])) - 0.8));
        Check(new SensitivityAtSpecificity(0.8), Tp(even[at]) / (Tp(even[at]) + Fn(even[at])));
        at = Enumerable.Range(0, 200).MinBy(i => Math.Abs(Tp(even[i]) / (Tp(even[i]) + Fn(even[i])) - 0.7));
        Check(new SpecificityAtSensitivity(0.7), Tn(even[at]) / (Tn(even[at]) + Fp(even[at])));
    }

    [TestMethod]
    public void Means_are_weighted_over_all_batches()
    {
        double Mean(Func<int, double> value) => Enumerable.Range(0, Rows).Sum(r => s_w[r] * value(r)) / s_w.Sum();
        IEnumerable<int> all = Enumerable.Range(0, Classes);
        Check(new Metrics.MeanSquaredError(), Mean(r => all.Average(c => Math.Pow(s_t[r, c] - s_p[r, c], 2))));
        Check(new Metrics.MeanAbsoluteError(), Mean(r => all.Average(c => Math.Abs(s_t[r, c] - s_p[r, c]))));
        Check(new BinaryAccuracy(threshold: 0.4),
            Mean(r => all.Average(c => s_p[r, c] > 0.4f == (s_t[r, c] == 1) ? 1.0 : 0)));
        Check(new CategoricalAccuracy(), Mean(r => all.MaxBy(c => s_t[r, c]) == all.MaxBy(c => s_p[r, c]) ? 1 : 0));
        Check(new TopKCategoricalAccuracy(2),
            Mean(r => all.Count(c => s_p[r, c] > s_p[r, all.MaxBy(k => s_t[r, k])]) < 2 ? 1 : 0));
        Check(new CosineSimilarity(),
            Mean(r => all.Sum(c => s_t[r, c] * s_p[r, c])
                / Math.Sqrt(Math.Max(all.Sum(c => s_t[r, c] * s_t[r, c]), 1e-7)
                    * all.Sum(c => s_p[r, c] * s_p[r, c]))));
        Check(new Metrics.BinaryCrossentropy(labelSmoothing: 0.2), Mean(r => all.Average(c =>
        {
            // Keras' formula, clipped in float32.
            double t = s_t[r, c] * 0.8 + 0.1, p = Math.Clamp(s_p[r, c], 1e-7f, 1 - 1e-7f);
            return -t * Math.Log(p + 1e-7) - (1 - t) * Math.Log(1 - p + 1e-7);
        })));
    }

    [TestMethod]
    public void Unnamed_metrics_are_numbered_and_every_class_is_read_from_its_configuration()
    {
        using var model = new Sequential([new Dense(1, inputShape: [2])]);
        model.Compile("sgd", "mse", metrics: [new Precision(), new Precision(0.3), new AUC(), "mae"]);
        CollectionAssert.AreEqual(new[] { "loss", "precision_1", "precision_2", "auc_1", "mae" },
            model.MetricsNames.ToArray());
        foreach (Type type in typeof(Metric).Assembly.GetExportedTypes()
            .Where(t => t.IsSubclassOf(typeof(Metric)) && !t.IsAbstract && t != typeof(MeanMetric)))
        {
            Assert.IsTrue(MetricRegistry.Classes.Contains(type.Name), $"{type.Name} is not in the registry");
            string settings = type.Name switch
            {
                "SensitivityAtSpecificity" => "{\"specificity\": 0.5}",
                "SpecificityAtSensitivity" => "{\"sensitivity\": 0.5}",
                "MeanIoU" or "OneHotMeanIoU" => "{\"num_classes\": 3}",
                "IoU" or "OneHotIoU" => "{\"num_classes\": 3, \"target_class_ids\": [0, 2]}",
                "PrecisionAtRecall" => "{\"recall\": 0.5}",
                "RecallAtPrecision" => "{\"precision\": 0.5}",
                _ => "{}"
            };
            Metric metric = Metric.FromConfig(
                JsonDocument.Parse($$"""{"class_name": "{{type.Name}}", "config": {{settings}}}""").RootElement);
            Assert.AreEqual(type, metric.GetType());
            Metric copy = Metric.FromConfig(
                JsonDocument.Parse(
                    $$"""{"class_name": "{{type.Name}}", "config": {{metric.GetConfig().ToJsonString()}}}""")
                .RootElement);
            Assert.AreEqual(metric.GetConfig().ToJsonString(), copy.GetConfig().ToJsonString());
        }
    }

    [TestMethod]
    public void Means_of_the_losses_follow_their_definitions()
    {
        double Mean(Func<int, double> value) => Enumerable.Range(0, Rows).Sum(r => s_w[r] * value(r)) / s_w.Sum();
        IEnumerable<int> all = Enumerable.Range(0, Classes);
        double Margin(int r, int c) => Math.Max(0, 1 - (2 * s_t[r, c] - 1) * s_p[r, c]);
        double Clip(double x) => Math.Clamp(x, 1e-7, 1);
        Check(new RootMeanSquaredError(), Math.Sqrt(Mean(r => all.Average(c => Math.Pow(s_t[r, c] - s_p[r, c], 2)))));
        Check(new Metrics.MeanSquaredLogarithmicError(),
            Mean(r => all.Average(c => Math.Pow(Math.Log(1 + s_t[r, c]) - Math.Log(1 + s_p[r, c]), 2))));
        Check(new Metrics.Hinge(), Mean(r => all.Average(c => Margin(r, c))));
        Check(new Metrics.SquaredHinge(), Mean(r => all.Average(c => Margin(r, c) * Margin(r, c))));
        Check(new Metrics.CategoricalHinge(),
            Mean(r =>
                Math.Max(0, 1 + all.Max(c => (1 - s_t[r, c]) * s_p[r, c]) - all.Sum(c => s_t[r, c] * s_p[r, c]))));
        Check(new LogCoshError(), Mean(r => all.Average(c => Math.Log(Math.Cosh(s_t[r, c] - s_p[r, c])))));
        Check(new Metrics.Poisson(), Mean(r => all.Average(c => s_p[r, c] - s_t[r, c] * Math.Log(s_p[r, c] + 1e-7))));
        Check(new Metrics.KLDivergence(),
            Mean(r => all.Sum(c => Clip(s_t[r, c]) * Math.Log(Clip(s_t[r, c]) / Clip(s_p[r, c])))));
    }

    [TestMethod]
    public void The_intersection_over_union_is_the_mean_of_the_classes_that_occur()
    {
        var metric = new MeanIoU(4);
        metric.UpdateState(new float[] { 0, 0, 1, 1 }, new float[] { 0, 1, 1, 1 }, new float[] { 1, 1, 1, 2 });
        metric.UpdateState(new float[] { 2 }, new float[] { 0 });
        // Class 0: 1 of 3; class 1: 3 of 4; class 2: 0 of 1; class 3 does not occur.
        Assert.AreEqual((1 / 3.0 + 0.75 + 0) / 3, metric.Result().Span[0], 1e-6);
        metric.ResetStates();
        Assert.AreEqual(0f, metric.Result().Span[0]);
    }

    [TestMethod]
    public void Metrics_work_without_a_model_and_several_thresholds_give_several_values()
    {
        var mean = new Mean();
        mean.UpdateState(new float[] { 1, 2, 3 });
        mean.UpdateState(new float[] { 10 }, new float[] { 3 });
        Assert.AreEqual(36 / 6.0, mean.Result().Span[0], 1e-6);
        var sum = new Sum();
        sum.UpdateState(new float[] { 1, 2, 3 }, new float[] { 1, 0, 2 });
        Assert.AreEqual(7f, sum.Result().Span[0]);

        var precision = new Precision([0.2, 0.6]);
        precision.UpdateState(new float[,] { { 1 }, { 0 }, { 1 } }, new float[,] { { 0.7f }, { 0.5f }, { 0.3f } });
        CollectionAssert.AreEqual(new[] { 2 / 3f, 1f }, precision.Result().ToArray());
        using var model = new Sequential([new Dense(1, inputShape: [2])]);
        Assert.Contains("precision",
            Assert.ThrowsExactly<ArgumentException>(() => model.Compile("sgd", "mse", metrics: precision)).Message);
        Assert.IsNull(model.Optimizer);
        Assert.Contains("AddMetric",
            Assert.ThrowsExactly<ArgumentException>(() => model.Compile("sgd", "mse", metrics: new Mean())).Message);
    }

    /// <summary>The metric over weighted batches of 7, through a model that returns its input.</summary>
    static void Check(Metric metric, double expected)
    {
        using var model = new Sequential([new Lambda(x => x, inputShape: [Classes])]);
        model.Compile("sgd", "mse", weightedMetrics: metric);
        Evaluation e = model.Evaluate(s_p, s_t, batchSize: 7, verbose: 0, sampleWeight: s_w);
        GoldenCase.AssertClose(e[1], expected, 1e-4, 1e-5, metric.GetType().Name);
    }

    static IEnumerable<(int R, int C)> Cells() =>
        Enumerable.Range(0, Rows * Classes).Select(i => (i / Classes, i % Classes));
}
