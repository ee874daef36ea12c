using System.Collections.Concurrent;
using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Optimizers;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>One model and many threads. A thread that hangs fails its test after a minute.</summary>
[TestClass]
public sealed class ConcurrencyTests
{
    static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    static readonly NDArray s_x = Values(64, 6, 1), s_y = Values(64, 1, 2), s_few = Values(5, 6, 3),
        s_fewY = Values(5, 1, 4);

    [TestMethod]
    public void A_prediction_on_another_thread_does_not_wait_for_training_to_end()
    {
        using Sequential model = Model();
        // Training ends only after the others were served.
        var served = new CountdownEvent(4);
        var begun = new ManualResetEventSlim();
        Task training = Run(
            () => model.Fit(Until(() => !served.IsSet, begun.Set), epochs: 1, stepsPerEpoch: int.MaxValue / 2,
                verbose: 0, workers: 0,
                callbacks: [new LambdaCallback(onBatchEnd: (_, _) => model.StopTraining = served.IsSet)]));
        Assert.IsTrue(begun.Wait(s_patience));
        Task[] others =
        [
            Run(() => model.Predict(s_x)), Run(() => model.Evaluate(s_few, s_fewY, verbose: 0)),
                Run(() => model.Predict(s_x, batchSize: 8, callbacks: [new LambdaCallback()])),
                Run(() => model.GetWeights()),
        ];
        foreach (Task other in others) _ = other.ContinueWith(_ => served.Signal(), TaskScheduler.Default);
        All([training, .. others]);
    }

    [TestMethod]
    public void Parallel_predictions_in_a_hook_complete()
    {
        using Sequential model = Model();
        float[]? expected = null;
        var found = new ConcurrentBag<float[]>();
        All(Run(() => model.Fit(s_x, s_y, epochs: 3, verbose: 0, callbacks: [new LambdaCallback(onEpochEnd: (_, _) =>
        {
            found.Clear();
            Parallel.For(0, 8, _ => found.Add(model.Predict(s_x).ToArray()));
            expected = model.Predict(s_x).ToArray();
            foreach (float[] one in found) CollectionAssert.AreEqual(expected, one);
        })])));
        Assert.HasCount(8, found);
    }

