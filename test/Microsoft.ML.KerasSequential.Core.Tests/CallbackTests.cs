using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Optimizers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>The callbacks: when they are called, with which logs, and what they produce.</summary>
[TestClass]
public sealed class CallbackTests
{
    static readonly NDArray s_x = Ramp(20, 3), s_y = Ramp(20, 1);

    readonly string _folder = Directory.CreateTempSubdirectory("keras").FullName;

    [TestCleanup]
    public void Cleanup() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    public void Hooks_are_called_in_the_order_and_with_the_logs_of_Keras()
    {
        using Sequential model = Model();
        var log = new Recorder();
        model.Fit(s_x, s_y, batchSize: 10, epochs: 2, verbose: 0, shuffle: false, validationData: (s_x, s_y),
            validationFreq: 2, callbacks: [log]);
        string epoch = "epoch begin|batch begin batch,size|batch end batch,size,loss,mae|batch begin "
            + "batch,size|batch end batch,size,loss,mae|";
        string test = "test begin|test batch begin batch,size|test batch end batch,size,loss,mae|test batch begin "
            + "batch,size|test batch end batch,size,loss,mae|test end|";
        Assert.AreEqual(
            $"train begin|{epoch}epoch end loss,mae|{epoch}{test}epoch end val_loss,val_mae,loss,mae|train end|",
            log.Text);

        log.Clear();
        model.Evaluate(s_x, s_y, batchSize: 10, verbose: 0, callbacks: [log]);
        Assert.AreEqual(test, log.Text);
        log.Clear();
        model.Predict(s_x, batchSize: 10, callbacks: [log]);
        Assert.AreEqual("predict begin|predict batch begin batch,size|predict batch end batch,size|predict batch begin "
            + "batch,size|predict batch end batch,size|predict end|", log.Text);
    }

    [TestMethod]
    public void A_NaN_loss_terminates_training()
    {
        using Sequential model = Model(1e30);
        History history = model.Fit(s_x, s_y, batchSize: 2, epochs: 5, verbose: 0, callbacks: [new TerminateOnNaN()]);
        Assert.HasCount(1, history.Epoch);
    }

    [TestMethod]
    public void A_base_logger_reports_the_means_of_the_training()
    {
        using Sequential model = Model();
        var logs = new List<double>();
        History history = model.Fit(s_x, s_y, batchSize: 8, epochs: 2, verbose: 0,
            callbacks: [new BaseLogger(), new LambdaCallback(onEpochEnd: (_, l) => logs.Add(l["loss"]))]);
        for (int i = 0; i < 2; i++) Assert.AreEqual(history["loss"][i], logs[i], 1e-12);
    }

    [TestMethod]
    public void The_learning_rate_follows_the_scheduler_and_appears_in_the_logs()
    {
        using Sequential model = Model();
        History history = model.Fit(s_x, s_y, epochs: 3, verbose: 0,
            callbacks: [new LearningRateScheduler((epoch, rate) => epoch == 0 ? 0.1 : rate / 2)]);
        CollectionAssert.AreEqual(new[] { 0.1, 0.05, 0.025 }, history["lr"].ToArray());
        Assert.ThrowsExactly<InvalidOperationException>(
            () => model.Fit(s_x, s_y, verbose: 0, callbacks: [new LearningRateScheduler(_ => double.NaN)]));
        model.Fit(s_x, s_y, verbose: 0);
    }

    [TestMethod]
    public void A_csv_log_has_a_header_and_one_line_per_epoch_and_continues_when_appending()
    {
        string path = Path.Combine(_folder, "log.csv");
        using Sequential model = Model();
        History first = model.Fit(s_x, s_y, epochs: 2, verbose: 0, validationData: (s_x, s_y), validationFreq: 2,
            callbacks: [new CSVLogger(path, ";")]);
        string[] lines = File.ReadAllLines(path);
        Assert.HasCount(3, lines);
        Assert.AreEqual("epoch;loss;mae;val_loss;val_mae", lines[0]);
        Assert.EndsWith(";NA;NA", lines[1]);
        Assert.AreEqual(first["loss"][1],
            double.Parse(lines[2].Split(';')[1], System.Globalization.CultureInfo.InvariantCulture));
        model.Fit(s_x, s_y, epochs: 1, verbose: 0, validationData: (s_x, s_y),
            callbacks: [new CSVLogger(path, ";", append: true)]);
        Assert.HasCount(4, File.ReadAllLines(path));
        model.Fit(s_x, s_y, epochs: 1, verbose: 0, callbacks: [new CSVLogger(path)]);
        Assert.HasCount(2, File.ReadAllLines(path));
    }

