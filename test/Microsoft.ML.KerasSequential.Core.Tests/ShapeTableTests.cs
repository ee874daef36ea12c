using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Losses;
using Microsoft.ML.KerasSequential.Metrics;
using static Microsoft.ML.KerasSequential.Tests.Reference64;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>
/// Every loss and metric over all pairs of shapes up to three dimensions, with weights of all shapes, against float64:
/// compatible shapes give the value, all others an error that names both shapes.
/// </summary>
[TestClass]
public sealed class ShapeTableTests
{
    static readonly int[] s_sizes = [1, 2, 3];

    static readonly int[][] s_shapes =
    [
        .. s_sizes.Select(a => new[] { a }),
        .. from a in s_sizes from b in s_sizes select new[] { a, b },
        .. from a in s_sizes from b in s_sizes from c in s_sizes select new[] { a, b, c },
    ];

    static readonly (Loss Loss, ValuesOf Values)[] s_losses =
    [
        (new Losses.MeanSquaredError(), Mean((t, p) => (t - p) * (t - p))),
        (new Losses.MeanAbsoluteError(), Mean((t, p) => Math.Abs(t - p))),
        (new Losses.MeanAbsolutePercentageError(),
            Mean((t, p) => 100 * Math.Abs(t - p) / Math.Max(Math.Abs(t), 1e-7f))),
        (new Losses.MeanSquaredLogarithmicError(), Mean((t, p) => Math.Pow(LogOfOne(t) - LogOfOne(p), 2))),
        (new Losses.BinaryCrossentropy(), Mean(Binary)),
        (new Losses.BinaryCrossentropy(fromLogits: true), Mean(BinaryOfLogit)),
        (new Losses.BinaryCrossentropy(labelSmoothing: 0.2), Mean((t, p) => Binary(0.8 * t + 0.1, p))),
        (new Losses.CategoricalCrossentropy(), Rows(Categorical)),
        (new Losses.SparseCategoricalCrossentropy(), Numbers(Sparse)),
        (new Losses.CategoricalCrossentropy(fromLogits: true),
            Rows((t, p) => -t.Zip(LogSoftmax(p), (a, b) => a * b).Sum())),
        (new Losses.SparseCategoricalCrossentropy(fromLogits: true), Numbers((n, p) => -LogSoftmax(p)[n])),
        (new Losses.Hinge(), Margins(squared: false)),
        (new Losses.SquaredHinge(), Margins(squared: true)),
        (new Losses.CategoricalHinge(), Rows(CategoricalMargin)),
        (new LogCosh(), Mean((t, p) => Math.Log(Math.Cosh(t - p)))),
        (new Huber(0.25), Elements((t, p) => HuberOf(t, p, 0.25))),
        (new Losses.KLDivergence(), Rows(Relative)),
        (new Losses.Poisson(), Mean((t, p) => p - t * Math.Log(p + 1e-7f))),
        (new CosineProximity(), Rows((t, p) => -Cosine(t, p))),
    ];

    static readonly (Func<Metric> Make, ValuesOf Values)[] s_means =
    [
        (() => new Metrics.MeanSquaredError(), Mean((t, p) => (t - p) * (t - p))),
        (() => new Metrics.MeanAbsoluteError(), Mean((t, p) => Math.Abs(t - p))),
        (() => new Metrics.MeanAbsolutePercentageError(),
            Mean((t, p) => 100 * Math.Abs(t - p) / Math.Max(Math.Abs(t), 1e-7f))),
        (() => new Metrics.MeanSquaredLogarithmicError(), Mean((t, p) => Math.Pow(LogOfOne(t) - LogOfOne(p), 2))),
        (() => new LogCoshError(), Mean((t, p) => Math.Log(Math.Cosh(t - p)))),
        (() => new Metrics.CosineSimilarity(), Rows(Cosine)),
        (() => new Metrics.Hinge(), Margins(squared: false)),
        (() => new Metrics.SquaredHinge(), Margins(squared: true)),
        (() => new Metrics.CategoricalHinge(), Rows(CategoricalMargin)),
        (() => new Metrics.Poisson(), Mean((t, p) => p - t * Math.Log(p + 1e-7f))),
        (() => new Metrics.KLDivergence(), Rows(Relative)),
        (() => new Metrics.BinaryCrossentropy(), Mean(Binary)),
        (() => new Metrics.CategoricalCrossentropy(), Rows(Categorical)),
        (() => new Metrics.SparseCategoricalCrossentropy(), Numbers(Sparse)),
        (() => new Accuracy(), Elements((t, p) => t == p ? 1 : 0)),
        (() => new BinaryAccuracy(threshold: 0.4), Mean((t, p) => t == (p > 0.4f ? 1 : 0) ? 1 : 0)),
        (() => new CategoricalAccuracy(), Rows((t, p) => Largest(t) == Largest(p) ? 1 : 0)),
        (() => new SparseCategoricalAccuracy(), Numbers((n, p) => n == Largest(p) ? 1 : 0)),
        (() => new TopKCategoricalAccuracy(2), Rows((t, p) => IsAmong(p, Largest(t), 2) ? 1 : 0)),
        (() => new SparseTopKCategoricalAccuracy(1), Numbers((n, p) => IsAmong(p, n, 1) ? 1 : 0)),
        (() => new RootMeanSquaredError(), Elements((t, p) => (t - p) * (t - p))),
    ];

