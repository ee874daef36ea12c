using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>What trainings and predictions tell: loggers, progress, meters, activities.</summary>
[TestClass]
public sealed class DiagnosticsTests
{
    static readonly NDArray s_x = RecurrentTests.Values(20, 3), s_y = RecurrentTests.Values(20, 1);

    static Sequential Model(string name = "told")
    {
        var model = new Sequential([new Dense(1, inputShape: [3])], name: name);
        model.Compile("sgd", "mse", metrics: ["mae"]);
        return model;
    }

    [TestMethod]
    public void A_training_is_logged_in_a_scope_of_its_own()
    {
        using Sequential model = Model();
        var log = new ListLogger();
        model.Logger = log;
        model.Fit(s_x, s_y, batchSize: 8, epochs: 2, verbose: 0, validationSplit: 0.2);
        model.Fit(s_x, s_y, epochs: 1, verbose: 0);
        CollectionAssert.AreEqual(new[] { 1, 2, 2, 3, 1, 2, 3 }, log.Entries.Select(e => e.Id).ToArray());
        Assert.Contains("Training told on ", log.Entries[0].Text);
        Assert.Contains("16 samples, 2 steps an epoch, epochs 1 to 2", log.Entries[0].Text);
        StringAssert.StartsWith(log.Entries[2].Text, "Epoch 2/2: val_loss: ");
        Assert.Contains(" - mae: ", log.Entries[2].Text);
        Assert.Contains("Trained told: 2 epochs, 4 steps in", log.Entries[3].Text);

        Dictionary<string, object?> first = Scope(log.Entries[0]), last = Scope(log.Entries[3]),
            second = Scope(log.Entries[4]);
        Assert.AreEqual("told", first["Model"]);
        Assert.AreEqual(first["RunId"], last["RunId"]);
        Assert.AreNotEqual(first["RunId"], second["RunId"]);
        Assert.Contains($"RunId:{first["RunId"]}", log.Entries[0].Scope!.ToString()!);

        static Dictionary<string, object?> Scope((LogLevel, int, string, object? Scope, Exception?) entry) =>
            ((IEnumerable<KeyValuePair<string, object?>>)entry.Scope!).ToDictionary();
    }

    [TestMethod]
    public void How_a_training_ended_is_logged()
    {
        using Sequential model = Model();
        var log = new ListLogger();
        model.Logger = log;
        model.Fit(s_x, s_y, epochs: 5, verbose: 0, callbacks: new LambdaCallback(onEpochEnd: (epoch, _) =>
            model.StopTraining = epoch == 1));
        Assert.Contains("was stopped in epoch 2/5", log.Entries.Single(e => e.Id == 4).Text);

        using var source = new CancellationTokenSource();
        Assert.ThrowsExactly<OperationCanceledException>(() => model.Fit(s_x, s_y, epochs: 5, verbose: 0,
            callbacks: new LambdaCallback(onEpochEnd: (_, _) => source.Cancel()), cancellationToken: source.Token));
        Assert.AreEqual(LogLevel.Warning, log.Entries[^1].Level);
        Assert.Contains("was cancelled in epoch 1/5", log.Entries[^1].Text);

        var failure = new InvalidTimeZoneException("own");
        Assert.ThrowsExactly<InvalidTimeZoneException>(() => model.Fit(s_x, s_y, verbose: 0,
            callbacks: new LambdaCallback(onEpochEnd: (_, _) => throw failure)));
        Assert.AreSame(failure, log.Entries[^1].Exception);
        Assert.AreEqual((LogLevel.Error, 6), (log.Entries[^1].Level, log.Entries[^1].Id));
        model.Fit(s_x, s_y, verbose: 0);
        Assert.ThrowsExactly<ArgumentNullException>(() => model.Logger = null!);
    }

    [TestMethod]
    public void Evaluations_and_predictions_are_logged_for_debugging()
    {
        using Sequential model = Model();
        var log = new ListLogger(LogLevel.Debug);
        model.Logger = log;
        model.Evaluate(s_x, s_y, verbose: 0);
        Assert.Contains("Evaluated told on 20 samples", log.Entries.Single().Text);
        Assert.Contains(" - mae: ", log.Entries.Single().Text);
        log.Entries.Clear();
        model.Predict(s_x);
        model.PredictOnBatch(s_x);
        model.Predict(new Batch[] { new(s_x), new(s_x) });
        CollectionAssert.AreEqual(new[] { "20", "20", "40" }, log.Lines.Select(l => l.Split(' ')[1]).ToArray());
        Assert.IsTrue(log.Entries.TrueForAll(e => e.Id == 10 && e.Level == LogLevel.Debug));
    }

