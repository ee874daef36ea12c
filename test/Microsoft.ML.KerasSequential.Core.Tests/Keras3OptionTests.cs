using System.Text.Json;
using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Metrics;
using CategoricalCrossentropy = Microsoft.ML.KerasSequential.Metrics.CategoricalCrossentropy;
using SparseCategoricalCrossentropy = Microsoft.ML.KerasSequential.Metrics.SparseCategoricalCrossentropy;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Arguments that Keras has since version 3; numbers of metrics are recorded from Keras 3.15.</summary>
[TestClass]
public sealed class Keras3OptionTests
{
    static IEnumerable<object[]> Recorded =>
        Cases.Select(c => new object[] { c.GetProperty("name").GetString()! });

    static List<JsonElement> Cases => GoldenCase.Load(Path.Combine("keras3", "metrics-options.json"));

    [TestMethod]
    [DynamicData(nameof(Recorded))]
    public void A_metric_with_options_gives_the_numbers_of_Keras(string name)
    {
        JsonElement c = Cases.Single(e => e.GetProperty("name").GetString() == name);
        string metricClass = c.GetProperty("class").GetString()!;
        Metric Made() => c.Optional("config") is { } config
            ? Metric.FromConfig(JsonDocument.Parse(
                $"{{\"class_name\": \"{metricClass}\", \"config\": {config.GetRawText()}}}").RootElement)
            : metricClass;
        Metric first = Made(), copy = Metric.FromConfig(Saving.JsonText.Element(first.Serialize()));
        foreach (Metric metric in new[] { first, copy, Made().Copy() })
        {
            metric.UpdateState(GoldenCase.Array(c.GetProperty("y_true")), GoldenCase.Array(c.GetProperty("y_pred")),
                c.Optional("weight") is { } weight ? GoldenCase.Array(weight) : null);
            GoldenCase.AssertClose(metric.Result().Span[0], c.GetProperty("result").GetDouble(), 2e-5, 1e-6, name);
        }
    }

    [TestMethod]
    public void Defaults_are_not_written_because_Keras_2_would_reject_the_keys()
    {
        Assert.IsFalse(new CategoricalCrossentropy().GetConfig().ContainsKey("axis"));
        Assert.IsFalse(new SparseCategoricalCrossentropy().GetConfig().ContainsKey("ignore_class"));
        Assert.IsFalse(new SparseTopKCategoricalAccuracy().GetConfig().ContainsKey("from_sorted_ids"));
        Assert.IsFalse(new BatchNormalization().GetConfig().ContainsKey("renorm"));
        Assert.AreEqual(1, (int)new CategoricalCrossentropy(axis: 1).GetConfig()["axis"]!);
    }

    [TestMethod]
    public void A_model_reports_metrics_with_options_apart()
    {
        using var model = new Sequential([new Dense(3, activation: "softmax", inputShape: [2])]);
        model.Compile("sgd", "sparse_categorical_crossentropy", [new SparseCategoricalCrossentropy(),
            new SparseCategoricalCrossentropy("ignored") { IgnoreClass = 0 }, "binary_focal_crossentropy"]);
        NDArray x = new float[,] { { 1, 2 }, { 3, 4 }, { 0, 1 } }, y = new float[] { 0, 2, 0 };
        Evaluation all = model.Evaluate(x, y, verbose: 0), one = model.Evaluate(x.Slice(1, 1), y.Slice(1, 1),
            verbose: 0);
        GoldenCase.AssertClose(all["ignored"], one["sparse_categorical_crossentropy"] / 3, 1e-5, 1e-6, "ignored");
        Assert.AreNotEqual(all["ignored"], all["sparse_categorical_crossentropy"]);
        Assert.Contains("binary_focal_crossentropy", model.MetricsNames);
    }

