using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Constraints;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Losses;
using Microsoft.ML.KerasSequential.Metrics;
using Microsoft.ML.KerasSequential.Optimizers;
using Microsoft.ML.KerasSequential.Regularizers;
using Microsoft.ML.KerasSequential.Utils;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>
/// Every part can be derived from; the expected values come from the library's own part with the same formula.
/// </summary>
[TestClass]
public sealed class DerivedPartTests
{
    static readonly NDArray s_x = Values(12, 3, 1), s_y = Values(12, 2, 2);

    internal static NDArray Values(int rows, int columns, int seed)
    {
        var random = new Random(seed);
        var result = new NDArray(rows, columns);
        foreach (ref float value in result.Span) value = random.NextSingle() * 2 - 1;
        return result;
    }

    /// <summary>Momentum, as in SGD.</summary>
    internal sealed class Heavy(double learningRate = 0.01, double momentum = 0.9, double decay = 0,
        double? clipnorm = null) : Optimizer(learningRate, decay, clipnorm)
    {
        protected override Tensor Apply(Variable weight, Tensor gradient, Tensor rate)
        {
            Variable slot = SlotOf(weight, "velocity");
            Tensor velocity = momentum * slot - rate * gradient;
            Update(slot, velocity);
            return weight + velocity;
        }

        public override JsonObject GetConfig()
        {
            JsonObject config = base.GetConfig();
            config["momentum"] = momentum;
            return config;
        }
    }

    /// <summary>Adam with weight decay and its own counter.</summary>
    internal sealed class Shrinking(double share = 0) : Adam(0.01)
    {
        Tensor? _share;

        protected override Tensor Prepare(Tensor rate)
        {
            Variable count = Shared("count", 5);
            Update(count, count + 1);
            _share = share * count;
            return base.Prepare(rate);
        }

        protected override Tensor Apply(Variable weight, Tensor gradient, Tensor rate) =>
            base.Apply(weight, gradient, rate) - _share! * weight;

        public override JsonObject GetConfig()
        {
            JsonObject config = base.GetConfig();
            config["share"] = share;
            return config;
        }
    }

    /// <summary>The squared error times a factor.</summary>
    internal sealed class Scaled(double factor) : Loss("scaled")
    {
        public override Tensor Call(Tensor yTrue, Tensor yPred) => factor * K.Mean(K.Square(yTrue - yPred), axis: -1);

        public override JsonObject GetConfig()
        {
            JsonObject config = base.GetConfig();
            config["factor"] = factor;
            return config;
        }
    }

    /// <summary>The mean error, with its states in fields.</summary>
    internal sealed class Bias : Metric
    {
        readonly double _factor;
        readonly Variable _total, _count;

        public Bias(double factor) : base("bias")
        {
            _factor = factor;
            (_total, _count) = (AddState("total"), AddState("count"));
        }

        protected internal override IReadOnlyList<Tensor> Update(Tensor yTrue, Tensor yPred, Tensor? sampleWeight) =>
            [_total + K.Sum(yPred - yTrue), _count + K.Sum(K.OnesLike(yPred))];

        protected internal override Tensor Value(IReadOnlyList<Tensor> states) => _factor * states[0] / states[1];

        public override JsonObject GetConfig()
        {
            JsonObject config = base.GetConfig();
            config["factor"] = _factor;
            return config;
        }
    }

    internal sealed class Ramp(double step) : Initializer
    {
        public override NDArray Call(int[] shape, long seed = 0)
        {
            var values = new NDArray(shape);
            for (int i = 0; i < values.Size; i++) values.Span[i] = (float)(i * step);
            return values;
        }

        public override JsonObject GetConfig() => new() { ["step"] = step };
    }

    internal sealed class Cubic(double factor) : Regularizer
    {
        public override Tensor Call(Tensor x) => factor * K.Sum(K.Pow(K.Abs(x), 3));

        public override JsonObject GetConfig() => new() { ["factor"] = factor };
    }

    internal sealed class Limit(double largest) : Constraint
    {
        public override Tensor Call(Tensor w) => K.Clip(w, -largest, largest);

        public override JsonObject GetConfig() => new() { ["largest"] = largest };
    }

