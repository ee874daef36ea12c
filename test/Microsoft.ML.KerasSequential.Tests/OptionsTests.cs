using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Every option works as documented; the test fails if one is not covered.</summary>
[TestClass]
public sealed class OptionsTests
{
    static readonly MLContext s_ml = new(seed: 1);

    static readonly IDataView s_data = DataSets.Iris(s_ml);

    static KerasSequentialOptions Base => new() { LabelColumnName = "Number", Epochs = 2, BatchSize = 16, Seed = 1 };

    static KerasSequentialTransformer Fit(Action<KerasSequentialOptions>? change = null)
    {
        KerasSequentialOptions options = Base;
        change?.Invoke(options);
        return s_ml.MulticlassClassification.Trainers.KerasSequential([new Dense(6), new Dropout(0.2),
            new Dense(3, activation: "softmax")], options).Fit(s_data);
    }

    static float[] Weights(Action<KerasSequentialOptions>? change = null) =>
        Fit(change).Model.GetWeights()[0].ToArray();

    static double Loss(Action<KerasSequentialOptions>? change = null) => Fit(change).History!["loss"][0];

    static void Differs(Action<KerasSequentialOptions> change) =>
        CollectionAssert.AreNotEqual(Weights(), Weights(change));

    static void Same(Action<KerasSequentialOptions> change) => CollectionAssert.AreEqual(Weights(), Weights(change));

    sealed class Counter : Callback
    {
        public List<int> Epochs { get; } = [];

        public override void OnEpochEnd(int epoch, IDictionary<string, double> logs) => Epochs.Add(epoch);
    }

    sealed class ProgressList : IProgress<TrainingProgress>
    {
        public List<TrainingProgress> Seen { get; } = [];

        public void Report(TrainingProgress value) => Seen.Add(value);
    }

