using System.Text.Json;
using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Optimizers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Callbacks and arguments that Keras has since version 3.</summary>
[TestClass]
public sealed class Callbacks3Tests
{
    static readonly NDArray s_x = new([.. Enumerable.Range(0, 48).Select(i => MathF.Sin(i))], 16, 3),
        s_y = new([.. Enumerable.Range(0, 16).Select(i => MathF.Cos(i))], 16, 1);

    readonly string _folder = Path.Combine(Path.GetTempPath(), $"callbacks3-{Guid.NewGuid():N}");

    [TestCleanup]
    public void Delete()
    {
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
    }

    [TestMethod]
    [DataRow(null, 2)]
    [DataRow(3, 2)]
    [DataRow(3, 5)]
    [DataRow(null, 8)]
    public void An_interrupted_training_goes_on_when_it_is_started_again(int? everyBatches, int interruptedAfter)
    {
        float[] whole = Train(null, null);
        SaveFreq Freq() => everyBatches is int every ? every : "epoch";
        Assert.ThrowsExactly<IOException>(() => Train(new BackupAndRestore(_folder, Freq()), interruptedAfter));
        bool isSaved = interruptedAfter >= (everyBatches ?? 4);
        Assert.AreEqual(isSaved, File.Exists(Path.Combine(_folder, "latest.training")));
        CollectionAssert.AreEqual(whole, Train(new BackupAndRestore(_folder, Freq()), null));
        // A complete training leaves nothing, so the next one starts from the beginning.
        Assert.IsFalse(Directory.Exists(_folder));
        CollectionAssert.AreEqual(whole,
            Train(new BackupAndRestore(_folder, Freq(), doubleCheckpoint: true, deleteCheckpoint: false), null));
        Assert.IsTrue(File.Exists(Path.Combine(_folder, "latest.training")));
        Assert.IsTrue(File.Exists(Path.Combine(_folder, "latest.training.previous")));

        static float[] Train(BackupAndRestore? backup, int? failsAfter)
        {
            K.SetRandomSeed(5);
            using var model = new Sequential([new Dense(4, activation: "tanh", inputShape: [3]), new Dropout(0.2),
                new Dense(1)]);
            model.Compile(new Adam(0.01) { UseEma = true }, "mse");
            int batches = 0;
            var fails = new LambdaCallback(onBatchEnd: (_, _) =>
            {
                if (++batches > failsAfter) throw new IOException("interrupted");
            });
            Callback[] callbacks = backup is null ? [fails] : [backup, fails];
            model.Fit(s_x, s_y, batchSize: 4, epochs: 3, verbose: 0, callbacks: callbacks);
            return model.GetWeights()[0].ToArray();
        }
    }