    [TestMethod]
    public void Checkpoints_are_named_by_their_pattern_and_load_unchanged()
    {
        using Sequential model = Model();
        double[] best = [3, 1, 2];
        var script = new LambdaCallback(onEpochEnd: (epoch, logs) => logs["val_loss"] = best[epoch]);
        model.Fit(s_x, s_y, epochs: 3, verbose: 0, callbacks:
        [
            script,
            new ModelCheckpoint(Path.Combine(_folder, "w.{epoch:02d}-{val_loss:.2f}.zip")),
            new ModelCheckpoint(Path.Combine(_folder, "best.safetensors"), saveBestOnly: true, saveWeightsOnly: true),
            new ModelCheckpoint(Path.Combine(_folder, "second.{epoch}.zip"), period: 2),
        ]);
        CollectionAssert.AreEquivalent(
            new[] { "w.01-3.00.zip", "w.02-1.00.zip", "w.03-2.00.zip", "best.safetensors", "second.2.zip" },
            Directory.GetFiles(_folder).Select(Path.GetFileName).ToArray());

        using Sequential loaded = Sequential.Load(Path.Combine(_folder, "w.03-2.00.zip"));
        CollectionAssert.AreEqual(model.Predict(s_x).ToArray(), loaded.Predict(s_x).ToArray());
        Assert.AreEqual(model.TrainOnBatch(s_x, s_y)["loss"], loaded.TrainOnBatch(s_x, s_y)["loss"]);
        CollectionAssert.AreEqual(model.GetWeights()[0].ToArray(), loaded.GetWeights()[0].ToArray());
        using Sequential second = Sequential.Load(Path.Combine(_folder, "w.02-1.00.zip"));
        loaded.LoadWeights(Path.Combine(_folder, "best.safetensors"));
        CollectionAssert.AreEqual(second.GetWeights()[0].ToArray(), loaded.GetWeights()[0].ToArray());
        Assert.ThrowsExactly<NotSupportedException>(
            () => model.Fit(s_x, s_y, verbose: 0, callbacks: [new ModelCheckpoint("model.h5")]));
    }

    [TestMethod]
    public void An_interrupted_training_leaves_the_last_checkpoint_intact_and_the_model_usable()
    {
        string path = Path.Combine(_folder, "last.zip");
        foreach (Action<Sequential, Callback> interrupted in new Action<Sequential, Callback>[]
        {
            (m, c) => m.Fit(s_x, s_y, epochs: 9, verbose: 0,
                callbacks: [c, new LambdaCallback(onEpochBegin: e => { if (e == 2) throw new TimeoutException(); })]),
            (m, c) => m.Fit(Failing(5), epochs: 9, stepsPerEpoch: 2, verbose: 0, callbacks: [c]),
            (m, c) => Cancelled(m, c),
        })
        {
            using Sequential model = Model();
            Assert.Throws<Exception>(() => interrupted(model, new ModelCheckpoint(path)));
            CollectionAssert.AreEqual(new[] { "last.zip" },
                Directory.GetFiles(_folder).Select(Path.GetFileName).ToArray());
            using Sequential loaded = Sequential.Load(path);
            Assert.AreEqual(2, (int)(loaded.Optimizer!.Iterations / (loaded.Optimizer.Iterations > 2 ? 2 : 1)));
            loaded.Fit(s_x, s_y, verbose: 0);
            model.Fit(s_x, s_y, verbose: 0);
            File.Delete(path);
        }

        static IEnumerable<Batch> Failing(int after)
        {
            for (int i = 0; i < after; i++) yield return (s_x, s_y);
            throw new TimeoutException();
        }

        static void Cancelled(Sequential model, Callback checkpoint)
        {
            using var source = new CancellationTokenSource();
            model.Fit(s_x, s_y, epochs: 9, verbose: 0, cancellationToken: source.Token,
                callbacks: [checkpoint, new LambdaCallback(onEpochEnd: (e, _) => { if (e == 1) source.Cancel(); })]);
        }
    }

