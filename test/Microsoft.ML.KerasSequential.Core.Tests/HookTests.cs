using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Metrics;
using Microsoft.ML.KerasSequential.Optimizers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>
/// Public methods called from hooks, on the hook's thread and on others: those that work give correct results and do
/// not affect training; those that cannot work throw.
/// </summary>
[TestClass]
public sealed class HookTests
{
    static readonly NDArray s_x = Values(17, 3, 1), s_y = Values(17, 1, 2), s_otherX = Values(7, 3, 3),
        s_otherY = Values(7, 1, 4), s_weight = Values(7, 1, 5).Reshape(7);

    static readonly string[] s_hooks =
    [
        nameof(Callback.OnTrainBegin), nameof(Callback.OnTrainEnd), nameof(Callback.OnEpochBegin),
            nameof(Callback.OnEpochEnd), nameof(Callback.OnTrainBatchBegin), nameof(Callback.OnTrainBatchEnd),
        nameof(Callback.OnBatchBegin), nameof(Callback.OnBatchEnd), nameof(Callback.OnTestBegin),
            nameof(Callback.OnTestEnd), nameof(Callback.OnTestBatchBegin), nameof(Callback.OnTestBatchEnd),
    ];

    /// <summary>Calls that do not affect training.</summary>
    static readonly Dictionary<string, Action<Sequential>> s_harmless = new()
    {
        ["Evaluate"] = m => IsJudged(m, m.Evaluate(s_otherX, s_otherY, batchSize: 3, verbose: 0)),
        ["Evaluate with weights"] = m =>
            m.Evaluate(s_otherX, s_otherY, batchSize: 3, verbose: 0, sampleWeight: s_weight),
        ["Evaluate with hooks"] = m =>
            IsJudged(m, m.Evaluate(s_otherX, s_otherY, batchSize: 3, verbose: 0, callbacks: [new Quiet()])),
        ["Evaluate with hooks that evaluate"] = m =>
            IsJudged(m, m.Evaluate(s_otherX, s_otherY, batchSize: 3, verbose: 0, callbacks:
            [new At(nameof(Callback.OnTestBatchEnd),
                () => IsJudged(
                    m, m.Evaluate(s_otherX, s_otherY, batchSize: 3, verbose: 0, callbacks: [new Quiet()])))])),
        ["Evaluate batches"] = m => IsJudged(m, m.Evaluate(Batches(), verbose: 0, steps: 3)),
        ["Evaluate ends in the middle"] = m => Assert.ThrowsExactly<TimeoutException>(
            () => m.Evaluate(s_otherX, s_otherY, batchSize: 3, verbose: 0,
                callbacks: [new At(nameof(Callback.OnTestBatchEnd), () => throw new TimeoutException())])),
        ["EvaluateGenerator"] = m => IsJudged(m, m.EvaluateGenerator(Batches(), steps: 3)),
        ["Predict"] = m => IsPredicted(m, m.Predict(s_otherX, batchSize: 2)),
        ["Predict with hooks"] = m => IsPredicted(
            m, m.Predict(s_otherX, batchSize: 2,
                callbacks: [new At(nameof(Callback.OnPredictBatchEnd), () => IsPredicted(m, m.Predict(s_otherX)))])),
        ["PredictGenerator"] = m => IsPredicted(m, m.PredictGenerator(Batches(), steps: 3)),
        ["PredictOnBatch"] = m => IsPredicted(m, m.PredictOnBatch(s_otherX)),
        ["PredictClasses"] = m => m.PredictClasses(s_otherX),
        ["PredictProba"] = m => IsPredicted(m, m.PredictProba(s_otherX)),
        ["TestOnBatch"] = m => IsJudged(m, m.TestOnBatch(s_otherX, s_otherY)),
        ["TestOnBatch that goes on"] = m =>
        {
            m.TestOnBatch(s_otherX, s_otherY);
            m.TestOnBatch(s_otherX.Slice(0, 3), s_otherY.Slice(0, 3), resetMetrics: false);
            m.TestOnBatch(s_otherX.Slice(3, 3), s_otherY.Slice(3, 3), resetMetrics: false);
            Evaluation all = m.TestOnBatch(s_otherX.Slice(6, 1), s_otherY.Slice(6, 1), resetMetrics: false);
            Assert.AreEqual(Reference(m, (x, y) => Math.Abs(x - y)), all["mae"], 1e-5);
            m.TestOnBatch(s_otherX, s_otherY);
        },
        ["GetWeights, SetWeights"] = m => m.SetWeights(m.GetWeights()),
        ["the same of a layer"] = m => m.Layers[0].SetWeights(m.Layers[0].GetWeights()),
        ["SaveWeights, LoadWeights"] = m => InFile("w.safetensors", path =>
        {
            m.SaveWeights(path);
            m.LoadWeights(path);
            m.LoadWeights(path, byName: true);
        }),
        ["Save, Load"] = m => InFile("m.zip", path =>
        {
            m.Save(path);
            using Sequential loaded = Sequential.Load(path);
            Assert.AreEqual(m.Optimizer!.Iterations, loaded.Optimizer!.Iterations);
            IsPredicted(m, loaded.Predict(s_otherX));
        }),
        ["Clone"] = m => m.Clone().Dispose(),
        ["ToOnnx"] = m => m.ToOnnx(new MemoryStream()),
        ["text"] = m => Assert.IsGreaterThan(0, (m.ToJson() + m.ToYaml() + m.GetConfig() + m.ExplainPlan()).Length),
        ["Summary"] = m => m.Summary(printFn: _ => IsPredicted(m, m.Predict(s_otherX))),
        ["properties"] = m => Assert.AreEqual(3 * 5 + 5 + 6,
            m.CountParams() + 0 * (m.Inputs.Count + m.Outputs.Count + m.Weights.Count + m.TrainableWeights.Count
                + m.MetricsNames.Count + m.GetLayer(index: 0).CountParams())),
        ["ResetStates"] = m => m.ResetStates(),
        ["another model's training"] = m =>
        {
            using Sequential other = Compiled(new Adam());
            other.Fit(s_x, s_y, verbose: 0);
        },
    };

