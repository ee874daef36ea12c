using System.Text.Json;
using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Losses;
using Microsoft.ML.KerasSequential.Metrics;
using Microsoft.ML.KerasSequential.Optimizers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Complete training runs recorded from Keras 2.3.1: history, evaluation, weights, single steps.</summary>
[TestClass]
public sealed class GoldenFitTests
{
    const double Relative = 1e-3, Absolute = 1e-4;

    static readonly string[] s_files = ["fit-0.json", "fit-1.json"];

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void A_recorded_training_gives_the_same_numbers(string name)
    {
        JsonElement c = All().Single(e => Name(e) == name);
        JsonElement expected = c.GetProperty("expected"), compile = c.GetProperty("compile"),
            fit = c.GetProperty("fit");
        using Sequential model = Sequential.FromJson(c.GetProperty("config").GetRawText());
        model.SetWeights(GoldenCase.Arrays(c.GetProperty("weights")));
        NDArray x = GoldenCase.Array(c.GetProperty("x")), y = GoldenCase.Array(c.GetProperty("y"));
        GoldenCase.AssertClose(model.Predict(x).Span, GoldenCase.Array(expected.GetProperty("predict_before")).Span,
            1e-4, 1e-5, "predict_before");

        model.Compile(
            Optimizer.FromConfig(compile.GetProperty("optimizer")),
            Loss.FromConfig(compile.GetProperty("loss")),
            metrics: Metrics(compile.GetProperty("metrics")),
            weightedMetrics: Metrics(compile.GetProperty("weighted_metrics")),
            sampleWeightMode: compile.Optional("sample_weight_mode")?.GetString() == "temporal"
            ? SampleWeightMode.Temporal : SampleWeightMode.None);

        NDArray? weight = fit.Optional("sample_weight") is { } w ? GoldenCase.Array(w) : null;
        ValidationData? validation = fit.Optional("validation_data") is { } v
            ? new(GoldenCase.Array(v.GetProperty("x")), GoldenCase.Array(v.GetProperty("y")),
                v.Optional("sample_weight") is { } vw ? GoldenCase.Array(vw) : null)
            : null;
        History history = model.Fit(x, y,
            batchSize: fit.Optional("batch_size")?.GetInt32(),
            epochs: fit.GetProperty("epochs").GetInt32(),
            verbose: 0,
            callbacks: fit.Optional("callbacks")?.EnumerateArray().Select(Callback.FromConfig).ToList(),
            validationSplit: fit.Optional("validation_split")?.GetDouble() ?? 0,
            validationData: validation,
            shuffle: false,
            classWeight: fit.Optional("class_weight")?.EnumerateObject()
            .ToDictionary(p => int.Parse(p.Name, System.Globalization.CultureInfo.InvariantCulture),
                p => p.Value.GetDouble()),
            sampleWeight: weight,
            initialEpoch: fit.Optional("initial_epoch")?.GetInt32() ?? 0,
            stepsPerEpoch: fit.Optional("steps_per_epoch")?.GetInt32(),
            validationSteps: fit.Optional("validation_steps")?.GetInt32(),
            validationFreq: fit.Optional("validation_freq") is { } f
            ? (f.ValueKind == JsonValueKind.Number ? f.GetInt32()
                : f.EnumerateArray().Select(e => e.GetInt32()).ToArray()) : null);

        CollectionAssert.AreEqual(
            expected.GetProperty("metrics_names").EnumerateArray().Select(n => n.GetString()).ToArray(),
            model.MetricsNames.ToArray());
        CollectionAssert.AreEqual(expected.GetProperty("epochs").EnumerateArray().Select(e => e.GetInt32()).ToArray(),
            history.Epoch.ToArray());
        CollectionAssert.AreEqual(expected.GetProperty("history").EnumerateObject().Select(p => p.Name).ToArray(),
            history.Keys.ToArray());
        foreach (JsonProperty p in expected.GetProperty("history").EnumerateObject())
            AssertClose([.. history[p.Name]], GoldenCase.Numbers(p.Value), $"history[{p.Name}]");

        AssertClose([.. model.Evaluate(x, y, batchSize: 10, verbose: 0).Values],
            GoldenCase.Numbers(expected.GetProperty("evaluate_batch_10")), "evaluate");
        GoldenCase.AssertClose(model.Predict(x).Span, GoldenCase.Array(expected.GetProperty("predict_after")).Span,
            Relative, Absolute, "predict_after");
        List<NDArray> after = GoldenCase.Arrays(expected.GetProperty("weights_after"));
        IReadOnlyList<NDArray> weights = model.GetWeights();
        for (int i = 0; i < after.Count; i++)
            GoldenCase.AssertClose(weights[i].Span, after[i].Span, Relative, Absolute, $"weights_after[{i}]");

        foreach (JsonElement step in expected.GetProperty("then_train_on_batch_first_4_twice").EnumerateArray())
            AssertClose([.. model.TrainOnBatch(x.Slice(0, 4), y.Slice(0, 4)).Values], GoldenCase.Numbers(step),
                "train_on_batch");
        AssertClose([.. model.TestOnBatch(x.Slice(4, 5), y.Slice(4, 5)).Values],
            GoldenCase.Numbers(expected.GetProperty("then_test_on_batch_4_to_9")), "test_on_batch");
    }

    [TestMethod]
    public void The_cases_whose_parts_exist_are_all_run() => Assert.AreEqual(82, Cases.Count());

    internal static IEnumerable<object[]> Cases => All().Where(Runs).Select(c => new object[] { Name(c) });

    internal static IEnumerable<JsonElement> All() => s_files.SelectMany(GoldenCase.Load);

    static string Name(JsonElement c) => c.GetProperty("name").GetString()!;

    /// <summary>Whether all its parts exist by now.</summary>
    static bool Runs(JsonElement c)
    {
        JsonElement compile = c.GetProperty("compile");
        return c.GetProperty("config").GetProperty("config").GetProperty("layers").EnumerateArray()
            .All(l => LayerRegistry.Names.Contains(l.GetProperty("class_name").GetString()))
            && Known(() => Optimizer.FromConfig(compile.GetProperty("optimizer")))
            && Known(() => Loss.FromConfig(compile.GetProperty("loss")))
            && Known(() => Metrics(compile.GetProperty("metrics")))
            && Known(() => Metrics(compile.GetProperty("weighted_metrics")));
    }

    static bool Known(Func<object> make)
    {
        try
        {
            make();
            return true;
        }
        catch (ArgumentException e) when (e.Message.StartsWith("Unknown", StringComparison.Ordinal))
        {
            return false;
        }
    }

    static MetricSet Metrics(JsonElement list) => list.EnumerateArray().Select(Metric.FromConfig).ToArray();

    static void AssertClose(double[] actual, double[] expected, string what)
    {
        Assert.AreEqual(expected.Length, actual.Length, what);
        for (int i = 0; i < actual.Length; i++)
            GoldenCase.AssertClose(actual[i], expected[i], Relative, Absolute, $"{what}[{i}]");
    }
}