    static readonly (Func<Metric> Make, Func<Counts, double> Value)[] s_counts =
    [
        (() => new TruePositives(), c => c.Of(0.5, true, true)),
        (() => new FalsePositives(), c => c.Of(0.5, false, true)),
        (() => new TrueNegatives(), c => c.Of(0.5, false, false)),
        (() => new FalseNegatives(), c => c.Of(0.5, true, false)),
        (() => new Precision(),
            c => c.Of(0.5, true, true) / Math.Max(c.Of(0.5, true, true) + c.Of(0.5, false, true), 1e-30)),
        (() => new Recall(), c => c.Recall(0.5)),
        (() => new SensitivityAtSpecificity(0.5, numThresholds: 1), c => c.Recall(0.5)),
        (() => new SpecificityAtSensitivity(0.5, numThresholds: 1), c => c.Specificity(0.5)),
        (() => new AUC(numThresholds: 3), c => c.Area([-1, 0.5, 2])),
    ];

    [TestMethod]
    public void A_loss_of_any_two_shapes_is_the_number_or_an_error_with_both()
    {
        int legal = 0;
        foreach (int[] tShape in s_shapes)
        {
            foreach (int[] pShape in s_shapes)
            {
                var test = new Case(tShape, pShape);
                foreach ((Loss loss, ValuesOf values) in s_losses)
                {
                    Tensor target = test.TargetFor(loss.Name);
                    if (test.Values(loss.Name, values, test.Data[0]) is not { } sample)
                    {
                        test.Refuses(() => loss.Apply(target, test.Prediction), loss.Name);
                        continue;
                    }
                    legal++;
                    test.Add(loss.Name, loss.Call(target, test.Prediction),
                        d => test.Values(loss.Name, values, d)!.Data);
                    test.Add(loss.Name, loss.Apply(target, test.Prediction),
                        d => [test.Values(loss.Name, values, d)!.Data.Average()]);
                    foreach ((Tensor weight, Values64 data) in test.Weights)
                    {
                        if (sample.Weights(data) is { } w)
                        {
                            test.Add($"{loss.Name} weighted {data.Name}", loss.Apply(target, test.Prediction, weight),
                                d => [w.Zip(test.Values(loss.Name, values, d)!.Data, (a, b) => a * b).Average()]);
                        }
                        else test.RefusesWeights(() => loss.Apply(target, test.Prediction, weight), data, loss.Name);
                    }
                }
                test.Run();
            }
        }
        // Equal rank, each size equal or 1 on one side: 7 + 7² + 7³; 24 with an extra last 1; the 5 losses over classes
        // accept 39 equal shapes instead; for class indices, 36 with one dimension less, 39 with 1 there.
        Assert.AreEqual(12 * (7 + 49 + 343 + 24) + 5 * (39 + 24) + 2 * (36 + 39), legal);
    }

    [TestMethod]
    public void A_metric_of_any_two_shapes_is_the_number_or_an_error_with_both()
    {
        foreach (int[] tShape in s_shapes)
        {
            foreach (int[] pShape in s_shapes)
            {
                var test = new Case(tShape, pShape);
                foreach ((Func<Metric> make, ValuesOf values) in s_means)
                {
                    Metric metric = make();
                    Check(test, metric, d => test.Values(metric.Name, values, d), (v, w, _) => MeanOf(metric, v, w));
                }
                foreach ((Func<Metric> make, Func<Counts, double> value) in s_counts)
                {
                    Check(test, make(), d => Values64.Meet(d.Target, d.Prediction)?.Prediction,
                        (v, w, d) => value(new(Values64.Meet(d.Target, d.Prediction)!.Value.Target.Data, v.Data, w)));
                }
                test.Run();
            }
        }

        static void Check(Case test, Metric metric, Func<Sample, Values64?> values,
            Func<Values64, double[], Sample, double> value)
        {
            Tensor target = test.TargetFor(metric.Name);
            if (values(test.Data[0]) is not { } sample)
            {
                test.Refuses(() => metric.Trace(target, test.Prediction, null), metric.Name);
                return;
            }
            test.Add(metric.Name, metric.Trace(target, test.Prediction, null).Result,
                d => [value(values(d)!, [.. sample.Data.Select(_ => 1.0)], d)]);
            foreach ((Tensor weight, Values64 data) in test.Weights)
            {
                if (sample.Weights(data) is { } w)
                {
                    test.Add($"{metric.Name} weighted {data.Name}",
                        metric.Trace(target, test.Prediction, weight).Result, d => [value(values(d)!, w, d)]);
                }
                else test.RefusesWeights(() => metric.Trace(target, test.Prediction, weight), data, metric.Name);
            }
        }
    }