    [TestMethod]
    public void Calls_that_would_break_training_are_rejected_immediately_from_other_threads_also_during_a_step()
    {
        using Sequential model = Model();
        var inHook = new ManualResetEventSlim();
        var refused = new ManualResetEventSlim();
        Task training = Run(() => model.Fit(s_x, s_y, verbose: 0, callbacks: [new LambdaCallback(onEpochEnd: (_, _) =>
        {
            inHook.Set();
            Assert.IsTrue(refused.Wait(s_patience));
        })]));
        Assert.IsTrue(inHook.Wait(s_patience));
        foreach (Action action in new Action[]
            { model.Dispose, model.Pop, () => model.Add(new Dense(1)), () => model.Compile("sgd", "mse"),
                () => model.Fit(s_x, s_y, verbose: 0), () => model.Device = Device.Cpu })
            All(Run(() =>
                Assert.Contains("is being trained", Assert.ThrowsExactly<InvalidOperationException>(action).Message)));
        refused.Set();
        All(training);
        model.Fit(s_x, s_y, verbose: 0);
        model.Dispose();
        model.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => model.Predict(s_x));
    }

    [TestMethod]
    [DataRow(0, 1)]
    [DataRow(1, 1)]
    [DataRow(3, 2)]
    public void A_batch_can_be_prepared_with_predictions_of_the_model_in_training(int workers, int queue)
    {
        using Sequential model = Model();
        var hard = new Hard(model);
        All(Run(() =>
        {
            model.Fit(hard, epochs: 3, verbose: 0, validationData: hard, workers: workers, maxQueueSize: queue);
            model.Fit(hard.Again(40), epochs: 2, stepsPerEpoch: 10, verbose: 0,
                validationData: new ValidationData(hard.Again(20)), validationSteps: 4, workers: workers,
                maxQueueSize: queue);
            model.Evaluate(hard, verbose: 0, workers: workers, maxQueueSize: queue);
            model.Predict(hard, workers: workers, maxQueueSize: queue);
        }));
        Assert.AreEqual(3 * hard.Count + 2 * 10, model.Optimizer!.Iterations);
        Assert.AreEqual(0, Data.BatchQueue.Running);
    }

    [TestMethod]
    public void The_first_batch_can_be_prepared_with_predictions_of_a_model_without_a_shape()
    {
        using var model = new Sequential([new Dense(3), new Dense(1)]);
        model.Compile("sgd", "mse");
        All(Run(() => model.Fit(new Hard(model), verbose: 0)));
        using var wrong = new Sequential([new Dense(3), new Dense(2)]);
        wrong.Compile("sgd", "mse");
        All(Run(() => Assert.Throws<ArgumentException>(() => wrong.Fit(new Hard(wrong), verbose: 0))));
    }

    [TestMethod]
    public void Training_and_a_waiting_call_take_turns_and_a_step_precedes_other_calls()
    {
        var gate = new ModelGate();
        var order = new ConcurrentQueue<string>();
        Task[] calls;
        using (gate.Enter(forStep: true)) calls = [Waiting("call 1", false), Waiting("call 2", false)];
        // The thread that has just left is the fastest to return, but only until a thread has woken up in vain.
        for (int steps = 0; order.IsEmpty; steps++)
        {
            using (gate.Enter(forStep: true))
                Assert.IsTrue(SpinWait.SpinUntil(() => gate.IsOwed || !order.IsEmpty, s_patience));
            Assert.IsLessThan(3, steps);
        }
        All(calls);

        order.Clear();
        using (gate.Enter())
        {
            calls = [Waiting("call", false), Waiting("step", true)];
        }
        All(calls);
        CollectionAssert.AreEqual(new[] { "step", "call" }, order);

        Task Waiting(string name, bool forStep)
        {
            int before = gate.Waiting;
            Task task = Run(() =>
            {
                using (gate.Enter(forStep)) order.Enqueue(name);
            });
            Assert.IsTrue(SpinWait.SpinUntil(() => gate.Waiting > before, s_patience));
            return task;
        }
    }

    [TestMethod]
    public void Only_one_thread_is_in_a_gate_and_every_thread_gets_its_turn()
    {
        ModelGate[] gates = [new(), new(), new()];
        int inside = 0, entered = 0;
        Task[] tasks = [.. Enumerable.Range(0, 8).Select(t => Run(() =>
        {
            for (int i = 0; i < 3000; i++)
            {
                // They are joined during the test, on several threads.
                if (i == 100 * t) ModelGate.Join(gates[t % 3], gates[(t + 1) % 3]);
                if (i < 1000) continue;
                using (gates[(t + i) % 3].Enter(forStep: t == 0))
                using (gates[t % 3].Enter())
                {
                    Assert.AreEqual(1, Interlocked.Increment(ref inside));
                    entered++;
                    Interlocked.Decrement(ref inside);
                }
            }
        }))];
        All(tasks);
        Assert.AreEqual(8 * 2000, entered);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Joining_two_gates_holds_neither_while_waiting_for_the_other(bool newerIsHeld)
    {
        ModelGate older = new(), newer = new();
        (ModelGate held, ModelGate wanted) = newerIsHeld ? (newer, older) : (older, newer);
        Task joining;
        using (held.Enter())
        {
            joining = Run(() => ModelGate.Join(older, newer));
            Assert.IsTrue(SpinWait.SpinUntil(() => held.Waiting > 0, s_patience));
            All(Run(() =>
            {
                using (wanted.Enter()) { }
            }));
            using (wanted.Enter()) { }
        }
        All(joining);
        // They are one: no one else is in either while this thread is in the other.
        using (older.Enter())
        {
            Task other = Run(() =>
            {
                using (newer.Enter()) { }
            });
            Assert.IsTrue(SpinWait.SpinUntil(() => older.Waiting > 0, s_patience));
            Assert.IsFalse(other.IsCompleted);
            joining = other;
        }
        All(joining);
    }

    [TestMethod]
    public void A_thread_in_one_of_two_gates_can_join_them()
    {
        foreach (bool newerIsHeld in new[] { false, true })
        {
            ModelGate older = new(), newer = new();
            All(Run(() =>
            {
                using (newerIsHeld ? newer.Enter() : older.Enter()) ModelGate.Join(older, newer);
                using (older.Enter()) using (newer.Enter()) { }
            }));
            All(Run(() =>
            {
                using (newer.Enter()) { }
            }));
        }
    }

    [TestMethod]
    public void An_interrupted_thread_leaves_the_queue()
    {
        var gate = new ModelGate();
        Exception? failure = null;
        var waiter = new Thread(() =>
        {
            try
            {
                using (gate.Enter()) throw new InvalidOperationException("It got in.");
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        using (gate.Enter())
        {
            waiter.Start();
            Assert.IsTrue(SpinWait.SpinUntil(() => gate.Waiting == 1, s_patience));
            waiter.Interrupt();
            Assert.IsTrue(waiter.Join(s_patience));
        }
        Assert.IsInstanceOfType<ThreadInterruptedException>(failure);
        Assert.AreEqual(0, gate.Waiting);
        All(Run(() => gate.Enter().Dispose()));
    }

    [TestMethod]
    public void Models_that_share_layers_wait_for_each_other()
    {
        using var generator = new Sequential([new Dense(6, "tanh", inputShape: [6]), new Dense(6)]);
        using var judge = new Sequential([new Dense(4, "tanh", inputShape: [6]), new Dense(1)]);
        using var both = new Sequential([generator, judge]);
        both.Compile(new Adam(), "mse");
        var states = new ConcurrentDictionary<string, bool> { [Scores(generator)] = true };
        var seen = new ConcurrentBag<string>();
        bool ended = false;
        Task[] readers = [.. Enumerable.Range(0, 3).Select(t => Run(() =>
        {
            while (!Volatile.Read(ref ended))
                seen.Add(Text(t == 0 ? generator.PredictOnBatch(s_few) : generator.Predict(s_few, batchSize: 8)));
        }))];
        both.Fit(s_x, s_y, batchSize: 4, epochs: 3, verbose: 0,
            callbacks: [
                new LambdaCallback(onBatchEnd: (batch, _) =>
                {
                    Parallel.For(0, 2, _ => states[Scores(generator)] = true);
                    WaitForReaders(batch, seen);
                })]);
        Volatile.Write(ref ended, true);
        All(readers);
        Assert.HasCount(1 + 3 * 16, states);
        Assert.AreEqual(0, seen.Count(s => !states.ContainsKey(s)),
            "A prediction was made of weights in the middle of a step.");
    }

    [TestMethod]
    public void Eight_threads_during_training_with_callbacks_see_the_weights_between_two_steps_and_change_nothing()
    {
        (string alone, HashSet<string> states) = Trained(_ => { });
        var seen = new ConcurrentBag<(string How, string Scores)>();
        string folder = Directory.CreateTempSubdirectory("keras").FullName;
        (string beside, _) = Trained(model =>
        {
            bool ended = false;
            var failures = new ConcurrentBag<Exception>();
            Action<int>[] work =
            [
                _ => seen.Add(("Predict", "in batches " + Text(model.Predict(s_few, batchSize: 2)))),
                _ => seen.Add(("PredictOnBatch", Text(model.PredictOnBatch(s_few)))),
                _ => model.Evaluate(s_few, s_fewY, verbose: 0),
                _ => model.Evaluate(s_few, s_fewY, verbose: 0, batchSize: 2, callbacks: [new LambdaCallback()]),
                i => model.SaveWeights(Path.Combine(folder, $"{i}.safetensors")),
                _ => Assert.HasCount(4, model.GetWeights()),
                _ => model.Summary(printFn: _ => { }),
                i =>
                {
                    string path = Path.Combine(folder, $"{i}.zip");
                    model.Save(path);
                    using Sequential loaded = Sequential.Load(path);
                    seen.Add(("Load", Text(loaded.Predict(s_few))));
                },
                _ => Assert.Contains("Dense", model.ToJson()),
                _ => model.TestOnBatch(s_few, s_fewY),
                _ => Assert.ThrowsExactly<InvalidOperationException>(model.Dispose),
                _ => Assert.ThrowsExactly<InvalidOperationException>(() => model.Fit(s_x, s_y, verbose: 0)),
                _ => model.Predict(new Hard(model), workers: 2),
                _ => seen.Add(
                    ("Predict with callbacks", Text(model.Predict(s_few, callbacks: [new LambdaCallback()])))),
            ];
            var begun = new CountdownEvent(8);
            Task[] threads = [.. Enumerable.Range(0, 8).Select(t => Run(() =>
            {
                begun.Signal();
                for (int i = t; !Volatile.Read(ref ended); i++) work[i % work.Length](t);
            }))];
            return new Beside(() => Assert.IsTrue(begun.Wait(s_patience)), () =>
            {
                Volatile.Write(ref ended, true);
                All(threads);
            }, batch => WaitForReaders(batch, seen.Select(s => s.Scores)));
        });
        Directory.Delete(folder, recursive: true);
        Assert.AreEqual(alone, beside);
        Assert.AreEqual(0, seen.Count(s => !states.Contains(s.Scores)),
            "A prediction was made of weights in the middle of a step, or of two steps: "
            + seen.FirstOrDefault(s => !states.Contains(s.Scores)));
    }

    [TestMethod]
    public void Several_models_train_concurrently()
    {
        string[] found = new string[4];
        All([.. Enumerable.Range(0, found.Length).Select(t => Run(() =>
        {
            using Sequential model = Model();
            for (int i = 0; i < 10; i++)
                model.Fit(s_x, s_y, batchSize: 16, verbose: 0, validationData: (s_few, s_fewY));
            found[t] = string.Join(";", model.GetWeights().Select(Text));
        }))]);
        Assert.HasCount(1, found.Distinct().ToArray());
    }

    /// <summary>The result of training, to the last bit, and the predictions with all intermediate weights.</summary>
    static (string Result, HashSet<string> States) Trained(Func<Sequential, Beside?> begin)
    {
        using Sequential model = Model();
        using Sequential twin = Model();
        var states = new HashSet<string> { Scores(model), "in batches " + Text(model.Predict(s_few, batchSize: 2)) };
        Beside? beside = null;
        History history = model.Fit(s_x, s_y, batchSize: 4, epochs: 6, verbose: 0, validationData: (s_few, s_fewY),
            callbacks:
        [
            new LambdaCallback(onTrainBegin: () => (beside = begin(model))?.Begun(), onTrainEnd: () => beside?.End(),
                onBatchEnd: (batch, _) =>
            {
                twin.SetWeights(model.GetWeights());
                states.Add(Scores(twin));
                // Batches of another size may be summed in another order.
                states.Add("in batches " + Text(twin.Predict(s_few, batchSize: 2)));
                beside?.AfterBatch?.Invoke(batch);
            },
            onEpochEnd: (_, _) => Parallel.For(0, 3, _ => model.Evaluate(s_few, s_fewY, verbose: 0))),
            new EarlyStopping(patience: 100, restoreBestWeights: true), new ReduceLROnPlateau(patience: 2),
        ]);
        return (string.Join(";", history.Keys.Select(k => string.Join(",", history[k].Select(v => v.ToString("R")))))
            + string.Join(";", model.GetWeights().Select(Text)), states);
    }

    static (string, HashSet<string>) Trained(Action<Sequential> begin) => Trained(m =>
    {
        begin(m);
        return (Beside?)null;
    });

    sealed record Beside(Action Begun, Action End, Action<int>? AfterBatch = null);

    /// <summary>Keeps the first batches from ending before other threads saw their weights.</summary>
    static void WaitForReaders(int batch, IEnumerable<string> seen) => Assert.IsTrue(
        SpinWait.SpinUntil(() => seen.Distinct().Count() > Math.Min(batch, 1), s_patience),
        "No other thread saw the weights change.");

    static Sequential Model()
    {
        // The same initial weights, whatever was created before.
        var model = new Sequential() { Seed = 7 };
        model.Add(new Dense(8, "tanh", inputShape: [6]));
        model.Add(new Dropout(0.3));
        model.Add(new Dense(1));
        model.Compile(new Adam(), "mse", metrics: ["mae"]);
        return model;
    }

    static Task Run(Action action) =>
        Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    static void All(params Task[] tasks) => Assert.IsTrue(Task.WaitAll(tasks, s_patience), "A thread hangs.");

    static IEnumerable<Batch> Until(Func<bool> goesOn, Action first)
    {
        yield return (s_x, s_y);
        first();
        while (goesOn()) yield return (s_x, s_y);
        yield return (s_x, s_y);
    }

    static string Scores(Sequential model) => Text(model.Predict(s_few));

    static string Text(NDArray values) => string.Join(",", values.ToArray().Select(v => v.ToString("R")));

    static NDArray Values(int rows, int columns, int seed)
    {
        var random = new Random(seed);
        return new NDArray([.. Enumerable.Range(0, rows * columns).Select(_ => random.NextSingle() - 0.4f)], rows,
            columns);
    }

    /// <summary>Batches of the samples that the model does worst on.</summary>
    sealed class Hard(Sequential model) : BatchSequence
    {
        public override int Count => 4;

        public override Batch this[int index]
        {
            get
            {
                NDArray x = s_x.Slice(16 * index, 16), y = s_y.Slice(16 * index, 16),
                    scores = model.Predict(x, batchSize: 5);
                int worst = Enumerable.Range(0, 16).MaxBy(i => Math.Abs(scores[i, 0] - y[i, 0]));
                model.Evaluate(x, y, verbose: 0);
                return (x.Slice(Math.Min(worst, 12), 4), y.Slice(Math.Min(worst, 12), 4));
            }
        }

        public IEnumerable<Batch> Again(int count)
        {
            for (int i = 0; i < count; i++) yield return this[i % Count];
        }
    }
}