    [TestMethod]
    [DataRow(false, 1)]
    [DataRow(false, 2)]
    [DataRow(true, 1)]
    public void A_loss_that_becomes_NaN_is_said_once(bool terminates, int verbose)
    {
        // Squares of what one step makes of them are beyond float32.
        using var model = new Sequential([new Dense(1, useBias: false, kernelInitializer: "ones", inputShape: [1])]);
        model.Compile(new Optimizers.SGD(learningRate: 1e20), "mse");
        NDArray x = new(8, 1), y = new(8, 1);
        x.Span.Fill(1e10f);
        var log = new ListLogger();
        model.Logger = log;
        string shown = Output(() => model.Fit(x, y, batchSize: 2, epochs: 3, verbose: verbose,
            callbacks: terminates ? [new TerminateOnNaN()] : Array.Empty<Callback>()));
        string said = log.Entries.Single(e => e.Id == 7).Text;
        Assert.AreEqual(LogLevel.Warning, log.Entries.Single(e => e.Id == 7).Level);
        Assert.Contains("epoch 1, batch 2", said);
        Assert.AreEqual(!terminates, said.Contains("TerminateOnNaN", StringComparison.Ordinal));
        Assert.HasCount(2, shown.Split(said), "once, on the console too");
        StringAssert.StartsWith(shown[(shown.IndexOf(said, StringComparison.Ordinal) - 1)..], "\n");
        // A second training says it again: its loss is no number from its first batch on.
        shown = Output(() => model.Fit(x, y, batchSize: 2, epochs: 2, verbose: 0));
        Assert.AreEqual("", shown);
        Assert.Contains("became NaN in epoch 1, batch 1", log.Entries.Last(e => e.Id == 7).Text);
        Assert.HasCount(2, log.Entries.Where(e => e.Id == 7));
    }

    [TestMethod]
    public void A_finite_training_warns_of_nothing()
    {
        using Sequential model = Model();
        var log = new ListLogger(LogLevel.Warning);
        model.Logger = log;
        Assert.DoesNotContain("loss became", Output(() => model.Fit(s_x, s_y, epochs: 3)));
        Assert.IsEmpty(log.Entries);
    }

    [TestMethod]
    public void Progress_is_reported_after_each_epoch_with_its_logs()
    {
        using Sequential model = Model();
        var progress = new List();
        History history = model.Fit(s_x, s_y, batchSize: 8, epochs: 3, initialEpoch: 1, verbose: 0,
            validationSplit: 0.2, progress: progress);
        TrainingProgress[] ends = [.. progress.Seen.Where(p => p.IsEpochEnd)];
        CollectionAssert.AreEqual(new[] { (2, 3, 2, 2), (3, 3, 2, 2) },
            ends.Select(p => (p.Epoch, p.Epochs, p.Step, p.Steps)).ToArray());
        for (int i = 0; i < 2; i++)
        {
            Assert.AreEqual(history["loss"][i], ends[i].Loss);
            Assert.AreEqual(history["val_mae"][i], ends[i].Metrics["val_mae"]);
        }
        Assert.AreEqual(1, ends[^1].Fraction);
        Assert.AreEqual(2 / 3.0, ends[0].Fraction, 1e-12);
        Assert.IsGreaterThan(TimeSpan.Zero, ends[0].Elapsed);
        StringAssert.StartsWith(ends[1].ToString(), "Epoch 3/3, step 2/2 - val_loss: ");
    }

    [TestMethod]
    public void Progress_between_steps_comes_at_most_ten_times_a_second_and_goes_forward()
    {
        using Sequential model = Model();
        var progress = new List();
        var clock = Stopwatch.StartNew();
        model.Fit(s_x, s_y, batchSize: 1, epochs: 4, verbose: 0, progress: progress,
            callbacks: new LambdaCallback(onBatchEnd: (_, _) => Thread.Sleep(5)));
        double tenths = clock.Elapsed.TotalSeconds * 10;
        TrainingProgress[] between = [.. progress.Seen.Where(p => !p.IsEpochEnd)];
        Assert.IsGreaterThan(1, between.Length);
        Assert.IsLessThanOrEqualTo((int)tenths + 1, between.Length);
        CollectionAssert.AreEqual(progress.Seen.ToArray(),
            progress.Seen.OrderBy(p => p.Fraction).ThenBy(p => p.Elapsed).ToArray());
        CollectionAssert.AreEquivalent(new[] { "loss", "mae" }, between[0].Metrics.Keys.ToArray());
        Assert.AreEqual(between[0].Loss, between[0].Metrics["loss"]);
    }

