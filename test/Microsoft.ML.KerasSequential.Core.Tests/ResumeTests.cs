using System.Diagnostics;
using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Optimizers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Interrupted training resumes as if it had not been interrupted, bit for bit.</summary>
[TestClass]
public sealed class ResumeTests
{
    readonly string _folder = Directory.CreateTempSubdirectory("resume").FullName;

    string File => Path.Combine(_folder, "run.state");

    [TestCleanup]
    public void Clean() => Directory.Delete(_folder, recursive: true);

    static readonly NDArray s_x = RandomModels.Input(new Random(1), 50, [6]),
        s_y = RandomModels.Input(new Random(2), 50, [2]);

    static IEnumerable<object[]> Trainings =>
        new (string Name, Func<Sequential> Make, Action<Sequential, List<Callback>, string?> Fit)[]
    {
        ("arrays", () => Compiled(Plain()),
            (m, c, r) => m.Fit(s_x, s_y, batchSize: 8, epochs: 4, verbose: 0, callbacks: c, validationSplit: 0.2,
                resumeFrom: r)),
        ("batches of arrays in another order", () => Compiled(Plain()),
            (m, c, r) => m.Fit(s_x, s_y, batchSize: 8, epochs: 4, verbose: 0, callbacks: c, shuffle: "batch",
                resumeFrom: r)),
        ("class and sample weights, from the second epoch on", () => Compiled(Plain()),
            (m, c, r) => m.Fit(s_x, s_y, batchSize: 16, epochs: 5, initialEpoch: 1, verbose: 0, callbacks: c,
                sampleWeight: Ramp(50), resumeFrom: r)),
        ("all samples a step", () => Compiled(Plain()),
            (m, c, r) => m.Fit(s_x, s_y, stepsPerEpoch: 3, epochs: 4, verbose: 0, callbacks: c, resumeFrom: r)),
        ("a sequence of batches, on two workers", () => Compiled(Plain()),
            (m, c, r) => m.Fit(new Batches(), epochs: 4, verbose: 0, callbacks: c, workers: 2, resumeFrom: r)),
        ("a sequence of batches, on none", () => Compiled(Plain()),
            (m, c, r) => m.Fit(new Batches(), epochs: 4, verbose: 0, callbacks: c, workers: 0,
                validationData: (s_x, s_y), resumeFrom: r)),
        ("an enumeration", () => Compiled(Plain()),
            (m, c, r) => m.Fit(Endless(), epochs: 4, stepsPerEpoch: 5, verbose: 0, callbacks: c, resumeFrom: r)),
        ("averages, noise and metrics with states",
            () => Compiled(
                new([new Dense(8, inputShape: [6]), new BatchNormalization(), new GaussianNoise(0.1),
                    new Dense(2, activation: "sigmoid")]),
                metrics: [new Metrics.AUC(), new Metrics.Precision(), "mae"]),
            (m, c, r) => m.Fit(s_x, Binary(), batchSize: 8, epochs: 4, verbose: 0, callbacks: c, resumeFrom: r)),
        ("states from batch to batch",
            () => Compiled(
                new([new LSTM(4, stateful: true, dropout: 0.2, recurrentDropout: 0.2, batchInputShape: [10, 3, 2]),
                    new Dense(2)])),
            (m, c, r) => m.Fit(s_x.Reshape(50, 3, 2), s_y, epochs: 4, verbose: 0, callbacks: c, shuffle: false,
                resumeFrom: r)),
    }.Select(t => new object[] { t.Name, t.Make, t.Fit });

    [TestMethod]
    [DynamicData(nameof(Trainings))]
    public void Any_interrupted_training_ends_like_uninterrupted_training(
        string name, Func<Sequential> make, Action<Sequential, List<Callback>, string?> fit)
    {
        (float[][] weights, History history, string csv, int steps) = Run(null, int.MaxValue);
        // At each step: within epochs, at their ends, before the first file, after the last step.
        for (int stop = 1; stop <= steps; stop += 3)
        {
            foreach (string file in Directory.GetFiles(_folder)) System.IO.File.Delete(file);
            Assert.Throws<TimeoutException>(() => Run(null, stop));
            (float[][] resumed, History again, string lines, _) =
                Run(System.IO.File.Exists(File) ? File : null, int.MaxValue);
            for (int i = 0; i < weights.Length; i++)
                CollectionAssert.AreEqual(weights[i], resumed[i], $"{name}, stopped behind step {stop}, weight {i}");
            CollectionAssert.AreEqual(history.Keys.ToArray(), again.Keys.ToArray());
            CollectionAssert.AreEqual(history.Epoch.ToArray(), again.Epoch.ToArray());
            foreach (string key in history.Keys)
                CollectionAssert.AreEqual(history[key].ToArray(), again[key].ToArray(),
                    $"{name}, stopped behind step {stop}, {key}");
            Assert.AreEqual(csv, lines);
        }

        (float[][], History, string, int) Run(string? from, int stop)
        {
            // Like another process: other models were created before, and the seed differs if none is given.
            K.SetRandomSeed(from is null ? 7 : 99);
            using Sequential model = make();
            int steps = 0;
            string log = Path.Combine(_folder, "log.csv");
            List<Callback> callbacks =
            [
                new CSVLogger(log),
                new ReduceLROnPlateau("loss", patience: 1, minDelta: 0.1),
                new EarlyStopping("loss", patience: 3, restoreBestWeights: true),
                new TrainingCheckpoint(File, everySteps: 2),
                new LambdaCallback(onBatchEnd: (_, _) =>
                {
                    if (++steps == stop) throw new TimeoutException();
                }),
            ];
            fit(model, callbacks, from);
            return ([.. model.GetWeights().Select(w => w.ToArray())], model.History!, System.IO.File.ReadAllText(log),
                steps);
        }
    }