    /// <summary>The same in a model that predicts its input.</summary>
    [TestMethod]
    public void A_model_evaluates_losses_and_metrics_of_all_shapes()
    {
        foreach (int[] shape in s_shapes.Where(s => s.Length > 1))
        {
            var test = new Case(shape, shape);
            Sample data = test.Data[1];
            foreach (bool temporal in shape.Length > 2 ? [false, true] : new[] { false })
            {
                Values64 weight = Case.Weight(temporal ? shape[..2] : shape[..1]);
                using var model = new Sequential([new Lambda(x => x, inputShape: shape[1..])]);
                foreach ((Loss loss, ValuesOf values) in s_losses)
                {
                    // As in Keras, a model rejects targets of a single class there: they are class indices by mistake.
                    if (loss is Losses.CategoricalCrossentropy && shape[^1] == 1) continue;
                    bool all = loss.Name == "mean_squared_error",
                    sparse = loss.Name.StartsWith("sparse", StringComparison.Ordinal);
                    (Func<Metric> Make, ValuesOf Values)[] means =
                        all ? [.. s_means.Where(
                            m => !m.Make().Name.StartsWith("sparse", StringComparison.Ordinal))] : [];
                    Metric[] Made() => [.. means.Select(m => m.Make())];
                    model.Compile("sgd", loss, metrics: Made(), weightedMetrics: Made(),
                        sampleWeightMode: temporal ? "temporal" : null);
                    Values64 target = sparse ? data.NumbersOf([.. shape[..^1], 1]) : data.Target;
                    Evaluation result = model.Evaluate(Array(data.Prediction), Array(target), batchSize: 8, verbose: 0,
                        sampleWeight: Array(weight));
                    Values64 v = values(target, data.Prediction)!;
                    Close(v.Weights(weight)!.Zip(v.Data, (a, b) => a * b).Average(), result[0],
                        $"{loss.Name} of {target.Name}");
                    for (int i = 0; i < means.Length; i++)
                    {
                        Values64 m = means[i].Values(data.Target, data.Prediction)!;
                        int weighted = 1 + means.Length + i;
                        Close(MeanOf(model.Metrics[i], m, [.. m.Data.Select(_ => 1.0)]), result[1 + i],
                            $"{model.MetricsNames[1 + i]} of {target.Name}");
                        Close(MeanOf(model.Metrics[i], m, m.Weights(weight)!), result[weighted],
                            $"{model.MetricsNames[weighted]} of {target.Name}");
                    }
                }
            }
        }
    }

    static double MeanOf(Metric metric, Values64 values, double[] weights)
    {
        double mean = weights.Zip(values.Data, (a, b) => a * b).Sum() / weights.Sum();
        return metric is RootMeanSquaredError ? Math.Sqrt(mean) : mean;
    }

    static NDArray Array(Values64 values) => new([.. values.Data.Select(v => (float)v)], values.Shape);

    static void Close(double expected, double actual, string what) =>
        GoldenCase.AssertClose(actual, expected, 1e-4, 1e-5, what);

    /// <summary>Targets and predictions, and class indices for the same positions.</summary>
    sealed record Sample(Values64 Target, Values64 Prediction)
    {
        public Values64 NumbersOf(int[] shape) => Case.Filled(shape, i => i * 2 % Prediction.Shape[^1]);
    }

    /// <summary>The counts of a confusion matrix.</summary>
    sealed record Counts(double[] Targets, double[] Predictions, double[] Weights)
    {
        public double Of(double threshold, bool isTrue, bool isPositive) =>
            Enumerable.Range(0, Targets.Length)
                .Where(i => Targets[i] != 0 == isTrue && Predictions[i] > threshold == isPositive).Sum(i => Weights[i]);

        public double Recall(double threshold) =>
            Of(threshold, true, true) / Math.Max(Of(threshold, true, true) + Of(threshold, true, false), 1e-30);