    [TestMethod]
    public void A_killed_process_leaves_the_last_checkpoint_intact()
    {
        string path = Path.Combine(_folder, "last.zip"), program = typeof(CallbackTests).Assembly.Location;
        var random = new Random(3);
        for (int kill = 0; kill < 6; kill++)
        {
            var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
                [program, path])
            { RedirectStandardOutput = true };
            using Process victim = Process.Start(start)!;
            Assert.AreEqual("begins", victim.StandardOutput.ReadLine());
            DateTime before = File.GetLastWriteTimeUtc(path);
            while (File.GetLastWriteTimeUtc(path) == before && !victim.HasExited) Thread.Sleep(1);
            Thread.Sleep(random.Next(40));
            Assert.IsFalse(victim.HasExited);
            victim.Kill();
            victim.WaitForExit();
            using Sequential model = Sequential.Load(path);
            Assert.IsGreaterThan(0, model.Optimizer!.Iterations);
        }
    }

    [TestMethod]
    public void A_remote_monitor_posts_the_logs_and_tolerates_an_unavailable_server()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        Task<string> received = Task.Run(() =>
        {
            using TcpClient client = listener.AcceptTcpClient();
            using NetworkStream stream = client.GetStream();
            var text = new StringBuilder();
            byte[] buffer = new byte[4096];
            while (!text.ToString().Contains('}', StringComparison.Ordinal))
                text.Append(Encoding.UTF8.GetString(buffer, 0, stream.Read(buffer)));
            stream.Write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8);
            return text.ToString();
        });
        using Sequential model = Model();
        var headers = new Dictionary<string, string> { ["X-Run"] = "7" };
        model.Fit(s_x, s_y, verbose: 0,
            callbacks: [new RemoteMonitor($"http://127.0.0.1:{port}", headers: headers, sendAsJson: true)]);
        string request = received.Result;
        Assert.StartsWith("POST /publish/epoch/end/ HTTP/1.1", request);
        Assert.Contains("X-Run: 7", request);
        Assert.Contains("{\"epoch\":0,\"loss\":", request);
        listener.Stop();
        model.Fit(s_x, s_y, verbose: 0, callbacks: [new RemoteMonitor($"http://127.0.0.1:{port}")]);
    }

    [TestMethod]
    public void TensorBoard_files_contain_the_scalars_histograms_and_the_graph()
    {
        using Sequential model = Model();
        History history = model.Fit(s_x, s_y, epochs: 2, verbose: 0, validationData: (s_x, s_y),
            callbacks: [new TensorBoard(_folder, histogramFreq: 1)]);
        List<EventReader.Event> events = EventReader.Read(Directory.GetFiles(_folder).Single());
        Assert.AreEqual("brain.Event:2", events[0].FileVersion);
        CollectionAssert.IsSubsetOf(new[] { "dense_1_input", "dense_1/MatMul" }, events[1].GraphNodes);
        foreach (string name in history.Keys)
        {
            EventReader.Event[] curve = [.. events.Where(e => e.Tag == name)];
            CollectionAssert.AreEqual(new long[] { 0, 1 }, curve.Select(e => e.Step).ToArray());
            for (int i = 0; i < 2; i++) Assert.AreEqual((float)history[name][i], curve[i].Scalar!.Value);
        }
        EventReader.Event kernel = events.Last(e => e.Tag == "dense_1/kernel");
        float[] weights = model.GetWeights()[0].ToArray();
        Assert.AreEqual(weights.Length, kernel.Counts.Sum());
        Assert.AreEqual(weights.Min(), (float)kernel.Min);
        Assert.AreEqual(weights.Max(), (float)kernel.Max);

        Directory.GetFiles(_folder).ToList().ForEach(File.Delete);
        model.Fit(s_x, s_y, batchSize: 5, verbose: 0,
            callbacks: [new TensorBoard(_folder, writeGraph: false, updateFreq: 10)]);
        CollectionAssert.AreEqual(new long[] { 10, 20, 20 },
            EventReader.Read(Directory.GetFiles(_folder).Single()).Where(e => e.Tag == "loss").Select(e => e.Step)
            .ToArray());
    }

    static Sequential Model(double rate = 0.01)
    {
        var model = new Sequential([new Dense(4, activation: "relu", inputShape: [3]), new Dense(1)]);
        model.Compile(new Adam(rate), "mse", metrics: "mae");
        return model;
    }

    static NDArray Ramp(int rows, int columns)
    {
        var array = new NDArray(rows, columns);
        for (int i = 0; i < array.Size; i++) array.Span[i] = (i * 37 % 11) / 10f;
        return array;
    }

    sealed class Recorder : Callback
    {
        readonly StringBuilder _text = new();

        public string Text => _text.ToString();

        public void Clear() => _text.Clear();

        public override void OnTrainBegin() => Add("train begin");

        public override void OnTrainEnd() => Add("train end");

        public override void OnEpochBegin(int epoch) => Add("epoch begin");

        public override void OnEpochEnd(int epoch, IDictionary<string, double> logs) => Add("epoch end", logs.Keys);

        public override void OnBatchBegin(int batch, IReadOnlyDictionary<string, double> logs) =>
            Add("batch begin", logs.Keys.Take(2));

        public override void OnBatchEnd(int batch, IReadOnlyDictionary<string, double> logs) =>
            Add("batch end", logs.Keys);

        public override void OnTestBegin() => Add("test begin");

        public override void OnTestEnd() => Add("test end");

        public override void OnTestBatchBegin(int batch, IReadOnlyDictionary<string, double> logs) =>
            Add("test batch begin", logs.Keys.Take(2));

        public override void OnTestBatchEnd(int batch, IReadOnlyDictionary<string, double> logs) =>
            Add("test batch end", logs.Keys);

        public override void OnPredictBegin() => Add("predict begin");

        public override void OnPredictEnd() => Add("predict end");

        public override void OnPredictBatchBegin(int batch, IReadOnlyDictionary<string, double> logs) =>
            Add("predict batch begin", logs.Keys);

        public override void OnPredictBatchEnd(int batch, IReadOnlyDictionary<string, double> logs) =>
            Add("predict batch end", logs.Keys);

        void Add(string what, IEnumerable<string>? keys = null)
        {
            _text.Append(what);
            if (keys is not null) _text.Append(' ').AppendJoin(',', keys);
            _text.Append('|');
        }
    }
}