    [TestMethod]
    public void Every_optimizer_resumes()
    {
        foreach (Type type in typeof(Optimizer).Assembly.GetExportedTypes()
            .Where(t => t.IsSubclassOf(typeof(Optimizer)) && !t.IsAbstract))
        {
            System.Reflection.ConstructorInfo? constructor =
                type.GetConstructors().FirstOrDefault(c => c.GetParameters().All(p => p.HasDefaultValue));
            Optimizer Made() => type == typeof(LossScaleOptimizer) ? new LossScaleOptimizer(new Adam(), 1024, 3)
                : type == typeof(MultiOptimizer)
                ? new MultiOptimizer(new OptimizerMap(new SGD()) { [".*/kernel"] = new Adam { UseEma = true } })
                : (Optimizer)constructor!.Invoke([.. constructor.GetParameters().Select(p => p.DefaultValue)]);
            float[][] whole = Train(Made(), 3, null), part = Train(Made(), 2, null), rest = Train(Made(), 3, File);
            for (int i = 0; i < whole.Length; i++) CollectionAssert.AreEqual(whole[i], rest[i], type.Name);
            CollectionAssert.AreNotEqual(whole[0], part[0]);
        }

        float[][] Train(Optimizer optimizer, int epochs, string? from)
        {
            K.SetRandomSeed(3);
            using Sequential model = Plain();
            model.Compile(optimizer, "mse");
            model.Fit(s_x, s_y, batchSize: 16, epochs: epochs, verbose: 0, callbacks: [new TrainingCheckpoint(File, 4)],
                resumeFrom: from);
            return [.. model.GetWeights().Select(w => w.ToArray())];
        }
    }

    [TestMethod]
    public void Incompatible_checkpoints_are_rejected_and_change_nothing()
    {
        K.SetRandomSeed(3);
        using Sequential model = Compiled(Plain());
        Callback[] Callbacks() => [new TrainingCheckpoint(File, 2)];
        model.Fit(s_x, s_y, batchSize: 10, epochs: 2, verbose: 0, callbacks: Callbacks());
        float[] before = model.GetWeights()[0].ToArray();
        void Refused<T>(Action fit, string word) where T : Exception
        {
            Assert.Contains(word, Assert.ThrowsExactly<T>(fit).Message);
            CollectionAssert.AreEqual(before, model.GetWeights()[0].ToArray());
        }
        Refused<ArgumentException>(() => model.Fit(s_x, s_y, batchSize: 10, epochs: 3, verbose: 0, resumeFrom: File),
            "callbacks");
        Refused<ArgumentException>(
            () => model.Fit(s_x, s_y, batchSize: 10, epochs: 3, initialEpoch: 1, verbose: 0, callbacks: Callbacks(),
                resumeFrom: File), "epoch 0");
        Refused<ArgumentException>(
            () => model.Fit(s_x, s_y, batchSize: 20, epochs: 3, verbose: 0, callbacks: Callbacks(), resumeFrom: File),
            "5 steps");
        Refused<FileNotFoundException>(
            () => model.Fit(s_x, s_y, verbose: 0, callbacks: Callbacks(), resumeFrom: File + ".not"), ".not");
        using var other = new Sequential([new Dense(2, inputShape: [6])]);
        other.Compile("sgd", "mse");
        Assert.Contains("another model",
            Assert.ThrowsExactly<ArgumentException>(
                () => other.Fit(s_x, s_y, verbose: 0, callbacks: Callbacks(), resumeFrom: File)).Message);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new TrainingCheckpoint(File, 0));

