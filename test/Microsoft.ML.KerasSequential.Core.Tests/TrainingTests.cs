using System.Diagnostics;
using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Optimizers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>The guarantees of training: the same bits, no allocation, stable memory.</summary>
[TestClass]
public sealed class TrainingTests
{
    [TestMethod]
    public void The_same_seed_gives_the_same_bits_on_one_thread_and_on_two()
    {
        int threads = Device.Threads;
        try
        {
            Device.Threads = 1;
            float[] one = Train(), again = Train();
            Device.Threads = 2;
            float[] two = Train();
            CollectionAssert.AreEqual(one, again);
            CollectionAssert.AreEqual(one, two);
        }
        finally
        {
            Device.Threads = threads;
        }

        static float[] Train()
        {
            K.SetRandomSeed(7);
            using var model = new Sequential([
                new Dense(300, activation: "relu", inputShape: [100]),
                new Dropout(0.3),
                new Dense(200, activation: "tanh"),
                new Dropout(0.1),
                new Dense(5, activation: "softmax"),
            ]);
            model.Compile(new Adam(clipnorm: 1), "categorical_crossentropy", metrics: ["accuracy"]);
            (NDArray x, NDArray y) = Classes(700, 100, 5);
            model.Fit(x, y, batchSize: 256, epochs: 3, verbose: 0, validationSplit: 0.1);
            return [.. model.GetWeights().SelectMany(w => w.ToArray())];
        }
    }