    internal sealed class Doubled(int units, Shape? inputShape = null, Initializer? kernelInitializer = null,
        Regularizer? kernelRegularizer = null, Constraint? kernelConstraint = null)
        : Dense(units, kernelInitializer: kernelInitializer, kernelRegularizer: kernelRegularizer,
            kernelConstraint: kernelConstraint, inputShape: inputShape)
    {
        public override Tensor Call(Tensor x) => 2 * base.Call(x);
    }

    internal static CustomObjectScope Known() => new(new()
    {
        ["Heavy"] = (Func<JsonElement, Optimizer>)(
            c => new Heavy(Number(c, "learning_rate"), Number(c, "momentum"), Number(c, "decay"),
                c.TryGetProperty("clipnorm", out JsonElement n) ? n.GetDouble() : null)),
        ["Shrinking"] = (Func<JsonElement, Optimizer>)(c => new Shrinking(Number(c, "share"))),
        ["Scaled"] = (Func<JsonElement, Loss>)(c => new Scaled(Number(c, "factor"))),
        ["Bias"] = (Func<JsonElement, Metric>)(c => new Bias(Number(c, "factor"))),
        ["Ramp"] = (Func<JsonElement, Initializer>)(c => new Ramp(Number(c, "step"))),
        ["Cubic"] = (Func<JsonElement, Regularizer>)(c => new Cubic(Number(c, "factor"))),
        ["Limit"] = (Func<JsonElement, Constraint>)(c => new Limit(Number(c, "largest"))),
        ["Doubled"] = (Func<JsonElement, Layer>)(c => new Doubled(c.GetProperty("units").GetInt32(), [3],
            Initializer.FromConfig(c.GetProperty("kernel_initializer")),
            Regularizer.FromConfig(c.GetProperty("kernel_regularizer")),
            Constraint.FromConfig(c.GetProperty("kernel_constraint")))),
    });

    static double Number(JsonElement config, string name) => config.GetProperty(name).GetDouble();

    internal static Sequential Own(Optimizer optimizer)
    {
        var model = new Sequential([
            new Doubled(4, [3], kernelInitializer: new Ramp(0.01), kernelRegularizer: new Cubic(0.1),
                kernelConstraint: new Limit(0.5)), new Dense(2, kernelInitializer: new Ramp(0.02)),
        ]);
        model.Compile(optimizer, new Scaled(3), metrics: [new Bias(10)]);
        return model;
    }

    internal static IEnumerable<Optimizer> OwnOptimizers =>
        [new Heavy(0.02, 0.8, decay: 0.1, clipnorm: 0.5), new Shrinking(0.001)];

    static float[][] Weights(Sequential model) => [.. model.GetWeights().Select(w => w.ToArray())];

    internal static void AreEqual(float[][] expected, float[][] actual)
    {
        Assert.HasCount(expected.Length, actual);
        for (int i = 0; i < expected.Length; i++) CollectionAssert.AreEqual(expected[i], actual[i], $"weight {i}");
    }

    [TestMethod]
    [DataRow(0, null)]
    [DataRow(0.1, 0.5)]
    public void A_custom_optimizer_consists_of_slots_and_a_formula(double decay, double? clipnorm)
    {
        static float[][] Trained(Optimizer optimizer)
        {
            using var model = new Sequential(
                [new Dense(4, activation: "tanh", kernelInitializer: new Ramp(0.01), inputShape: [3]),
                    new Dense(2, kernelInitializer: new Ramp(0.02), kernelConstraint: "unit_norm")]);
            model.Compile(optimizer, "mse");
            model.Fit(s_x, s_y, batchSize: 5, epochs: 4, shuffle: false, verbose: 0);
            return Weights(model);
        }

        float[][] expected = Trained(new SGD(0.05, momentum: 0.8, decay: decay, clipnorm: clipnorm)),
            actual = Trained(new Heavy(0.05, 0.8, decay, clipnorm));
        for (int i = 0; i < expected.Length; i++)
            for (int k = 0; k < expected[i].Length; k++) Assert.AreEqual(expected[i][k], actual[i][k], 1e-6);
    }