        // If a file is damaged, the previous one is used; not if both are damaged.
        byte[] whole = System.IO.File.ReadAllBytes(File);
        for (int i = 0; i < 300; i++)
        {
            System.IO.File.WriteAllBytes(File, FuzzTests.Damaged(new Random(i), whole));
            _ = Saving.TrainingState.Read(File);
        }
        System.IO.File.WriteAllBytes(File + ".previous", whole[..^100]);
        System.IO.File.WriteAllBytes(File, whole[..^50]);
        Refused<InvalidDataException>(
            () => model.Fit(s_x, s_y, batchSize: 10, epochs: 3, verbose: 0, callbacks: Callbacks(), resumeFrom: File),
            "damaged");
        System.IO.File.Delete(File);
        System.IO.File.WriteAllBytes(File + ".previous", whole);
        model.Fit(s_x, s_y, batchSize: 10, epochs: 3, verbose: 0, callbacks: Callbacks(), resumeFrom: File);
    }

    [TestMethod]
    public void Ten_thousand_damaged_files_are_rejected()
    {
        using Sequential model = Compiled(Plain());
        model.Fit(s_x, s_y, batchSize: 10, verbose: 0, callbacks: [new TrainingCheckpoint(File, 5)]);
        byte[] whole = System.IO.File.ReadAllBytes(File);
        int refused = 0;
        for (int i = 0; i < 10_000; i++)
        {
            System.IO.File.WriteAllBytes(File, FuzzTests.Damaged(new Random(i), whole));
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                // The data read has the right checksums: the damage is in an unused part of the zip file.
                Assert.HasCount(5, Saving.TrainingState.Read(File).Weights.Select(_ => 1).Append(1).ToArray());
            }
            catch (InvalidDataException)
            {
                refused++;
            }
            Assert.IsLessThan(16 << 20, GC.GetAllocatedBytesForCurrentThread() - allocated);
        }
        Assert.IsGreaterThan(8_000, refused);
    }

    [TestMethod]
    public void A_process_killed_repeatedly_ends_like_an_uninterrupted_one()
    {
        // Set KILLS in the environment for more.
        int wanted = int.TryParse(Environment.GetEnvironmentVariable("KILLS"), out int more) ? more : 10, kills = 0;
        string quiet = Path.Combine(_folder, "quiet"), disturbed = Path.Combine(_folder, "disturbed");
        using (Process undisturbed = Start(quiet)) undisturbed.WaitForExit();
        byte[] expected = System.IO.File.ReadAllBytes($"{quiet}.weights");
        var random = new Random(5);
        while (kills < wanted)
        {
            using Process victim = Start(disturbed);
            Assert.AreEqual("begins", victim.StandardOutput.ReadLine());
            if (!victim.WaitForExit(random.Next(1, 250)))
            {
                victim.Kill();
                victim.WaitForExit();
                kills++;
            }
            if (!System.IO.File.Exists($"{disturbed}.weights")) continue;
            // If it finishes between two kills, it is compared and restarted.
            CollectionAssert.AreEqual(expected, System.IO.File.ReadAllBytes($"{disturbed}.weights"));
            foreach (string file in Directory.GetFiles(_folder, "disturbed*")) System.IO.File.Delete(file);
        }
        using (Process last = Start(disturbed)) last.WaitForExit();
        CollectionAssert.AreEqual(expected, System.IO.File.ReadAllBytes($"{disturbed}.weights"));

        static Process Start(string path) =>
            Process.Start(
                new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
                    [typeof(ResumeTests).Assembly.Location, path, "resume"])
                { RedirectStandardOutput = true })!;
    }

    static Sequential Plain() =>
        new([new Dense(8, activation: "relu", inputShape: [6]), new Dropout(0.3), new Dense(2)]);

    static Sequential Compiled(Sequential model, MetricSet? metrics = null)
    {
        model.Compile(new Adam(0.01), "mse", metrics: metrics ?? ["mae"]);
        return model;
    }

    static NDArray Ramp(int count) => new([.. Enumerable.Range(1, count).Select(i => i / (float)count)], count);

    static NDArray Binary()
    {
        var y = new NDArray(50, 2);
        for (int i = 0; i < 100; i++) y.Span[i] = s_y.Span[i] > 0 ? 1 : 0;
        return y;
    }

    static IEnumerable<Batch> Endless()
    {
        for (int i = 0; ; i = (i + 10) % 50) yield return (s_x.Slice(i, 10), s_y.Slice(i, 10));
    }

    sealed class Batches : BatchSequence
    {
        public override int Count => 5;

        public override Batch this[int index] => (s_x.Slice(index * 10, 10), s_y.Slice(index * 10, 10));
    }
}