        public double Specificity(double threshold) =>
            Of(threshold, false, false) / Math.Max(Of(threshold, false, false) + Of(threshold, false, true), 1e-30);

        public double Area(double[] thresholds)
        {
            double Fall(double t) => Of(t, false, true) + Of(t, false, false) == 0 ? 0 : 1 - Specificity(t);
            return thresholds.Zip(thresholds.Skip(1), (a, b) => (Fall(a) - Fall(b)) * (Recall(a) + Recall(b)) / 2)
                .Sum();
        }
    }

    /// <summary>
    /// Everything computed for two shapes, as one function of targets, class indices, predictions and weights.
    /// </summary>
    sealed class Case
    {
        static readonly int[][] s_weightShapes = [[], .. s_shapes];

        readonly Tensor _target, _numbers;
        readonly int[] _targetShape;
        readonly List<(string Name, Tensor Output, Func<Sample, double[]> Expected)> _checks = [];

        public Case(int[] target, int[] prediction)
        {
            _targetShape = target;
            (_target, _numbers, Prediction) = (Placeholder(target), Placeholder(target), Placeholder(prediction));
            int[][] weights = target.Length == prediction.Length && !target.SequenceEqual(prediction) ? []
                : s_weightShapes;
            Weights = [.. weights.Select(s => (Placeholder(s), Weight(s)))];
            Data =
            [
                new(Filled(target, i => (float)(0.1 + i * 0.37 % 0.8)),
                    Filled(prediction, i => (float)(0.15 + i * 0.59 % 0.8))),
                new(Filled(target, i => i * 5 % 3 == 1 ? 1 : 0), Filled(prediction, i => i % 2 == 0 ? 1 : 0.3f)),
            ];
        }

        public Tensor Prediction { get; }

        public Sample[] Data { get; }

        /// <summary>Weights apply to the values alone, so broadcast shapes need none.</summary>
        public (Tensor Input, Values64 Data)[] Weights { get; }

        public static Values64 Weight(int[] shape) => Filled(shape, i => 0.5 + i * 0.25);

        public static Values64 Filled(int[] shape, Func<int, double> value) =>
            new(shape, [.. Enumerable.Range(0, shape.Aggregate(1, (a, b) => a * b)).Select(value)]);

        static bool TakesNumbers(string name) => name.StartsWith("sparse", StringComparison.Ordinal);

        public Tensor TargetFor(string name) => TakesNumbers(name) ? _numbers : _target;

        public Values64? Values(string name, ValuesOf values, Sample data) =>
            values(TakesNumbers(name) ? data.NumbersOf(_targetShape) : data.Target, data.Prediction);

        public void Add(string name, Tensor output, Func<Sample, double[]> expected) =>
            _checks.Add((name, output, expected));

        public void Refuses(Action action, string name)
        {
            string message = Assert.ThrowsExactly<ArgumentException>(
                action, $"{name}: {Data[0].Target.Name}, {Data[0].Prediction.Name}").Message;
            Assert.Contains(Data[0].Target.Name, message);
            Assert.Contains(Data[0].Prediction.Name, message);
        }

        /// <summary>Which weights fit depends on the values alone, so equal shapes suffice.</summary>
        public void RefusesWeights(Action action, Values64 weight, string name)
        {
            if (!_targetShape.SequenceEqual(Data[0].Prediction.Shape)) return;
            Assert.Contains(weight.Name,
                Assert.ThrowsExactly<ArgumentException>(
                    action, $"{name}: {Data[0].Prediction.Name} weighted {weight.Name}").Message);
        }

        public void Run()
        {
            if (_checks.Count == 0) return;
            using var function = K.Function([_target, _numbers, Prediction, .. Weights.Select(w => w.Input)],
                [.. _checks.Select(c => c.Output)]);
            foreach (Sample data in Data)
            {
                NDArray[] results = function.Run(
                    [Array(data.Target), Array(data.NumbersOf(_targetShape)), Array(data.Prediction),
                        .. Weights.Select(w => Array(w.Data))]);
                for (int i = 0; i < results.Length; i++)
                {
                    double[] expected = _checks[i].Expected(data);
                    string what = $"{_checks[i].Name} of {data.Target.Name}, {data.Prediction.Name}";
                    Assert.AreEqual(expected.Length, results[i].Size, what);
                    for (int k = 0; k < expected.Length; k++) Close(expected[k], results[i].Span[k], what);
                }
            }
        }

        static Tensor Placeholder(int[] shape) => K.Placeholder([.. shape.Select(d => (int?)d)]);
    }
}