    [TestMethod]
    public void The_slope_of_LeakyReLU_has_two_names()
    {
        using var model = new Sequential([new LeakyReLU(negativeSlope: 0.25, inputShape: [2])]);
        CollectionAssert.AreEqual(new float[] { -0.5f, 4 }, model.Predict(new float[,] { { -2, 4 } }).ToArray());
        Assert.AreEqual(0.25, (double)model.Layers[0].GetConfig()["alpha"]!);
        Assert.AreEqual("negativeSlope",
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new LeakyReLU(negativeSlope: -1)).ParamName);
    }

    [TestMethod]
    public void Batch_renormalization_starts_from_the_initializers_and_rejects_wrong_limits()
    {
        using var model = new Sequential([new BatchNormalization(renorm: true,
            renormClipping: new RenormClipping(RMax: 3, DMax: 5), movingVarianceInitializer: new
            Initializers.Constant(4), movingMeanInitializer: new Initializers.Constant(0.5), inputShape: [2])]);
        Assert.AreEqual("gamma beta moving_mean moving_variance moving_stddev renorm_mean renorm_stddev",
            string.Join(" ", model.Weights.Select(w => w.Name.Split('/')[^1])));
        CollectionAssert.AreEqual(new float[] { 1, 0, 0.5f, 4, 2, 0.5f, 2 },
            model.GetWeights().Select(w => w.Span[0]).ToArray());
        Assert.AreEqual(4, model.CountParams(trainable: true));
        Assert.Contains("renormClipping: new(RMax: 3, DMax: 5)", model.ToCSharp());
        Assert.AreEqual("""{"rmax":3,"dmax":5}""",
            model.Layers[0].GetConfig()["renorm_clipping"]!.ToJsonString());

        Assert.Contains("RMax", Assert.ThrowsExactly<ArgumentException>(
            () => new BatchNormalization(renorm: true, renormClipping: new(RMax: 1, RMin: 2))).Message);
        Assert.Contains("DMax", Assert.ThrowsExactly<ArgumentException>(
            () => new BatchNormalization(renorm: true, renormClipping: new(DMax: -1))).Message);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new BatchNormalization(renormMomentum: 1.5));
        Assert.Contains("rmax, rmin, dmax", Assert.ThrowsExactly<ArgumentException>(() => Layer.FromConfig(JsonDocument
            .Parse("""{"class_name": "BatchNormalization", "config": {"renorm": true, "renorm_clipping": {"r": 1}}}""")
            .RootElement)).Message);
    }

    [TestMethod]
    public void TerminateOnNaN_can_throw()
    {
        using var model = new Sequential([new Dense(1, inputShape: [1])]);
        model.Compile("sgd", "mse");
        int ended = 0;
        void Fit(bool raises) => model.Fit(new float[] { 0, 1e30f, 2 }, new float[] { 1, 1, 1 }, batchSize: 1,
            shuffle: false, verbose: 0, callbacks: [new TerminateOnNaN(raises),
            new LambdaCallback(onTrainEnd: _ => ended++)]);
        Fit(false);
        Assert.AreEqual(1, ended);
        model.SetWeights([new float[,] { { 1 } }, new float[] { 0 }]);
        NotFiniteNumberException e = Assert.ThrowsExactly<NotFiniteNumberException>(() => Fit(true));
        Assert.Contains("batch 1", e.Message);
        Assert.IsFalse(double.IsFinite(e.OffendingNumber));
        Assert.AreEqual(1, ended);
    }

    [TestMethod]
    public void Validation_can_have_its_own_batch_size()
    {
        using var model = new Sequential([new Dense(1, inputShape: [1])]);
        model.Compile("sgd", "mse");
        var x = new NDArray(10, 1);
        int batches = 0;
        Callback[] counting = [new Counting(() => batches++)];
        int Tested(Action fit)
        {
            batches = 0;
            fit();
            return batches;
        }
        Assert.AreEqual(2, Tested(() => model.Fit(x, x, batchSize: 5, verbose: 0, callbacks: counting,
            validationData: (x, x))));
        Assert.AreEqual(4, Tested(() => model.Fit(x, x, batchSize: 5, verbose: 0, callbacks: counting,
            validationData: (x, x), validationBatchSize: 3)));
        Assert.AreEqual(5, Tested(() => model.Fit(x, x, batchSize: 10, verbose: 0, callbacks: counting,
            validationSplit: 0.5, validationBatchSize: 1)));
        Assert.AreEqual(3, Tested(() => model.Fit([new Batch(x, x)], verbose: 0, callbacks: counting,
            validationData: (x, x), validationBatchSize: 4)));
        Assert.AreEqual("validationBatchSize", Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => model.Fit(x, x, verbose: 0, validationData: (x, x), validationBatchSize: 0)).ParamName);
    }

    [TestMethod]
    public void A_seed_makes_the_dropout_of_ConvLSTM2D_repeatable()
    {
        NDArray Trained(int seed)
        {
            using var model = new Sequential([new ConvLSTM2D(2, 2, dropout: 0.5, seed: 7, inputShape: [2, 3, 3, 1])]);
            RandomModels.Randomize(model, new Random(1));
            model.Seed = seed;
            model.Compile("sgd", "mse");
            model.Fit(RandomModels.Input(new Random(2), 4, [2, 3, 3, 1]), new NDArray(4, 2, 2, 2), verbose: 0,
                shuffle: false);
            return model.GetWeights()[0];
        }
        CollectionAssert.AreEqual(Trained(1).ToArray(), Trained(2).ToArray());
        Assert.AreEqual(7, (int)new ConvLSTM2D(2, 2, seed: 7).GetConfig()["seed"]!);
    }

    [TestMethod]
    public void Variance_scaling_has_a_name()
    {
        Initializers.Initializer named = "variance_scaling";
        Assert.AreEqual(new Initializers.VarianceScaling().GetConfig().ToJsonString(),
            named.GetConfig().ToJsonString());
    }

    sealed class Counting(Action batch) : Callback
    {
        public override void OnTestBatchEnd(int index, IReadOnlyDictionary<string, double> logs) => batch();
    }
}