    [TestMethod]
    public void Progress_goes_through_every_form_of_Fit()
    {
        using Sequential model = Model();
        var batches = new Batch[] { new(s_x, s_y) };
        Action<IProgress<TrainingProgress>>[] forms =
        [
            p => model.Fit(s_x, s_y, verbose: 0, progress: p),
            p => model.Fit(new[] { s_x }, new[] { s_y }, verbose: 0, progress: p),
            p => model.Fit(new Dictionary<string, NDArray> { [model.Inputs[0].Name] = s_x },
                new Dictionary<string, NDArray> { [model.Layers[^1].Name] = s_y }, verbose: 0, progress: p),
            p => model.Fit(batches, verbose: 0, progress: p),
            p => model.Fit(new Sequence(), verbose: 0, progress: p),
            p => model.Fit(s_x, s_y, verbose: 0, callbacks: new BaseLogger(), progress: p),
        ];
        foreach (Action<IProgress<TrainingProgress>> form in forms)
        {
            var progress = new List();
            form(progress);
            Assert.IsTrue(progress.Seen.Count > 0 && progress.Seen[^1].IsEpochEnd);
        }
    }

    [TestMethod]
    public void A_listener_gets_steps_samples_losses_waits_and_memory()
    {
        using Sequential model = Model("measured");
        using var meters = new Meters();
        History history = model.Fit(s_x, s_y, batchSize: 8, epochs: 2, verbose: 0);
        meters.Listener.RecordObservableInstruments();
        Assert.AreEqual(6, meters.Of("keras.training.steps").Sum());
        Assert.AreEqual(40, meters.Of("keras.training.samples").Sum());
        Assert.HasCount(6, meters.Of("keras.training.step.duration"));
        Assert.HasCount(6, meters.Of("keras.training.queue.wait"));
        Assert.IsGreaterThanOrEqualTo(2, meters.Of("keras.training.throughput").Count);
        Assert.IsGreaterThan(0, meters.Of("keras.training.throughput").Min());
        double[] losses = [.. meters.Of("keras.training.loss")];
        Assert.AreEqual(history["loss"][1], (losses[3] * 8 + losses[4] * 8 + losses[5] * 4) / 20, 1e-9);
        Assert.IsGreaterThan(12, meters.Of("keras.memory.usage").Single());
        Assert.IsTrue(meters.Seen.Where(m => m.Name != "keras.memory.usage").All(m => Equals(m.Model, "measured")
            && Equals(m.Device, Device.Default.Name)));
        CollectionAssert.IsSubsetOf(new[] { "{step}", "{sample}", "s", "{sample}/s", "1", "By" },
            meters.Units.ToArray());
    }

    [TestMethod]
    public void A_listener_gets_latencies_and_batch_sizes_of_predictions()
    {
        using Sequential model = Model();
        using var meters = new Meters();
        model.Predict(s_x, batchSize: 8);
        model.PredictOnBatch(s_x);
        model.PredictRows(s_x);
        CollectionAssert.AreEqual(new double[] { 8, 8, 4, 20, 20 }, meters.Of("keras.prediction.batch.size").ToArray());
        Assert.HasCount(3, meters.Of("keras.prediction.duration"));
        Assert.IsGreaterThan(0, meters.Of("keras.prediction.duration").Min());
        Assert.ThrowsExactly<ArgumentException>(() => model.Predict(new NDArray(2, 9)));
        Assert.HasCount(3, meters.Of("keras.prediction.duration"));
    }

    [TestMethod]
    public void Activities_nest_a_training_and_its_epochs_and_say_how_it_ended()
    {
        using Sequential model = Model("traced");
        List<Activity> ended = [];
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == KerasDiagnostics.ActivitySourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = ended.Add,
        };
        ActivitySource.AddActivityListener(listener);
        History history = model.Fit(s_x, s_y, batchSize: 8, epochs: 2, verbose: 0);
        CollectionAssert.AreEqual(new[] { "keras.training.epoch", "keras.training.epoch", "keras.training" },
            ended.Select(a => a.OperationName).ToArray());
        Assert.IsTrue(ended[..2].TrueForAll(a => a.ParentId == ended[2].Id));
        Assert.AreEqual(history["loss"][1], ended[1].GetTagItem("keras.loss"));
        Assert.AreEqual("traced", ended[2].GetTagItem("keras.model.name"));
        Assert.AreEqual(8, ended[2].GetTagItem("keras.training.batch_size"));
        Assert.IsNull(Activity.Current);