    [TestMethod]
    public void A_path_for_backups_is_needed()
    {
        Assert.ThrowsExactly<ArgumentException>(() => new BackupAndRestore(""));
        Assert.ThrowsExactly<ArgumentException>(() => new BackupAndRestore("x", "batch"));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new BackupAndRestore("x", 0));
    }

    [TestMethod]
    public void Averages_are_evaluated_and_the_weights_come_back()
    {
        using Sequential model = Model(new SGD(0.2) { UseEma = true, EmaMomentum = 0.5 });
        float[]? trained = null, seen = null;
        var sees = new LambdaCallback(onEpochEnd: (_, _) => trained = model.GetWeights()[0].ToArray());
        var judges = new Judge(() => seen = model.GetWeights()[0].ToArray());
        float[] before = model.GetWeights()[0].ToArray(), average = before;
        var follows = new LambdaCallback(onBatchEnd: (batch, _) =>
        {
            float[] now = model.GetWeights()[0].ToArray();
            average = batch == 0 ? now : [.. now.Zip(average, (n, a) => 0.5f * n + 0.5f * a)];
        });
        model.Fit(s_x, s_y, batchSize: 4, epochs: 1, verbose: 0, shuffle: false, validationData: (s_x, s_y),
            callbacks: [follows, new SwapEMAWeights(), judges, sees]);
        Close(average, seen!);
        CollectionAssert.AreNotEqual(trained, seen);
        // As without the callback, the averages are the final weights.
        Close(average, model.GetWeights()[0].ToArray());
    }

    [TestMethod]
    public void Averages_can_be_saved_after_each_epoch_without_changing_the_training()
    {
        float[][] Train(params Callback[] callbacks)
        {
            using Sequential model = Model(new SGD(0.2) { UseEma = true, EmaMomentum = 0.5 });
            List<float[]> seen = [];
            var sees = new LambdaCallback(onEpochEnd: (_, _) => seen.Add(model.GetWeights()[0].ToArray()));
            model.Fit(s_x, s_y, batchSize: 4, epochs: 3, verbose: 0, shuffle: false, callbacks: [.. callbacks, sees]);
            return [.. seen, model.GetWeights()[0].ToArray()];
        }
        float[][] plain = Train(), swapped = Train(new SwapEMAWeights(swapOnEpoch: true));
        CollectionAssert.AreEqual(plain[^1], swapped[^1]);
        CollectionAssert.AreEqual(plain[^1], swapped[^2]);
        CollectionAssert.AreNotEqual(plain[0], swapped[0]);
    }

    [TestMethod]
    public void Swapping_needs_averages()
    {
        using Sequential model = Model("sgd");
        Assert.Contains("UseEma", Assert.ThrowsExactly<InvalidOperationException>(
            () => model.Fit(s_x, s_y, verbose: 0, callbacks: [new SwapEMAWeights()])).Message);
    }

    [TestMethod]
    public void Early_stopping_does_not_count_the_first_epochs()
    {
        int Epochs(int start)
        {
            using Sequential model = Model(new SGD(0));
            var stops = new EarlyStopping("loss", minDelta: 1, patience: 2) { StartFromEpoch = start };
            return model.Fit(s_x, s_y, epochs: 12, verbose: 0, callbacks: [stops])["loss"].Count;
        }
        Assert.AreEqual(3, Epochs(0));
        Assert.AreEqual(7, Epochs(4));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new EarlyStopping { StartFromEpoch = -1 });
    }

    [TestMethod]
    public void The_direction_of_a_metric_is_known()
    {
        using Sequential model = Model("sgd");
        model.Compile(new SGD(0), "mse", [new Metrics.R2Score(), new Metrics.MeanAbsoluteError("up")]);
        var more = new Exposed("r2_score");
        var less = new Exposed("up");
        model.Fit(s_x, s_y, epochs: 1, verbose: 0, callbacks: [more, less]);
        Assert.IsTrue(more.Prefers(2, 1));
        Assert.IsTrue(less.Prefers(1, 2));
    }

    [TestMethod]
    public void Checkpoints_are_saved_after_a_number_of_batches()
    {
        Directory.CreateDirectory(_folder);
        using Sequential model = Model("sgd");
        model.Fit(s_x, s_y, batchSize: 4, epochs: 3, verbose: 0, callbacks:
            [new ModelCheckpoint(Path.Combine(_folder, "{epoch}-{batch}.zip")) { SaveFreq = 3 }]);
        CollectionAssert.AreEqual(new[] { "1-3.zip", "2-2.zip", "3-1.zip", "3-4.zip" },
            Directory.GetFiles(_folder).Select(Path.GetFileName).Order().ToArray());
    }

    [TestMethod]
    public void A_first_checkpoint_must_improve_on_the_threshold()
    {
        Directory.CreateDirectory(_folder);
        string Saved(double? threshold)
        {
            using Sequential model = Model(new SGD(0));
            string path = Path.Combine(_folder, $"{threshold}.zip");
            model.Fit(s_x, s_y, epochs: 1, verbose: 0, callbacks:
                [new ModelCheckpoint(path, "loss", saveBestOnly: true) { InitialValueThreshold = threshold }]);
            return string.Join(' ', Directory.GetFiles(_folder).Select(Path.GetFileName).Order());
        }
        Assert.AreEqual("", Saved(1e-9));
        Assert.AreEqual("1000.zip", Saved(1000));
    }

    [TestMethod]
    public void Configurations_are_read()
    {
        static Callback Read(string json) => Callback.FromConfig(JsonDocument.Parse(json).RootElement);
        var backup = (BackupAndRestore)Read("""
            {"class_name": "BackupAndRestore", "config": {"backup_dir": "b", "save_freq": 7,
              "double_checkpoint": true}}
            """);
        Assert.AreEqual(("b", 7, true, true),
            (backup.BackupDir, backup.SaveFreq.Batches, backup.DoubleCheckpoint, backup.DeleteCheckpoint));
        Assert.IsTrue(((SwapEMAWeights)Read("""{"class_name": "SwapEMAWeights", "config": {"swap_on_epoch": true}}"""))
            .SwapOnEpoch);
        Assert.AreEqual(3, ((EarlyStopping)Read(
            """{"class_name": "EarlyStopping", "config": {"start_from_epoch": 3}}""")).StartFromEpoch);
        var checkpoint = (ModelCheckpoint)Read("""
            {"class_name": "ModelCheckpoint", "config": {"filepath": "a", "save_freq": "epoch",
              "initial_value_threshold": 0.5}}
            """);
        Assert.AreEqual((null, 0.5), (checkpoint.SaveFreq.Batches, checkpoint.Best));
        Assert.IsTrue(((TensorBoard)Read(
            """{"class_name": "TensorBoard", "config": {"write_steps_per_second": true}}""")).WriteStepsPerSecond);
    }

    static Sequential Model(Optimizer optimizer)
    {
        K.SetRandomSeed(5);
        var model = new Sequential([new Dense(1, inputShape: [3])]);
        model.Compile(optimizer, "mse");
        return model;
    }

    static void Close(float[] expected, float[] actual)
    {
        for (int i = 0; i < expected.Length; i++) Assert.AreEqual(expected[i], actual[i], 1e-6f);
    }

    sealed class Exposed(string monitor) : EarlyStopping(monitor, patience: 5)
    {
        public bool Prefers(double current, double best) => MonitorOp(current, best);
    }

    sealed class Judge(Action onTestEnd) : Callback
    {
        public override void OnTestBatchEnd(int batch, IReadOnlyDictionary<string, double> logs) => onTestEnd();
    }
}
