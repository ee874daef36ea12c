using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Losses;
using Microsoft.ML.KerasSequential.Metrics;
using Microsoft.ML.KerasSequential.Optimizers;
using Microsoft.ML.KerasSequential.Utils;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Training with derived parts: interrupted runs, several models at once, and sums instead of means.</summary>
[TestClass]
public sealed class DerivedTrainingTests
{
    static readonly NDArray s_x = DerivedPartTests.Values(12, 3, 1), s_y = DerivedPartTests.Values(12, 2, 2);

    readonly string _folder = Directory.CreateTempSubdirectory("derived").FullName;

    [TestCleanup]
    public void Clean() => Directory.Delete(_folder, recursive: true);

    static float[][] Weights(Sequential model) => [.. model.GetWeights().Select(w => w.ToArray())];

    /// <summary>Lowers the rate by its count, so that training without the count has a different result.</summary>
    sealed class Cooling : Callback
    {
        public int Batches { get; private set; }

        public override void OnTrainBegin() => Batches = 0;

        public override void OnBatchEnd(int batch, IReadOnlyDictionary<string, double> logs)
        {
            if (++Batches % 2 == 0) Model.Optimizer!.LearningRate = 0.02 / (1 + 0.1 * Batches);
        }

        public override JsonNode? GetState() => new JsonObject { ["batches"] = Batches };

        public override void SetState(JsonElement state) => Batches = state.GetProperty("batches").GetInt32();
    }

    /// <summary>Stops by its own counter in addition to its base class.</summary>
    sealed class Weary() : EarlyStopping("loss", patience: 100)
    {
        int _epochs;

        public override void OnEpochEnd(int epoch, IDictionary<string, double> logs)
        {
            base.OnEpochEnd(epoch, logs);
            if (++_epochs == 5) Model.StopTraining = true;
        }

        public override JsonNode? GetState() => new JsonObject { ["base"] = base.GetState(), ["epochs"] = _epochs };