    [TestMethod]
    public void Models_that_train_concurrently_do_not_affect_each_other()
    {
        (NDArray x, NDArray y) = Classes(600, 100, 5);
        float[] alone = Train(x, y);
        Task<float[]>[] together = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(() => Train(x, y)))];
        Task.WaitAll(together);
        foreach (Task<float[]> task in together) CollectionAssert.AreEqual(alone, task.Result);

        static float[] Train(NDArray x, NDArray y)
        {
            using var model = new Sequential { Seed = 8 };
            model.Add(new Dense(300, activation: "relu", inputShape: [100]));
            model.Add(new Dropout(0.3));
            model.Add(new Dense(5, activation: "softmax"));
            model.Compile("rmsprop", "categorical_crossentropy");
            model.Fit(x, y, batchSize: 200, epochs: 4, verbose: 0);
            return [.. model.GetWeights().SelectMany(w => w.ToArray())];
        }
    }

    [TestMethod]
    public void A_steady_training_loop_allocates_nothing_per_step()
    {
        using Sequential model = Small();
        (NDArray x, NDArray y) = Classes(6400, 20, 3);
        // Alternately, the minimum of each, until it is stable: meanwhile, the JIT compiler optimizes methods, and then
        // keeps small objects off the heap.
        (long Here, long All) few = (long.MaxValue, long.MaxValue), many = few;
        for (int round = 0, unchanged = 0; unchanged < 6 && round < 60; round++)
        {
            long before = few.Here + many.Here;
            few = Least(few, Allocated(640));
            many = Least(many, Allocated(32));
            unchanged = before == few.Here + many.Here ? unchanged + 1 : 0;
        }
        const int moreSteps = 1900;
        // An object has 24 bytes or more: less than a byte per step means none at any step. The rest is the JIT
        // compiler, which may optimize one of the two runs first.
        Assert.IsTrue(Math.Abs(many.Here - few.Here) < moreSteps,
            $"{moreSteps} more steps allocated {many.Here - few.Here} bytes more");
        // The threads of the test host allocate occasionally: over all threads, it is less than a byte per step.
        Assert.IsTrue(many.All - few.All < moreSteps,
            $"{moreSteps} more steps allocated {many.All - few.All} bytes more on all threads");

        (long Here, long All) Allocated(int batchSize)
        {
            long here = GC.GetAllocatedBytesForCurrentThread(), all = GC.GetTotalAllocatedBytes(precise: true);
            model.Fit(x, y, batchSize: batchSize, epochs: 10, verbose: 0);
            return (GC.GetAllocatedBytesForCurrentThread() - here, GC.GetTotalAllocatedBytes(precise: true) - all);
        }

        static (long, long) Least((long Here, long All) a, (long Here, long All) b) =>
            (Math.Min(a.Here, b.Here), Math.Min(a.All, b.All));
    }

    [TestMethod]
    public void Calling_callbacks_does_not_allocate()
    {
        using Sequential model = Small();
        (NDArray x, NDArray y) = Classes(3200, 20, 3);
        long first = 0, last = 0;
        var hook = new OnBatch(b =>
        {
            if (b == 20) first = GC.GetAllocatedBytesForCurrentThread();
            if (b == 99) last = GC.GetAllocatedBytesForCurrentThread();
        });
        model.Fit(x, y, batchSize: 32, epochs: 3, verbose: 0, callbacks: [hook]);
        Assert.AreEqual(first, last);
    }

    [TestMethod]
    [DataRow("adam")]
    [DataRow("rmsprop")]
    [DataRow("sgd")]
    [DataRow("adamw")]
    [DataRow("adadelta")]
    [DataRow("adamax")]
    [DataRow("nadam")]
    [DataRow("lion")]
    public void Slots_that_only_decay_do_not_end_as_subnormal_numbers(string name)
    {
        Optimizer optimizer = name == "sgd" ? new SGD(momentum: 0.9) : name;
        using var model = new Sequential([new Dense(4, useBias: false, inputShape: [8])]);
        model.Compile(optimizer, "mse");
        NDArray x = new(16, 8), y = new(16, 4);
        x.Span.Fill(0.5f);
        y.Span.Fill(1e-3f);
        model.Fit(x, y, epochs: 3, verbose: 0);
        // From here on the inputs, and so the gradients, are 0.
        model.Fit(new NDArray(16, 8), y, epochs: 2000, verbose: 0);
        Assert.IsTrue(optimizer.GetState().Count > 1);
        foreach (((Variable? _, string key), NDArray slot) in optimizer.GetState())
            Assert.IsFalse(slot.ToArray().Any(float.IsSubnormal), key);
    }

    [TestMethod]
    public void Memory_does_not_grow_over_10_000_steps()
    {
        using Sequential model = Small();
        (NDArray x, NDArray y) = Classes(3200, 20, 3);
        model.Fit(x, y, batchSize: 32, epochs: 5, verbose: 0);
        (long managed, long all) = Memory();
        model.Fit(x, y, batchSize: 32, epochs: 100, verbose: 0);
        (long managedAfter, long allAfter) = Memory();
        Assert.IsTrue(managedAfter - managed < 256 * 1024, $"the managed heap grew by {managedAfter - managed} bytes");
        Assert.IsTrue(allAfter - all < 16 * 1024 * 1024, $"the process grew by {allAfter - all} bytes");

        static (long, long) Memory()
        {
            long managed = GC.GetTotalMemory(forceFullCollection: true);
            using Process process = Process.GetCurrentProcess();
            return (managed, process.PrivateMemorySize64);
        }
    }

    [TestMethod]
    public void Canceled_training_stops_between_batches_and_the_model_stays_usable()
    {
        using Sequential model = Small();
        (NDArray x, NDArray y) = Classes(320, 20, 3);
        using var source = new CancellationTokenSource();
        var hook = new OnBatch(b => { if (b == 3) source.Cancel(); });
        Assert.ThrowsExactly<OperationCanceledException>(
            () => model.Fit(x, y, verbose: 0, callbacks: [hook], cancellationToken: source.Token));
        Assert.AreEqual(4, hook.Batches);
        Assert.HasCount(1, model.Fit(x, y, verbose: 0).Epoch);
    }

    [TestMethod]
    public void A_stop_requested_in_a_batch_ends_the_epoch_without_validation()
    {
        using Sequential model = Small();
        (NDArray x, NDArray y) = Classes(320, 20, 3);
        var hook = new OnBatch(b => { });
        hook.Stop = 2;
        History history = model.Fit(x, y, epochs: 5, verbose: 0, callbacks: [hook], validationData: (x, y));
        Assert.AreEqual(3, hook.Batches);
        Assert.HasCount(1, history.Epoch);
        Assert.IsFalse(history.ContainsKey("val_loss"));
    }

    [TestMethod]
    public void Training_learns_a_learnable_task()
    {
        K.SetRandomSeed(1);
        using Sequential model = Small();
        (NDArray x, NDArray y) = Classes(2000, 20, 3);
        model.Fit(x, y, epochs: 20, verbose: 0, validationSplit: 0.2);
        Assert.IsTrue(model.Evaluate(x, y, verbose: 0)["accuracy"] > 0.95);
    }

    [TestMethod]
    [DataRow("mnist_cnn")]
    [DataRow("imdb_lstm")]
    public void A_step_takes_little_more_memory_than_its_values(string name)
    {
        using Sequential model = name == "mnist_cnn"
            ? new([
                new Conv2D(32, 3, activation: "relu", inputShape: [28, 28, 1]), new Conv2D(64, 3, activation: "relu"),
                    new MaxPooling2D(2), new Dropout(0.25), new Flatten(),
                new Dense(128, activation: "relu"), new Dropout(0.5), new Dense(10, activation: "softmax"),
            ])
            : new([new Embedding(20_000, 128, inputLength: 80), new LSTM(128), new Dense(1, activation: "sigmoid")]);
        model.Compile("adadelta", name == "mnist_cnn" ? "categorical_crossentropy" : "binary_crossentropy");
        int batch = name == "mnist_cnn" ? 128 : 32;
        long step = model.StepBytes(model.InputShape.WithoutBatch(), model.OutputShape.WithoutBatch(), batch);

        // An activation and its gradient for each layer; a gradient for each weight. The gates of an LSTM are
        // activations too.
        long values = 2L * batch * model.Layers.Sum(
            l => l.OutputShape!.Skip(1).Aggregate(1L, (size, d) => size * d!.Value)) + model.CountParams();
        if (name == "imdb_lstm") values += 2L * batch * 80 * 6 * 128;
        long all = sizeof(float) * (values + 3L * model.CountParams()),
            ours = step + sizeof(float) * 3L * model.CountParams();
        Assert.IsTrue(ours <= 1.2 * all, $"{ours / 1e6:0.0} MB; the values alone take {all / 1e6:0.0} MB");
        Console.WriteLine($"{ours / 1e6:0.0} MB of {all / 1e6:0.0} MB");
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Shuffling_uses_every_sample_once(bool byBatch)
    {
        // With a rate of 0 and a batch for each sample, the epoch's mean loss is that of all samples.
        using var model = new Sequential([new Dense(1, useBias: false, kernelInitializer: "ones", inputShape: [1])]);
        model.Compile(new SGD(learningRate: 0), "mae");
        NDArray x = Enumerable.Range(0, 37).Select(i => (float)i).ToArray(), y = new float[37];
        History history = model.Fit(x, y, batchSize: 5, epochs: 3, verbose: 0, shuffle: byBatch ? "batch" : true);
        foreach (double loss in history["loss"]) Assert.AreEqual(18, loss, 1e-4);
    }

    static Sequential Small()
    {
        var model = new Sequential([
            new Dense(64, activation: "relu", inputShape: [20]),
            new Dropout(0.1),
            new Dense(64, activation: "relu"),
            new Dense(3, activation: "softmax"),
        ]);
        model.Compile("adam", "categorical_crossentropy", metrics: ["accuracy"]);
        return model;
    }

    /// <summary>Classes by the random direction along which a point lies.</summary>
    static (NDArray X, NDArray Y) Classes(int rows, int columns, int classes)
    {
        var random = new Random(3);
        NDArray x = new(rows, columns), y = new(rows, classes);
        foreach (ref float v in x.Span) v = random.NextSingle() * 2 - 1;
        for (int r = 0; r < rows; r++)
            y[r, Enumerable.Range(0, classes)
                .MaxBy(c => Enumerable.Range(0, columns).Where(k => k % classes == c).Sum(k => x[r, k]))] = 1;
        return (x, y);
    }

    sealed class OnBatch(Action<int> action) : Callback
    {
        public int Batches { get; private set; }

        public int Stop { get; set; } = -1;

        public override void OnTrainBatchEnd(int batch, IReadOnlyDictionary<string, double> logs)
        {
            Batches++;
            action(batch);
            if (batch == Stop) Model.StopTraining = true;
        }
    }
}