    /// <summary>Calls that cannot work while the model is being trained.</summary>
    static readonly Dictionary<string, Action<Sequential>> s_refused = new()
    {
        ["Fit"] = m => m.Fit(s_x, s_y, verbose: 0),
        ["Fit of batches"] = m => m.FitGenerator(Batches(), stepsPerEpoch: 1, verbose: 0),
        ["Add"] = m => m.Add(new Dense(1)),
        ["Pop"] = m => m.Pop(),
        ["Build"] = m => m.Build(new Shape(null, 3)),
        ["Compile"] = m => m.Compile("sgd", "mse"),
        ["AddLoss"] = m => m.AddLoss(K.Mean(m.Outputs[0])),
        ["AddMetric"] = m => m.AddMetric(K.Mean(m.Outputs[0])),
        ["Device"] = m => m.Device = Device.Cpu,
        ["Precision"] = m => m.Precision = FloatPrecision.Float32,
        ["Seed"] = m => m.Seed = 5,
        ["Distribute"] = m => m.Distribute = null,
        ["Dispose"] = m => m.Dispose(),
    };

    public static IEnumerable<object[]> Harmless => s_harmless.Keys.Select(k => new object[] { k });

    public static IEnumerable<object[]> Refused => s_refused.Keys.Select(k => new object[] { k });