    static readonly Dictionary<string, Action> s_checks = new()
    {
        [nameof(KerasSequentialOptions.LabelColumnName)] = () =>
            Assert.Throws<ArgumentException>(() => Fit(o => o.LabelColumnName = "None")),
        [nameof(KerasSequentialOptions.FeatureColumnName)] = () =>
            Assert.AreEqual(6, Weights(o => o.FeatureColumnName = "Weight").Length),
        [nameof(KerasSequentialOptions.FeatureColumnNames)] = () =>
            Assert.AreEqual(30, Weights(o => o.FeatureColumnNames = ["Weight", "Features"]).Length),
        [nameof(KerasSequentialOptions.ExampleWeightColumnName)] = () =>
            Differs(o => o.ExampleWeightColumnName = "Weight"),
        [nameof(KerasSequentialOptions.OutputColumnName)] = () =>
            Assert.IsNotNull(
                s_ml.Transforms.KerasSequential([new Dense(4)],
                    new() { LabelColumnName = "Features", OutputColumnName = "Out" }).Fit(s_data)
                    .GetOutputSchema(s_data.Schema).GetColumnOrNull("Out")),
        [nameof(KerasSequentialOptions.InputShape)] = () =>
            Assert.AreEqual(new Shape(null, 2, 2), s_ml.MulticlassClassification.Trainers
            .KerasSequential([new Flatten(), new Dense(3, activation: "softmax")],
                new() { LabelColumnName = "Number", InputShape = [2, 2] }).Fit(s_data).Model.InputShape),
        [nameof(KerasSequentialOptions.Optimizer)] = () => Differs(o => o.Optimizer = "sgd"),
        [nameof(KerasSequentialOptions.Loss)] = () => Differs(o => o.Loss = "mse"),
        [nameof(KerasSequentialOptions.Metrics)] = () =>
            CollectionAssert.AreEqual(new[] { "loss", "accuracy", "top_k_categorical_accuracy" },
            Fit(o => (o.Metrics, o.Loss) = (["accuracy", "top_k_categorical_accuracy"],
                "categorical_crossentropy")).Model.MetricsNames.ToArray()),
        [nameof(KerasSequentialOptions.LossWeights)] = () =>
            Assert.AreEqual(Loss(o => o.Optimizer = new Optimizers.SGD(0)) / 2,
                Loss(o => (o.Optimizer, o.LossWeights) = (new Optimizers.SGD(0), 0.5)), 1e-6),
        [nameof(KerasSequentialOptions.SampleWeightMode)] = () =>
            Assert.Throws<ArgumentException>(() =>
                Fit(o => (o.SampleWeightMode, o.ExampleWeightColumnName) = (SampleWeightMode.Temporal, "Weight"))),
        [nameof(KerasSequentialOptions.WeightedMetrics)] = () =>
            Assert.AreEqual(3, Fit(o => o.WeightedMetrics = ["mae"]).Model.MetricsNames.Count),
        [nameof(KerasSequentialOptions.BatchSize)] = () =>
            Assert.AreEqual(2L * 5, Fit(o => o.BatchSize = null).Model.Optimizer!.Iterations),
        [nameof(KerasSequentialOptions.Epochs)] = () => Assert.AreEqual(5, Fit(o => o.Epochs = 5).History!.Epoch.Count),
        [nameof(KerasSequentialOptions.Verbose)] = () =>
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Fit(o => o.Verbose = 3)),
        [nameof(KerasSequentialOptions.Callbacks)] = () =>
        {
            var counter = new Counter();
            Fit(o => o.Callbacks = [counter]);
            CollectionAssert.AreEqual(new[] { 0, 1 }, counter.Epochs);
        },
        [nameof(KerasSequentialOptions.ValidationSplit)] = () =>
            Assert.IsTrue(Fit(o => o.ValidationSplit = 0.2).History!.ContainsKey("val_loss")),
        [nameof(KerasSequentialOptions.ValidationData)] = () =>
            Assert.IsTrue(Fit(o => o.ValidationData = s_data).History!.ContainsKey("val_accuracy")),
        [nameof(KerasSequentialOptions.Shuffle)] = () => Differs(o => o.Shuffle = false),
        [nameof(KerasSequentialOptions.ClassWeight)] = () =>
            Differs(o => o.ClassWeight = new Dictionary<int, double> { [0] = 1, [1] = 2, [2] = 3 }),
        [nameof(KerasSequentialOptions.InitialEpoch)] = () =>
            CollectionAssert.AreEqual(new[] { 3, 4 },
                Fit(o => (o.InitialEpoch, o.Epochs) = (3, 5)).History!.Epoch.ToArray()),
        [nameof(KerasSequentialOptions.StepsPerEpoch)] = () =>
            Assert.AreEqual(2L * 3, Fit(o => o.StepsPerEpoch = 3).Model.Optimizer!.Iterations),
        [nameof(KerasSequentialOptions.ValidationSteps)] = () =>
            Assert.AreNotEqual(Fit(o => o.ValidationSplit = 0.4).History!["val_loss"][0],
                Fit(o => (o.ValidationSplit, o.ValidationSteps) = (0.4, 1)).History!["val_loss"][0]),
        [nameof(KerasSequentialOptions.ValidationFreq)] = () =>
            Assert.AreEqual(2,
                Fit(o => (o.Epochs, o.ValidationSplit, o.ValidationFreq) = (5, 0.2, 2)).History!["val_loss"].Count),
        [nameof(KerasSequentialOptions.MaxQueueSize)] = () => Streamed(o => o.MaxQueueSize = 1),
        [nameof(KerasSequentialOptions.Workers)] = () => Streamed(o => o.Workers = 0),
        [nameof(KerasSequentialOptions.UseMultiprocessing)] = () => Streamed(o => o.UseMultiprocessing = true),
        [nameof(KerasSequentialOptions.ResumeFrom)] = () =>
        {
            string file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.ckpt");
            Fit(o => o.Callbacks = [new TrainingCheckpoint(file, everySteps: 5)]);
            float[] whole = Weights(o => o.Epochs = 4),
                resumed = Weights(
                    o => (o.Epochs, o.ResumeFrom, o.Callbacks) = (4, file,
                        [new TrainingCheckpoint(file, everySteps: 5)]));
            CollectionAssert.AreEqual(whole, resumed);
            foreach (string left in Directory.GetFiles(Path.GetTempPath(), Path.GetFileName(file) + "*"))
                File.Delete(left);
        },
        [nameof(KerasSequentialOptions.Device)] = () =>
            Assert.AreSame(Device.Cpu, Fit(o => o.Device = Device.Cpu).Model.Device),
        [nameof(KerasSequentialOptions.Distribution)] = () =>
        {
            // Without shuffling, the batches are those of one process, but their rows are in a different order, which
            // affects dropout.
            float[] Trained(Distribution? ranks)
            {
                KerasSequentialOptions options = Base;
                (options.Shuffle, options.Distribution) = (false, ranks);
                return s_ml.MulticlassClassification.Trainers.KerasSequential([new Dense(6, activation: "tanh"),
                    new Dense(3, activation: "softmax")], options).Fit(s_data).Model.GetWeights()[0].ToArray();
            }
            float[] alone = Trained(null);
            float[][] together = ThreadRanks.Run(2, Trained);
            CollectionAssert.AreEqual(together[0], together[1]);
            for (int i = 0; i < alone.Length; i++) Assert.AreEqual(alone[i], together[0][i], 1e-6f);
        },
        [nameof(KerasSequentialOptions.Seed)] = () =>
        {
            Same(o => o.Seed = 1);
            Differs(o => o.Seed = 2);
        },
        [nameof(KerasSequentialOptions.MaxInMemoryBytes)] = () =>
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Fit(o => o.MaxInMemoryBytes = 0)),
        [nameof(KerasSequentialOptions.Logger)] = () =>
        {
            var log = new ListLogger();
            Assert.AreSame(log, Fit(o => o.Logger = log).Model.Logger);
            Assert.AreEqual(2, log.Lines.Count(l => l.StartsWith("Epoch ", StringComparison.Ordinal)));
        },
        [nameof(KerasSequentialOptions.Progress)] = () =>
        {
            var reports = new ProgressList();
            Fit(o => o.Progress = reports);
            Assert.AreEqual((2, 2, 1.0), (reports.Seen[^1].Epoch, reports.Seen[^1].Epochs, reports.Seen[^1].Fraction));
        },
        [nameof(KerasSequentialOptions.CancellationToken)] = () =>
            Assert.Throws<OperationCanceledException>(() => Fit(o => o.CancellationToken = new(canceled: true))),
    };

    /// <summary>How batches are made affects only the speed.</summary>
    static void Streamed(Action<KerasSequentialOptions> change) =>
        CollectionAssert.AreEqual(Weights(o => o.MaxInMemoryBytes = 1), Weights(o =>
        {
            o.MaxInMemoryBytes = 1;
            change(o);
        }));

    public static IEnumerable<object[]> Names =>
        typeof(KerasSequentialOptions).GetProperties().Select(p => new object[] { p.Name });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Option(string name) => s_checks[name]();

    [TestMethod]
    public void Verbose_writes_to_the_console_and_silence_does_not()
    {
        TextWriter console = Console.Out;
        var text = new StringWriter();
        Console.SetOut(text);
        try
        {
            Fit(o => o.Verbose = 2);
        }
        finally
        {
            Console.SetOut(console);
        }
        StringAssert.Contains(text.ToString(), "Epoch 2/2");
    }

    [TestMethod]
    public void A_context_that_requests_a_GPU_gets_it_or_reports_why_not()
    {
        var strict = new MLContext(seed: 1) { GpuDeviceId = 99 };
        IDataView data = DataSets.Iris(strict);
        Assert.Contains("There is no GPU 99", Assert.ThrowsExactly<ArgumentException>(() => Fit(strict, null)).Message);
        Assert.AreEqual(Device.Cpu, Fit(strict, Device.Cpu).Model.Device);

        var lenient = new MLContext(seed: 1) { GpuDeviceId = 99, FallbackToCpu = true };
        var said = new List<string>();
        lenient.Log += (_, e) => said.Add(e.Message);
        KerasSequentialTransformer transformer = Fit(lenient, null);
        Assert.AreEqual(Device.Cpu, transformer.Model.Device);
        Assert.IsTrue(said.Any(m => m.Contains("is used instead of GPU 99", StringComparison.Ordinal)),
            string.Join("; ", said));
        using var file = new MemoryStream();
        lenient.Model.Save(transformer, data.Schema, file);
        Assert.AreEqual(Device.Cpu, ((KerasSequentialTransformer)lenient.Model.Load(file, out _)).Model.Device);

        KerasSequentialTransformer Fit(MLContext ml, Device? device) => ml.MulticlassClassification.Trainers
            .KerasSequential([new Dense(3, activation: "softmax")],
                new() { LabelColumnName = "Number", Epochs = 1, Seed = 1, Device = device }).Fit(data);
    }

    [TestMethod]
    public void Options_out_of_range_are_rejected_when_the_estimator_is_created()
    {
        foreach (Action<KerasSequentialOptions> wrong in (Action<KerasSequentialOptions>[])[
            o => o.LabelColumnName = "", o => o.FeatureColumnName = null!, o => o.FeatureColumnNames = ["a", "a"],
            o => o.OutputColumnName = "", o => o.InputShape = [], o => o.InputShape = [0], o => o.BatchSize = 0,
            o => o.Epochs = -1,
            o => o.InitialEpoch = -1, o => o.Verbose = -1, o => o.ValidationSplit = 1,
            o => o.ValidationSplit = double.NaN, o => o.StepsPerEpoch = 0, o => o.ValidationSteps = 0,
            o => o.MaxQueueSize = 0, o => o.Workers = -1, o => o.MaxInMemoryBytes = 0])
        {
            KerasSequentialOptions options = Base;
            wrong(options);
            Assert.Throws<ArgumentException>(() => s_ml.Regression.Trainers.KerasSequential([new Dense(1)], options));
        }
    }

    [TestMethod]
    public void Options_are_read_when_the_estimator_is_created()
    {
        KerasSequentialOptions options = Base;
        KerasSequentialTrainer trainer =
            s_ml.MulticlassClassification.Trainers.KerasSequential([new Dense(3, activation: "softmax")], options);
        options.Epochs = 7;
        Assert.AreEqual(2, trainer.Fit(s_data).History!.Epoch.Count);
    }
}