    [TestMethod]
    public void A_model_of_derived_parts_is_restored_and_continues_training_as_if_never_saved()
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".zip");
        foreach (Optimizer optimizer in OwnOptimizers)
        {
            using Sequential model = Own(optimizer);
            model.Fit(s_x, s_y, batchSize: 4, epochs: 2, shuffle: false, verbose: 0);
            model.Save(path);
            Assert.Contains("CustomObjectScope",
                Assert.ThrowsExactly<ArgumentException>(() => Sequential.Load(path)).Message);
            using CustomObjectScope scope = Known();
            using Sequential loaded = Sequential.Load(path);
            History goesOn = model.Fit(s_x, s_y, batchSize: 4, epochs: 2, shuffle: false, verbose: 0),
                again = loaded.Fit(s_x, s_y, batchSize: 4, epochs: 2, shuffle: false, verbose: 0);
            AreEqual(Weights(model), Weights(loaded));
            CollectionAssert.AreEqual(goesOn["bias"].ToArray(), again["bias"].ToArray());
            Assert.AreEqual(typeof(Doubled), loaded.Layers[0].GetType());
            Assert.IsTrue(model.GetWeights()[0].ToArray().All(v => Math.Abs(v) <= 0.5));
            Assert.AreEqual(model.ToJson(), loaded.ToJson());
        }
        File.Delete(path);
    }

    [TestMethod]
    public void Custom_losses_and_metrics_have_their_configuration()
    {
        using Sequential plain = new([new Dense(2, kernelInitializer: new Ramp(0.1), inputShape: [3])]);
        plain.Compile("sgd", "mse");
        double expected = plain.Evaluate(s_x, s_y, verbose: 0)["loss"];
        plain.Compile("sgd", new Scaled(3), metrics: [new Bias(10)]);
        Evaluation judged = plain.Evaluate(s_x, s_y, verbose: 0);
        Assert.AreEqual(3 * expected, judged["loss"], 1e-5);
        NDArray p = plain.Predict(s_x);
        Assert.AreEqual(10 * Enumerable.Range(0, p.Size).Average(i => p.Span[i] - s_y.Span[i]), judged["bias"], 1e-4);
    }

    sealed class OwnSparse() : Loss("own_sparse")
    {
        public override Tensor Call(Tensor yTrue, Tensor yPred) =>
            Loss.SparseCategoricalCrossentropy().Call(yTrue, yPred);
    }

    sealed class OwnSquares : Losses.MeanSquaredError;

    [TestMethod]
    public void A_custom_loss_accepts_targets_of_its_own_shape()
    {
        NDArray classes = new float[] { 0, 1, 1, 0, 1, 0, 0, 1, 1, 0, 1, 0 };
        static Sequential Model(Loss loss)
        {
            var model = new Sequential(
                [new Dense(2, activation: "softmax", kernelInitializer: new Ramp(0.1), inputShape: [3])]);
            model.Compile(new SGD(0.1), loss);
            return model;
        }

        using Sequential own = Model(new OwnSparse()), keras = Model(Loss.SparseCategoricalCrossentropy()),
            squares = Model(new OwnSquares());
        own.Fit(s_x, classes, epochs: 3, verbose: 0, shuffle: false);
        keras.Fit(s_x, classes, epochs: 3, verbose: 0, shuffle: false);
        AreEqual(Weights(keras), Weights(own));
        // Targets of a loss derived from one that Keras checks are checked, too.
        Assert.ThrowsExactly<ArgumentException>(() => squares.Fit(s_x, Values(12, 3, 1), verbose: 0));
    }

    [TestMethod]
    public void Functions_of_a_lambda_callback_can_take_logs()
    {
        var seen = new List<string>();
        using var model = new Sequential([new Dense(2, inputShape: [3])]);
        model.Compile("sgd", "mse");
        model.Fit(s_x, s_y, verbose: 0, callbacks: [
            new LambdaCallback(onEpochBegin: (epoch, logs) => seen.Add($"begin {epoch} {logs.Count}"),
                onTrainEnd: logs => seen.Add($"end {string.Join(", ", logs.Keys)}")),
            new LambdaCallback(onEpochBegin: epoch => seen.Add($"plain {epoch}"),
                onTrainBegin: () => seen.Add("train")),
        ]);
        CollectionAssert.AreEqual(new[] { "train", "begin 0 0", "plain 0", "end loss" }, seen);
    }

    [TestMethod]
    public void A_custom_metric_is_copied_with_its_own_states()
    {
        var one = new Bias(1);
        one.UpdateState(new float[] { 0 }, new float[] { 4 });
        Metric twin = one.Copy();
        Assert.AreNotSame(one, twin);
        twin.UpdateState(new float[] { 0 }, new float[] { 10 });
        Assert.AreEqual(4f, one.Result().Span[0]);
        Assert.AreEqual(10f, twin.Result().Span[0]);
        Assert.IsFalse(one.States.Intersect(twin.States).Any());
    }

    [TestMethod]
    public void Optimizers_get_and_set_their_weights()
    {
        using Sequential model = Own(new Heavy()), other = Own(new Heavy());
        Assert.HasCount(0, model.Optimizer!.GetWeights());
        Assert.ThrowsExactly<ArgumentException>(() => other.Optimizer!.SetWeights([new NDArray([3f])]));
        model.Fit(s_x, s_y, epochs: 3, verbose: 0, shuffle: false);
        other.Fit(s_x, s_y, epochs: 1, verbose: 0, shuffle: false);
        IReadOnlyList<NDArray> kept = model.Optimizer.GetWeights();
        Assert.HasCount(1 + 4, kept);
        Assert.AreEqual(3f, kept[0].Span[0]);
        CollectionAssert.AreEqual(new[] { 3, 4 }, kept[1].Shape.ToArray());
        Assert.ThrowsExactly<ArgumentException>(() => other.Optimizer!.SetWeights([.. kept.Skip(1)]));
        other.SetWeights(model.GetWeights());
        other.Optimizer!.SetWeights(kept);
        model.Fit(s_x, s_y, epochs: 2, verbose: 0, shuffle: false);
        other.Fit(s_x, s_y, epochs: 2, verbose: 0, shuffle: false);
        AreEqual(Weights(model), Weights(other));

        using Sequential adam = new([new Dense(2, inputShape: [3])]);
        adam.Compile(new Adam(amsgrad: true), "mse");
        adam.TrainOnBatch(s_x, s_y);
        // As in Keras: the counter, both first means, both mean squares, both largest ones.
        CollectionAssert.AreEqual(new[] { 0, 2, 1, 2, 1, 2, 1 },
            adam.Optimizer!.GetWeights().Select(w => w.Rank).ToArray());
    }

    [TestMethod]
    public void Layers_and_models_list_their_losses_and_updates()
    {
        using var model = new Sequential([
            new Dense(4, kernelRegularizer: "l1", biasRegularizer: "l2", activityRegularizer: "l1", inputShape: [3]),
                new BatchNormalization(),
        ]);
        Assert.HasCount(3, model.Layers[0].Losses);
        Assert.HasCount(3, model.Losses);
        Assert.HasCount(2, model.Layers[1].Updates);
        Assert.HasCount(2, model.Updates);
        model.AddLoss(K.Mean(model.Outputs[0]));
        Assert.HasCount(4, model.Losses);
        model.Layers[1].Trainable = false;
        Assert.HasCount(0, model.Updates);
        model.Layers[1].Trainable = true;
        model.Trainable = false;
        Assert.HasCount(0, model.Updates);

        using var both = new Sequential(
            [new Bidirectional(new SimpleRNN(3, kernelRegularizer: "l1", biasRegularizer: "l1"), inputShape: [3, 2])]);
        Assert.HasCount(4, both.Layers[0].Losses);
        using var steps =
            new Sequential([new TimeDistributed(new Dense(2, kernelRegularizer: "l1"), inputShape: [3, 4])]);
        Assert.HasCount(1, steps.Losses);
        using var stack = new Sequential(
            [new RNN([new LSTMCell(3), new LSTMCell(3, kernelRegularizer: "l2")], inputShape: [null, 5])]);
        Assert.HasCount(1, stack.Layers[0].Losses);
        using var lstm = new Sequential(
            [new ConvLSTM2D(2, 3, kernelRegularizer: "l1", recurrentRegularizer: "l1", biasRegularizer: "l2",
                activityRegularizer: "l2", inputShape: [2, 5, 5, 2])]);
        Assert.HasCount(4, lstm.Losses);

        // The penalty as a number: 0.01 · Σ|w|.
        using Function penalty = K.Function([], [steps.Losses[0]]);
        Assert.AreEqual(0.01 * steps.GetWeights()[0].ToArray().Sum(Math.Abs), penalty.Run()[0].Span[0], 1e-6);
    }

    sealed class Patient() : EarlyStopping("mae", patience: 1)
    {
        public List<double?> Seen { get; } = [];

        protected override double? GetMonitorValue(IDictionary<string, double> logs)
        {
            Seen.Add(base.GetMonitorValue(logs));
            // It never improves.
            return 5;
        }
    }

    sealed class Noted(string path) : ModelCheckpoint(path, saveWeightsOnly: true)
    {
        public List<string> Files { get; } = [];

        protected override void Save(string path)
        {
            base.Save(path);
            Files.Add(path);
        }
    }

    sealed class Gentle() : ReduceLROnPlateau("loss", factor: 0.5, patience: 0)
    {
        public override void OnEpochEnd(int epoch, IDictionary<string, double> logs)
        {
            base.OnEpochEnd(epoch, logs);
            if (epoch == 0) Best = double.NegativeInfinity;
        }
    }

    [TestMethod]
    public void Callbacks_that_users_derive_from_are_not_sealed()
    {
        using var model = new Sequential([new Dense(2, inputShape: [3])]);
        model.Compile(new SGD(0.4), "mse", metrics: ["mae"]);
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".{epoch}.npz");
        var patient = new Patient();
        var noted = new Noted(path);
        model.Fit(s_x, s_y, epochs: 10, verbose: 0, callbacks: [patient, noted, new Gentle()]);
        Assert.HasCount(2, patient.Seen);
        Assert.AreEqual(1, patient.StoppedEpoch);
        Assert.HasCount(2, noted.Files);
        Assert.IsTrue(noted.Files.TrueForAll(File.Exists));
        noted.Files.ForEach(File.Delete);
        Assert.AreEqual(0.2, model.Optimizer!.LearningRate, 1e-7);
    }

    sealed class AllLogs : Callback
    {
        public Dictionary<string, int> Counts { get; } = [];

        void Note(string hook, IEnumerable<KeyValuePair<string, double>> logs) => Counts[hook] = logs.Count();

        public override void OnTrainBegin(IReadOnlyDictionary<string, double> logs) => Note("train begin", logs);

        public override void OnTrainEnd(IReadOnlyDictionary<string, double> logs) => Note("train end", logs);

        public override void OnEpochBegin(int epoch, IReadOnlyDictionary<string, double> logs) =>
            Note("epoch begin", logs);

        public override void OnEpochEnd(int epoch, IDictionary<string, double> logs) => Note("epoch end", logs);

        public override void OnTestBegin(IReadOnlyDictionary<string, double> logs) => Note("test begin", logs);

        public override void OnTestEnd(IReadOnlyDictionary<string, double> logs) => Note("test end", logs);

        public override void OnPredictBegin(IReadOnlyDictionary<string, double> logs) => Note("predict begin", logs);

        public override void OnPredictEnd(IReadOnlyDictionary<string, double> logs) => Note("predict end", logs);
    }

    [TestMethod]
    public void Every_hook_gets_logs()
    {
        using var model = new Sequential([new Dense(2, inputShape: [3])]);
        model.Compile("sgd", "mse", metrics: ["mae"]);
        var logs = new AllLogs();
        model.Fit(s_x, s_y, verbose: 0, validationData: (s_x, s_y), callbacks: [logs]);
        model.Predict(s_x, callbacks: [logs]);
        CollectionAssert.AreEquivalent(new Dictionary<string, int>
        {
            ["train begin"] = 0,
            ["train end"] = 4,
            ["epoch begin"] = 0,
            ["epoch end"] = 4,
            ["test begin"] = 0,
            ["test end"] = 2,
            ["predict begin"] = 0,
            ["predict end"] = 0,
        }, logs.Counts);
    }
}