    [TestMethod]
    [DynamicData(nameof(Harmless))]
    public void What_a_hook_is_allowed_to_do_leaves_the_training_unchanged(string method)
    {
        string alone = Trained(new Quiet());
        foreach (string hook in s_hooks)
        {
            foreach (bool elsewhere in new[] { false, true })
            {
                int calls = 0;
                string beside = Trained(new At(hook, model =>
                {
                    calls++;
                    OnThread(elsewhere, () => s_harmless[method](model),
                        method.EndsWith("goes on", StringComparison.Ordinal) ? 1 : 2);
                }));
                Assert.AreEqual(alone, beside, $"{method} in {hook}{(elsewhere ? ", on another thread" : "")}");
                Assert.IsGreaterThan(0, calls, hook);
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(Refused))]
    public void What_a_hook_cannot_do_is_rejected_immediately_and_changes_nothing(string method)
    {
        string alone = Trained(new Quiet());
        foreach (string hook in s_hooks)
        {
            foreach (bool elsewhere in new[] { false, true })
            {
                string beside = Trained(new At(hook, model => OnThread(elsewhere, () =>
                {
                    InvalidOperationException e = Assert.ThrowsExactly<InvalidOperationException>(
                        () => s_refused[method](model), $"{method} in {hook}");
                    Assert.Contains("is being trained", e.Message);
                })));
                Assert.AreEqual(alone, beside, $"{method} in {hook}");
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(Refused))]
    public void Hooks_of_evaluations_and_predictions_cannot_change_the_model_either(string method)
    {
        if (method.StartsWith("Fit", StringComparison.Ordinal)) return;
        using Sequential model = Compiled(new Adam());
        Evaluation alone = model.Evaluate(s_otherX, s_otherY, batchSize: 3, verbose: 0);
        float[] scores = model.Predict(s_otherX).ToArray();
        foreach (string hook
            in new[] { nameof(Callback.OnTestBegin), nameof(Callback.OnTestBatchBegin), nameof(Callback.OnTestBatchEnd),
                nameof(Callback.OnTestEnd) })
            CollectionAssert.AreEqual(alone.Values.ToArray(),
                model.Evaluate(s_otherX, s_otherY, batchSize: 3, verbose: 0, callbacks: [new At(hook, Refuses)])
                .Values.ToArray());
        foreach (string hook
            in new[] { nameof(Callback.OnPredictBegin), nameof(Callback.OnPredictBatchBegin),
                nameof(Callback.OnPredictBatchEnd), nameof(Callback.OnPredictEnd) })
            CollectionAssert.AreEqual(
                scores, model.Predict(s_otherX, batchSize: 3, callbacks: [new At(hook, Refuses)]).ToArray());
        s_refused[method](model);

        void Refuses() =>
            Assert.Contains("is evaluating",
                Assert.ThrowsExactly<InvalidOperationException>(() => s_refused[method](model)).Message);
    }

    [TestMethod]
    public void Evaluate_in_a_batch_hook_leaves_the_running_metrics_alone()
    {
        // y = 0·x, learning rate 0: the error of a sample is its target.
        using var model = new Sequential([new Dense(1, kernelInitializer: "zeros", inputShape: [1])]);
        model.Compile(new SGD(0), "mse", metrics: ["mae"]);
        NDArray x = new float[,] { { 1 }, { 1 }, { 1 }, { 1 } }, y = new float[] { 1, 1, 1, 1 },
            far = new float[] { 9, 9, 9, 9 };
        History history = model.Fit(x, y, batchSize: 1, verbose: 0,
            callbacks: [
                new At(nameof(Callback.OnBatchEnd),
                    () => Assert.AreEqual(9, model.Evaluate(x, far, verbose: 0)["mae"]))]);
        Assert.AreEqual(1, history["mae"][0]);
        Assert.AreEqual(1, history["loss"][0]);
    }

    [TestMethod]
    public void The_metrics_are_the_trainings_after_an_evaluation_in_a_hook()
    {
        using var model = new Sequential([new Dense(1, kernelInitializer: "zeros", inputShape: [1])]);
        model.Compile(new SGD(0), "mse", metrics: ["mae"]);
        NDArray x = new float[,] { { 1 }, { 1 } }, near = new float[] { 1, 1 }, far = new float[] { 9, 9 };
        var seen = new List<float>();
        model.Fit(x, near, batchSize: 1, verbose: 0, validationData: (x, far), callbacks:
        [
            new At(nameof(Callback.OnBatchEnd), () =>
            {
                model.Evaluate(x, far, verbose: 0);
                seen.Add(model.Metrics[0].Result().Span[0]);
            }),
            new At(nameof(Callback.OnTestBatchEnd), () => seen.Add(model.Metrics[0].Result().Span[0])),
            new At(nameof(Callback.OnEpochEnd), () => seen.Add(model.Metrics[0].Result().Span[0])),
        ]);
        CollectionAssert.AreEqual(new float[] { 1, 1, 9, 9, 1 }, seen);
        // Outside training, the metrics keep the last evaluation, as in Keras.
        model.Evaluate(x, far, verbose: 0);
        Assert.AreEqual(9, model.Metrics[0].Result().Span[0]);
    }

    [TestMethod]
    public void ResetMetrics_in_a_hook_resets_the_metrics_of_that_run()
    {
        using var model = new Sequential([new Dense(1, kernelInitializer: "zeros", inputShape: [1])]);
        model.Compile(new SGD(0), "mse", metrics: ["mae"]);
        NDArray x = new float[,] { { 1 }, { 1 }, { 1 } }, y = new float[] { 1, 2, 6 };
        History history = model.Fit(x, y, batchSize: 1, verbose: 0, shuffle: false, validationData: (x, y),
            callbacks: [new At(nameof(Callback.OnBatchEnd), model.ResetMetrics)]);
        Assert.AreEqual(0, history["loss"][0] - (1 + 4 + 36) / 3.0, 1e-6);
        Assert.AreEqual(6, history["mae"][0]);
        Assert.AreEqual(3, history["val_mae"][0]);
        history = model.Fit(x, y, batchSize: 1, verbose: 0, shuffle: false,
            callbacks: [new At(nameof(Callback.OnBatchEnd), () =>
            Assert.AreEqual(
                6, model.Evaluate(x, y, batchSize: 1, verbose: 0,
                    callbacks: [new At(nameof(Callback.OnTestBatchEnd), model.ResetMetrics)])["mae"]))]);
        Assert.AreEqual(3, history["mae"][0]);
    }

    [TestMethod]
    public void TrainOnBatch_in_a_hook_is_one_more_step_and_leaves_the_metrics_alone()
    {
        string alone = History(Compiled(new SGD(0), dropout: 0), new Quiet());
        foreach (string hook in s_hooks)
        {
            foreach (bool elsewhere in new[] { false, true })
            {
                using Sequential model = Compiled(new SGD(0), dropout: 0);
                int calls = 0;
                Assert.AreEqual(alone, History(model, new At(hook, m => OnThread(elsewhere, () =>
                {
                    Interlocked.Increment(ref calls);
                    IsJudged(m, m.TrainOnBatch(s_otherX, s_otherY));
                }))), hook);
                Assert.AreEqual(3 * 4 + calls, model.Optimizer!.Iterations);
            }
        }
    }

    [TestMethod]
    public void Steps_of_hooks_and_of_the_training_draw_their_dropout_in_sequence()
    {
        // The same steps by hand: random numbers depend on the step number, whoever runs it.
        using Sequential inHook = Compiled(new SGD(0.1)), byHand = Compiled(new SGD(0.1));
        inHook.Fit(s_x, s_y, batchSize: 9, epochs: 1, verbose: 0, shuffle: false,
            callbacks: [new At(nameof(Callback.OnBatchEnd), m => m.TrainOnBatch(s_otherX, s_otherY, s_weight))]);
        foreach ((int start, int count) in new[] { (0, 9), (9, 8) })
        {
            byHand.TrainOnBatch(s_x.Slice(start, count), s_y.Slice(start, count));
            byHand.TrainOnBatch(s_otherX, s_otherY, s_weight);
        }
        Assert.AreEqual(Text(byHand.GetWeights()), Text(inHook.GetWeights()));
    }

    [TestMethod]
    public void Predictions_in_hooks_leave_the_states_of_a_stateful_training_alone()
    {
        NDArray x = Values(12, 5, 1).Reshape(12, 5, 1), y = Values(12, 1, 2);
        string alone = Stateful(_ => { });
        Assert.AreEqual(alone, Stateful(m => m.Predict(x)));
        Assert.AreEqual(alone, Stateful(m => m.Evaluate(x, y, verbose: 0)));
        Assert.AreEqual(alone, Stateful(m => m.Evaluate(x, y, verbose: 0, callbacks: [new Quiet()])));
        Assert.AreEqual(alone, Stateful(m => m.TestOnBatch(x.Slice(0, 4), y.Slice(0, 4))));
        Assert.AreEqual(alone, Stateful(m => OnThread(true, () => m.PredictOnBatch(x.Slice(0, 4)))));
        Assert.AreEqual(alone, Stateful(m => OnThread(true, () => m.Predict(x, callbacks: [new Quiet()]))));
        Assert.AreNotEqual(alone, Stateful(m => m.ResetStates()));

        string Stateful(Action<Sequential> act)
        {
            using var model =
                new Sequential([new LSTM(3, stateful: true, batchInputShape: [4, 5, 1]), new Dense(1)]) { };
            Weigh(model);
            model.Compile(new Adam(), "mse", metrics: ["mae"]);
            History history = model.Fit(x, y, batchSize: 4, epochs: 2, verbose: 0, shuffle: false,
                callbacks: [new At(nameof(Callback.OnBatchEnd), act)]);
            return Text(history) + Text(model.GetWeights());
        }
    }

    [TestMethod]
    public void Rates_and_weights_that_a_hook_sets_apply_to_the_next_step()
    {
        using Sequential model = Compiled(new SGD(0.1), dropout: 0);
        IReadOnlyList<NDArray> first = model.GetWeights();
        model.Fit(s_x, s_y, batchSize: 5, epochs: 2, verbose: 0, callbacks: [new At(nameof(Callback.OnBatchEnd), m =>
        {
            m.SetWeights(first);
            m.Optimizer!.LearningRate = 0;
        })]);
        Assert.AreEqual(Text(first), Text(model.GetWeights()));
    }

    /// <summary>History and weights of training for three epochs with validation, to the last bit.</summary>
    static string Trained(Callback callback)
    {
        using Sequential model = Compiled(new Adam());
        string history = History(model, callback);
        return history + Text(model.GetWeights()) + model.Optimizer!.Iterations;
    }

    static string History(Sequential model, Callback callback) =>
        Text(model.Fit(s_x, s_y, batchSize: 5, epochs: 3, verbose: 0, validationData: (s_otherX, s_otherY),
            callbacks: [callback]));

    static Sequential Compiled(Optimizer optimizer, double dropout = 0.4)
    {
        var model = new Sequential() { Seed = 3 };
        model.Add(new Dense(5, "tanh", inputShape: [3]));
        model.Add(new Dropout(dropout));
        model.Add(new Dense(1));
        Weigh(model);
        model.Compile(optimizer, "mse", metrics: ["mae", new RootMeanSquaredError()], weightedMetrics: ["mape"]);
        return model;
    }

    static void Weigh(Sequential model) =>
        model.SetWeights(
            [.. model.GetWeights().Select((w, i) => Values(w.Size, 1, 10 + i).Reshape(w.Shape.ToArray()))]);

    /// <summary>The means over all samples, computed from the predictions.</summary>
    static void IsJudged(Sequential model, Evaluation evaluation)
    {
        Assert.AreEqual(Reference(model, (a, b) => (a - b) * (a - b)), evaluation["loss"], 1e-5);
        Assert.AreEqual(Reference(model, (a, b) => Math.Abs(a - b)), evaluation["mae"], 1e-5);
        Assert.AreEqual(Math.Sqrt(Reference(model, (a, b) => (a - b) * (a - b))),
            evaluation["root_mean_squared_error"], 1e-5);
    }

    static double Reference(Sequential model, Func<double, double, double> error) =>
        Forward(model).Zip(s_otherY.ToArray(), (p, y) => error(p, y)).Average();

    static void IsPredicted(Sequential model, NDArray scores)
    {
        foreach ((double expected, float found) in Forward(model).Zip(scores.ToArray()))
            Assert.AreEqual(expected, found, 1e-5);
    }

    /// <summary>The network in float64, with its current weights.</summary>
    static double[] Forward(Sequential model)
    {
        IReadOnlyList<NDArray> w = model.GetWeights();
        return [.. Enumerable.Range(0, s_otherX.Rows).Select(row => w[3][0] + Enumerable.Range(0, 5).Sum(unit =>
            w[2][unit, 0]
                * Math.Tanh(w[1][unit] + Enumerable.Range(0, 3).Sum(i => (double)s_otherX[row, i] * w[0][i, unit]))))];
    }

    static void OnThread(bool elsewhere, Action action, int threads = 2)
    {
        if (!elsewhere)
        {
            action();
            return;
        }
        // Several at once, as Parallel.For in a hook would do it, on threads that are certainly different.
        Task[] tasks = [.. Enumerable.Range(0, threads)
            .Select(_ => Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning,
                TaskScheduler.Default))];
        Assert.IsTrue(Task.WaitAll(tasks, TimeSpan.FromMinutes(1)), "Another thread's call hangs.");
    }

    static IEnumerable<Batch> Batches()
    {
        while (true)
        {
            for (int i = 0; i < 7; i += 3)
                yield return (s_otherX.Slice(i, Math.Min(3, 7 - i)), s_otherY.Slice(i, Math.Min(3, 7 - i)));
        }
    }

    static void InFile(string name, Action<string> use)
    {
        string folder = Directory.CreateTempSubdirectory("keras").FullName;
        use(Path.Combine(folder, name));
        Directory.Delete(folder, recursive: true);
    }

    static string Text(History history) =>
        string.Join(";", history.Keys.Select(n => $"{n}: {string.Join(",", history[n].Select(v => v.ToString("R")))}"));

    static string Text(IReadOnlyList<NDArray> weights) =>
        string.Join(";", weights.SelectMany(w => w.ToArray()).Select(v => v.ToString("R")));

    static NDArray Values(int rows, int columns, int seed)
    {
        var random = new Random(seed);
        return new NDArray([.. Enumerable.Range(0, rows * columns).Select(_ => random.NextSingle() - 0.4f)], rows,
            columns);
    }

    /// <summary>Sees everything and does nothing.</summary>
    class Quiet : Callback
    {
        protected virtual void On(string hook)
        {
        }

        public override void OnTrainBegin() => On(nameof(OnTrainBegin));

        public override void OnTrainEnd() => On(nameof(OnTrainEnd));

        public override void OnEpochBegin(int epoch) => On(nameof(OnEpochBegin));

        public override void OnEpochEnd(int epoch, IDictionary<string, double> logs) => On(nameof(OnEpochEnd));

        public override void OnTrainBatchBegin(int batch, IReadOnlyDictionary<string, double> logs)
        {
            On(nameof(OnTrainBatchBegin));
            base.OnTrainBatchBegin(batch, logs);
        }

        public override void OnTrainBatchEnd(int batch, IReadOnlyDictionary<string, double> logs)
        {
            On(nameof(OnTrainBatchEnd));
            base.OnTrainBatchEnd(batch, logs);
        }

        public override void OnBatchBegin(int batch, IReadOnlyDictionary<string, double> logs) =>
            On(nameof(OnBatchBegin));

        public override void OnBatchEnd(int batch, IReadOnlyDictionary<string, double> logs) => On(nameof(OnBatchEnd));

        public override void OnTestBegin() => On(nameof(OnTestBegin));

        public override void OnTestEnd() => On(nameof(OnTestEnd));

        public override void OnTestBatchBegin(int batch, IReadOnlyDictionary<string, double> logs) =>
            On(nameof(OnTestBatchBegin));

        public override void OnTestBatchEnd(int batch, IReadOnlyDictionary<string, double> logs) =>
            On(nameof(OnTestBatchEnd));

        public override void OnPredictBegin() => On(nameof(OnPredictBegin));

        public override void OnPredictEnd() => On(nameof(OnPredictEnd));

        public override void OnPredictBatchBegin(int batch, IReadOnlyDictionary<string, double> logs) =>
            On(nameof(OnPredictBatchBegin));

        public override void OnPredictBatchEnd(int batch, IReadOnlyDictionary<string, double> logs) =>
            On(nameof(OnPredictBatchEnd));
    }

    /// <summary>Does something in one hook.</summary>
    sealed class At(string hook, Action<Sequential> action) : Quiet
    {
        public At(string hook, Action action) : this(hook, _ => action())
        {
        }

        protected override void On(string name)
        {
            if (name == hook) action(Model);
        }
    }
}