        public override void SetState(JsonElement state)
        {
            base.SetState(state.GetProperty("base"));
            _epochs = state.GetProperty("epochs").GetInt32();
        }
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    public void Interrupted_training_of_derived_parts_ends_like_uninterrupted_training(int optimizer)
    {
        string file = Path.Combine(_folder, "run.state");
        (float[][] weights, History history, int steps) = Run(null, int.MaxValue);
        // Three steps per epoch; the callback ends training after the fifth of eight.
        Assert.AreEqual(15, steps);
        for (int stop = 1; stop < steps; stop++)
        {
            foreach (string old in Directory.GetFiles(_folder)) File.Delete(old);
            Assert.ThrowsExactly<TimeoutException>(() => Run(null, stop));
            (float[][] resumed, History again, _) = Run(File.Exists(file) ? file : null, int.MaxValue);
            DerivedPartTests.AreEqual(weights, resumed);
            CollectionAssert.AreEqual(history["loss"].ToArray(), again["loss"].ToArray(),
                $"stopped behind step {stop}");
            CollectionAssert.AreEqual(history["bias"].ToArray(), again["bias"].ToArray(),
                $"stopped behind step {stop}");
        }

        (float[][], History, int) Run(string? from, int stop)
        {
            K.SetRandomSeed(from is null ? 7 : 99);
            using Sequential model = DerivedPartTests.Own(DerivedPartTests.OwnOptimizers.ElementAt(optimizer));
            int steps = 0;
            model.Fit(s_x, s_y, batchSize: 4, epochs: 8, verbose: 0, resumeFrom: from, callbacks:
            [
                new Cooling(), new Weary(), new TrainingCheckpoint(file, everySteps: 2),
                new LambdaCallback(onBatchEnd: (_, _) =>
                {
                    if (++steps == stop) throw new TimeoutException();
                }),
            ]);
            return (Weights(model), model.History!, steps);
        }
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    public void Models_loaded_with_the_same_objects_share_neither_slots_nor_totals(int which)
    {
        string path = Path.Combine(_folder, "model.zip");
        Optimizer optimizer = DerivedPartTests.OwnOptimizers.ElementAt(which);
        var metric = new DerivedPartTests.Bias(10);
        var objects = new Dictionary<string, object>
        {
            [optimizer.GetType().Name] = optimizer,
            ["Bias"] = metric,
            ["Scaled"] = new DerivedPartTests.Scaled(3),
            ["Ramp"] = new DerivedPartTests.Ramp(0.01),
            ["Cubic"] = new DerivedPartTests.Cubic(0.1),
            ["Limit"] = new DerivedPartTests.Limit(0.5),
            ["Doubled"] = (Func<Layer>)(
                () => new DerivedPartTests.Doubled(4, [3], new DerivedPartTests.Ramp(0.01),
                    new DerivedPartTests.Cubic(0.1), new DerivedPartTests.Limit(0.5))),
        };
        using Sequential model = DerivedPartTests.Own(DerivedPartTests.OwnOptimizers.ElementAt(which));
        model.Fit(s_x, s_y, batchSize: 4, epochs: 2, shuffle: false, verbose: 0);
        model.Save(path);

        using var scope = new CustomObjectScope(objects);
        using Sequential one = Sequential.Load(path), two = Sequential.Load(path);
        Assert.AreNotSame(one.Optimizer, two.Optimizer);
        Assert.AreNotSame(one.Metrics[0], two.Metrics[0]);
        Assert.IsFalse(one.Metrics[0].States.Intersect(two.Metrics[0].States).Any());
        // They take turns, and each trains like the model that trains alone.
        model.ResetMetrics();
        double[] expected = [.. Enumerable.Range(0, 3).Select(i => Further(model, i))];
        for (int i = 0; i < 3; i++)
        {
            Assert.AreEqual(expected[i], Further(one, i), $"step {i} of the first");
            Assert.AreEqual(expected[i], Further(two, i), $"step {i} of the second");
        }
        DerivedPartTests.AreEqual(Weights(model), Weights(one));
        DerivedPartTests.AreEqual(Weights(model), Weights(two));
        // The objects themselves are unchanged.
        Assert.AreEqual(0, optimizer.Iterations);
        Assert.IsTrue(metric.States.All(s => s.GetValue().Span[0] == 0));
        Assert.AreEqual("bias", metric.Name);

        static double Further(Sequential model, int step) =>
            model.TrainOnBatch(s_x.Slice(4 * step, 4), s_y.Slice(4 * step, 4), resetMetrics: false)["bias"];
    }

    [TestMethod]
    public void A_metric_registered_as_an_object_is_copied_with_its_own_settings()
    {
        using var scope = new CustomObjectScope(new() { ["Bias"] = new DerivedPartTests.Bias(1) });
        var ten = new DerivedPartTests.Bias(10);
        ten.UpdateState(new float[] { 0 }, new float[] { 5 });
        Metric copy = ten.Copy(), named = "Bias", again = "Bias";
        copy.UpdateState(new float[] { 0 }, new float[] { 2 });
        Assert.AreEqual(20f, copy.Result().Span[0]);
        Assert.AreEqual(50f, ten.Result().Span[0]);
        named.UpdateState(new float[] { 0 }, new float[] { 4 });
        again.UpdateState(new float[] { 0 }, new float[] { 6 });
        Assert.AreEqual(4f, named.Result().Span[0]);
        Assert.AreEqual(6f, again.Result().Span[0]);
    }

    [TestMethod]
    public void An_initializer_registered_as_an_object_starts_over_for_each_model()
    {
        using var scope = new CustomObjectScope(new() { ["drawn"] = new RandomUniform(seed: 3) });
        static float[] First()
        {
            using var model = new Sequential([new Dense(2, kernelInitializer: "drawn", inputShape: [3])]);
            return model.GetWeights()[0].ToArray();
        }

        float[] expected = new RandomUniform(seed: 3).Call([3, 2]).ToArray();
        CollectionAssert.AreEqual(expected, First());
        CollectionAssert.AreEqual(expected, First());
    }

    /// <summary>|t − p| of each sample, with the given reduction.</summary>
    sealed class Distance(Reduction reduction) : Loss("distance", reduction)
    {
        public override Tensor Call(Tensor yTrue, Tensor yPred) => K.Sum(K.Abs(yTrue - yPred), axis: -1);
    }

    static Loss Read(JsonElement config) => new Distance(config.GetProperty("reduction").GetString() switch
    {
        "sum" => Reduction.Sum,
        "none" => Reduction.None,
        _ => Reduction.SumOverBatchSize,
    });

    [TestMethod]
    [DataRow(Reduction.SumOverBatchSize, 9 / 3.0, 10.5 / 3)]
    [DataRow(Reduction.Sum, 9.0, 10.5)]
    [DataRow(Reduction.None, 9 / 3.0, 10.5 / 3)]
    public void A_custom_loss_uses_its_own_reduction(Reduction reduction, double plain, double weighted)
    {
        // The weights are 1, so a prediction is x₁ + x₂; the distances are 2, 3 and 4.
        NDArray x = new float[,] { { 1, 1 }, { 2, 1 }, { 3, 1 } }, y = new float[,] { { 4 }, { 6 }, { 0 } },
            weight = new float[] { 1, 0.5f, 1.75f };
        using var model = new Sequential([new Dense(1, useBias: false, kernelInitializer: "ones", inputShape: [2])]);
        model.Compile(new SGD(0.1), new Distance(reduction));
        Assert.AreEqual(plain, model.Evaluate(x, y, verbose: 0)["loss"], 1e-5);
        Assert.AreEqual(weighted, model.Evaluate(x, y, sampleWeight: weight, verbose: 0)["loss"], 1e-5);

        string path = Path.Combine(_folder, "reduced.zip");
        model.Save(path);
        using (new CustomObjectScope(new() { ["Distance"] = (Func<JsonElement, Loss>)Read }))
        using (Sequential loaded = Sequential.Load(path))
        {
            Assert.AreEqual(reduction, loaded.Loss!.Reduction);
            Assert.AreEqual(plain, loaded.Evaluate(x, y, verbose: 0)["loss"], 1e-5);
        }

        // The gradient with respect to the first weight is −1 − 2 + 3 = 0, to the second −1 − 1 + 1 = −1; a mean has a
        // third of it.
        model.TrainOnBatch(x, y);
        float[] after = model.GetWeights()[0].ToArray();
        Assert.AreEqual(1, after[0], 1e-6);
        Assert.AreEqual(1 + 0.1 * (reduction == Reduction.Sum ? 1 : 1 / 3.0), after[1], 1e-6);

        using Function alone = K.Function(
            [], [new Distance(reduction)
                .Apply(K.Constant(y), K.Constant(new float[,] { { 2 }, { 3 }, { 4 } }), K.Constant(weight))]);
        NDArray value = alone.Run()[0];
        CollectionAssert.AreEqual(reduction == Reduction.None ? new float[] { 2, 1.5f, 7 } : [(float)weighted],
            value.ToArray());
    }

    /// <summary>Reads the members of its base class, as Keras users' callbacks do.</summary>
    sealed class Curious()
        : ReduceLROnPlateau("loss", factor: 0.5, patience: 2, mode: "min", minDelta: 0.25, cooldown: 3, minLr: 0.01)
    {
        public (bool Better, bool Same, bool Cooling) Judges() => (MonitorOp(1, 2), MonitorOp(1.8, 2), InCooldown);
    }

    sealed class Curious2()
        : EarlyStopping("val_acc", minDelta: -0.25, patience: 3, verbose: 1, baseline: 0.5, restoreBestWeights: true,
            restoreAtEnd: true)
    {
        public (bool, bool) Judges() => (MonitorOp(2, 1), MonitorOp(1.2, 1));
    }

    sealed class Curious3()
        : ModelCheckpoint("w.{epoch}.npz", "val_mae", 1, saveBestOnly: true, saveWeightsOnly: true, period: 4)
    {
        public (bool, bool) Judges() => (MonitorOp(1, 2), MonitorOp(2, 2));
    }

    [TestMethod]
    public void Callbacks_expose_their_settings()
    {
        var plateau = new Curious();
        Assert.AreEqual(("loss", 0.5, 2, 0, "min", 0.25, 3, 0.01),
            (plateau.Monitor, plateau.Factor, plateau.Patience, plateau.Verbose, plateau.Mode, plateau.MinDelta,
                plateau.Cooldown, plateau.MinLr));
        Assert.AreEqual((true, false, false), plateau.Judges());
        var stopping = new Curious2();
        Assert.AreEqual(("val_acc", 0.25, 3, 1, 0.5),
            (stopping.Monitor, stopping.MinDelta, stopping.Patience, stopping.Verbose, stopping.Baseline));
        Assert.IsTrue(stopping.RestoreBestWeights && stopping.RestoreAtEnd);
        Assert.AreEqual((true, false), stopping.Judges());
        var checkpoint = new Curious3();
        Assert.AreEqual(("w.{epoch}.npz", "val_mae", 1, true, true, 4),
            (checkpoint.Filepath, checkpoint.Monitor, checkpoint.Verbose, checkpoint.SaveBestOnly,
                checkpoint.SaveWeightsOnly, checkpoint.Period));
        Assert.AreEqual((true, false), checkpoint.Judges());
        var scheduler = new LearningRateScheduler((epoch, rate) => rate / (1 + epoch), verbose: 1);
        Assert.AreEqual((0.5, 1), (scheduler.Schedule(1, 1), scheduler.Verbose));
        Assert.AreEqual(3, new LearningRateScheduler(epoch => epoch).Schedule(3, 1));
        var monitor = new RemoteMonitor("http://localhost:1", "/here", "field",
            new Dictionary<string, string> { ["a"] = "b" }, sendAsJson: true);
        Assert.AreEqual(("http://localhost:1", "/here", "field", "b", true),
            (monitor.Root, monitor.Path, monitor.Field, monitor.Headers["a"], monitor.SendAsJson));
        var training = new TrainingCheckpoint("run.state", 7);
        Assert.AreEqual(("run.state", 7), (training.Filepath, training.EverySteps));
    }

    [TestMethod]
    public void Callbacks_expose_their_progress()
    {
        string csv = Path.Combine(_folder, "log.csv"), logs = Path.Combine(_folder, "logs");
        using var model = new Sequential([new Dense(2, inputShape: [3])]);
        model.Compile("sgd", "mse", metrics: ["mae"]);
        var board = new TensorBoard(logs, histogramFreq: 2, writeGraph: false, updateFreq: 8);
        var logger = new CSVLogger(csv, ";", append: true);
        var bar = new ProgbarLogger("steps", TextWriter.Null);
        var means = new BaseLogger(["mae"]);
        Assert.IsNull(logger.Keys);
        Assert.IsNull(bar.Target);
        var seen = new List<(int, double, int)>();
        model.Fit(s_x, s_y, batchSize: 5, epochs: 2, verbose: 0, callbacks:
            [board, logger, bar, means,
                new LambdaCallback(onBatchEnd: (_, _) => seen.Add((bar.Seen, means.Seen, means.Totals.Count)))]);
        CollectionAssert.AreEqual(
            new[] { (1, 5.0, 2), (2, 10.0, 2), (3, 12.0, 2), (1, 5.0, 2), (2, 10.0, 2), (3, 12.0, 2) }, seen);
        Assert.AreEqual((logs, 2, false), (board.LogDir, board.HistogramFreq, board.WriteGraph));
        Assert.IsNotNull(board.UpdateFreq);
        // 5, 10 (8 are full: written), 12, 17, 22 (written), 24.
        Assert.AreEqual((24L, 22L), (board.SamplesSeen, board.SamplesSeenAtLastWrite));
        Assert.AreEqual((csv, ";", true), (logger.Filename, logger.Separator, logger.Append));
        CollectionAssert.AreEqual(new[] { "loss", "mae" }, logger.Keys!.ToArray());
        Assert.AreEqual((true, 3), (bar.UseSteps, bar.Target));
        CollectionAssert.AreEqual(new[] { "mae" }, means.StatefulMetrics!.ToArray());
    }
}