        ended.Clear();
        Assert.ThrowsExactly<InvalidTimeZoneException>(() => model.Fit(s_x, s_y, verbose: 0,
            callbacks: new LambdaCallback(onEpochEnd: (_, _) => throw new InvalidTimeZoneException("own"))));
        Assert.AreEqual((ActivityStatusCode.Error, "own"), (ended[^1].Status, ended[^1].StatusDescription));
        Assert.IsNull(Activity.Current);

        ended.Clear();
        model.Evaluate(s_x, s_y, verbose: 0);
        model.Predict(s_x);
        CollectionAssert.AreEqual(new[] { "keras.evaluation", "keras.prediction" },
            ended.Select(a => a.OperationName).ToArray());
        Assert.IsTrue(ended.TrueForAll(a => 20L.Equals(a.GetTagItem("keras.samples"))
            && a.Status == ActivityStatusCode.Unset));
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Steps_allocate_nothing_whether_somebody_listens_or_not(bool listens)
    {
        using Sequential model = Model();
        using Meters? meters = listens ? new Meters(keeps: false) : null;
        NDArray x = RecurrentTests.Values(2000, 3), y = RecurrentTests.Values(2000, 1);
        long few = long.MaxValue, many = long.MaxValue;
        // In turns, the least of each: the compiler improves methods meanwhile.
        for (int round = 0; round < 12; round++)
        {
            few = Math.Min(few, Allocated(200));
            many = Math.Min(many, Allocated(10));
        }
        Assert.IsLessThan(24 * 50, many - few, "bytes of 950 more steps");

        long Allocated(int batchSize)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            model.Fit(x, y, batchSize: batchSize, epochs: 5, verbose: 0);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    [TestMethod]
    public void Listening_changes_no_number()
    {
        float[] Trained(bool listens)
        {
            K.SetRandomSeed(5);
            using Sequential model = Model();
            using Meters? meters = listens ? new Meters() : null;
            if (listens) model.Logger = new ListLogger(LogLevel.Trace);
            model.Fit(s_x, s_y, batchSize: 8, epochs: 3, verbose: 0, progress: listens ? new List() : null);
            return [.. model.Predict(s_x).ToArray(), .. model.GetWeights()[0].ToArray()];
        }
        CollectionAssert.AreEqual(Trained(false), Trained(true));
    }

    [TestMethod]
    public void The_line_about_the_device_comes_once_and_not_from_silent_calls()
    {
        (TextWriter console, TextWriter errors, Action<string>? log) = (Console.Out, Console.Error, Device.Log);
        var output = new StringWriter();
        List<string> lines = [];
        Console.SetOut(output);
        Console.SetError(output);
        Device.Log = lines.Add;
        try
        {
            using Sequential model = Model();
            model.Fit(s_x, s_y, verbose: 0);
            model.Evaluate(s_x, s_y, verbose: 0);
            model.Predict(s_x);
        }
        finally
        {
            Console.SetOut(console);
            Console.SetError(errors);
            Device.Log = log;
        }
        Assert.AreEqual("", output.ToString());
        Assert.IsEmpty(lines);
    }

    static string Output(Action action)
    {
        TextWriter console = Console.Out;
        var output = new StringWriter { NewLine = "\n" };
        Console.SetOut(output);
        try
        {
            action();
        }
        finally
        {
            Console.SetOut(console);
        }
        return output.ToString();
    }

    sealed class List : IProgress<TrainingProgress>
    {
        public List<TrainingProgress> Seen { get; } = [];

        public void Report(TrainingProgress value) => Seen.Add(value);
    }

    sealed class Sequence : BatchSequence
    {
        public override int Count => 1;

        public override Batch this[int index] => new(s_x, s_y);
    }

    /// <summary>Listens to all instruments of the library.</summary>
    sealed class Meters : IDisposable
    {
        readonly bool _keeps;

        public Meters(bool keeps = true)
        {
            _keeps = keeps;
            Listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name != KerasDiagnostics.MeterName) return;
                if (instrument.Unit is { } unit) Units.Add(unit);
                listener.EnableMeasurementEvents(instrument);
            };
            Listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Keep(instrument, value, tags));
            Listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Keep(instrument, value, tags));
            Listener.Start();
        }

        public MeterListener Listener { get; } = new();

        public HashSet<string> Units { get; } = [];

        public List<(string Name, double Value, object? Model, object? Device)> Seen { get; } = [];

        public IReadOnlyList<double> Of(string name) => [.. Seen.Where(m => m.Name == name).Select(m => m.Value)];

        public void Dispose() => Listener.Dispose();

        void Keep(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            if (_keeps) Seen.Add((instrument.Name, value, tags.Length > 0 ? tags[0].Value : null,
                tags.Length > 1 ? tags[1].Value : null));
        }
    }
}
