using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Losses;
using Microsoft.ML.KerasSequential.Optimizers;
using static Microsoft.ML.KerasSequential.Tests.KerasSuite.LayerCheck;

namespace Microsoft.ML.KerasSequential.Tests.KerasSuite;

/// <summary>The facts of Keras 2.3.1's tests of training with one input and one output.</summary>
[TestClass]
public sealed class TrainingSuite
{
    /// <summary>Batches whose size grows after each epoch, so that their number falls.</summary>
    sealed class GrowingBatches(int size, int samples, Func<int, int> grow) : BatchSequence
    {
        int _size = size;

        public override int Count => (samples + _size - 1) / _size;

        public override Batch this[int index] => new(Random(1, _size, 3), Random(1, _size, 4));

        public override void OnEpochEnd() => _size = grow(_size);
    }

    sealed class Tracker : Callback
    {
        public List<int> Epochs { get; } = [];

        public List<int> Batches { get; } = [];

        public List<int> Steps { get; } = [];

        public override void OnEpochBegin(int epoch)
        {
            Epochs.Add(epoch);
            Steps.Add(Params.Steps);
        }

        public override void OnBatchBegin(int batch, IReadOnlyDictionary<string, double> logs) => Batches.Add(batch);
    }

    static Sequential Model(string loss = "mse", MetricSet? metrics = null)
    {
        var model = new Sequential([new Dense(4, inputShape: [3], name: "dense_1"), new Dropout(0.5, name: "dropout")]);
        model.Compile("rmsprop", loss, metrics: metrics);
        return model;
    }

    [TestMethod]
    [DataRow(3, 20, false, new[] { 7, 4, 3, 3, 2 })]
    [DataRow(3, 30, false, new[] { 10, 6, 5, 4, 3 })]
    [DataRow(2, 404, true, new[] { 202, 101, 51, 26, 13 })]
    public void A_sequence_can_change_its_length_after_each_epoch(int size, int samples, bool doubles, int[] steps)
    {
        foreach (int workers in new[] { 0, 1, 3 })
        {
            using Sequential model = Model();
            var tracker = new Tracker();
            model.FitGenerator(new GrowingBatches(size, samples, s => doubles ? 2 * s : s + 2), epochs: 5, verbose: 0,
                callbacks: [tracker], workers: workers, maxQueueSize: 2,
                validationData: new GrowingBatches(4, 12, s => s));
            CollectionAssert.AreEqual(new[] { 0, 1, 2, 3, 4 }, tracker.Epochs);
            CollectionAssert.AreEqual(steps.SelectMany(s => Enumerable.Range(0, s)).ToArray(), tracker.Batches);
            CollectionAssert.AreEqual(steps, tracker.Steps);
        }
    }

    [TestMethod]
    public void Training_starts_at_the_initial_epoch_and_takes_the_steps_that_it_is_given()
    {
        using Sequential model = Model();
        var tracker = new Tracker();
        model.Fit(Random(1, 10, 3), Random(1, 10, 4), epochs: 5, batchSize: 4, initialEpoch: 2, verbose: 0,
            callbacks: [tracker]);
        CollectionAssert.AreEqual(new[] { 2, 3, 4 }, tracker.Epochs);

        IEnumerable<Batch> Endless()
        {
            while (true) yield return new Batch(Random(1, 4, 3), Random(1, 4, 4));
        }

        tracker = new Tracker();
        model.FitGenerator(Endless(), stepsPerEpoch: 3, epochs: 5, initialEpoch: 2, verbose: 0, callbacks: [tracker]);
        CollectionAssert.AreEqual(new[] { 2, 3, 4 }, tracker.Epochs);
        CollectionAssert.AreEqual(Enumerable.Repeat(new[] { 0, 1, 2 }, 3).SelectMany(b => b).ToArray(),
            tracker.Batches);
        Assert.ThrowsExactly<ArgumentException>(() => model.FitGenerator(Endless(), epochs: 5, verbose: 0));
        Assert.ThrowsExactly<ArgumentException>(
            () => model.EvaluateGenerator([new Batch(new NDArray(0), new NDArray(0))], steps: 1));
    }

    [TestMethod]
    public void A_model_must_be_compiled_and_its_data_must_fit()
    {
        NDArray x = Random(1, 10, 3), y = Random(1, 10, 4), weights = Random(1, 10);
        using var raw = new Sequential([new Dense(4, inputShape: [3])]);
        Assert.ThrowsExactly<InvalidOperationException>(() => raw.TrainOnBatch(x, y));
        using Sequential model = Model();
        static void Refused(Action action) => Assert.Throws<ArgumentException>(action);
        Refused(() => model.Predict(new NDArray[] { null! }));
        Refused(() => model.Predict(new[] { x, x }));
        Refused(() => model.TrainOnBatch(x.Slice(0, 2), y));
        Refused(() => model.TrainOnBatch(x, y.Slice(0, 2)));
        Refused(() => model.TrainOnBatch(x, y, weights.Slice(0, 2)));
        Refused(() => model.TrainOnBatch(x, y, Random(1, 10, 20, 30)));
        Refused(() => model.Compile("rmsprop", loss: ["mse", "mae", "mape"]));
        Refused(() => model.Compile("rmsprop", "mse", lossWeights: new Dictionary<string, double> { ["lstm"] = 0.5 }));
        Refused(() => model.Compile("rmsprop", "mse", lossWeights: new[] { 0.5, 0.5 }));
        Refused(() =>
            model.Compile("rmsprop", "mse",
                sampleWeightMode: new Dictionary<string, string?> { ["lstm"] = "temporal" }));
        Refused(() => model.Compile("rmsprop", "mse", sampleWeightMode: new[] { "temporal", null }));
        Refused(() => model.Compile("rmsprop", loss: []));
        // Weights for time steps require time steps.
        Refused(() =>
        {
            model.Compile("rmsprop", "mse", sampleWeightMode: "temporal");
            model.TrainOnBatch(x, y, Random(1, 10, 4));
        });
    }

    [TestMethod]
    public void Results_are_the_loss_and_the_metrics()
    {
        NDArray x = Random(1, 10, 3), y = Random(1, 10, 4);
        using Sequential named = Model(metrics: "acc");
        Assert.HasCount(2, named.TrainOnBatch(x, y));
        Assert.HasCount(2, named.TestOnBatch(x, y));
        using Sequential own = Model(metrics: [Metrics.Metric.FromFunction((t, p) => K.Mean(K.Pow(t - p, 2)), "mine")]);
        Assert.HasCount(2, own.TrainOnBatch(x, y));
        Evaluation judged = own.Evaluate(x, y, batchSize: 10, verbose: 0);
        Assert.AreEqual(judged["loss"], judged["mine"], 1e-5);
    }

    [TestMethod]
    public void Nontrainable_weights_stay_unchanged_also_inside_another_model()
    {
        NDArray x = Random(1, 5, 3), y = Random(1, 5, 2);
        using var inner = new Sequential([new Dense(2, inputShape: [3], trainable: false)]);
        inner.Compile("rmsprop", "mse");
        NDArray before = inner.Predict(x);
        inner.TrainOnBatch(x, y);
        CollectionAssert.AreEqual(before.ToArray(), inner.Predict(x).ToArray());
        using var outer = new Sequential([inner]);
        outer.Compile("rmsprop", "mse");
        outer.TrainOnBatch(x, y);
        CollectionAssert.AreEqual(before.ToArray(), outer.Predict(x).ToArray());
    }

    [TestMethod]
    public void Trainability_can_be_switched_on_a_layer_and_on_a_model()
    {
        var layer = new Dense(2, inputShape: [1]);
        var inner = new Sequential([layer]);
        using var outer = new Sequential([inner, new Dense(3)]);
        Assert.HasCount(4, outer.TrainableWeights);
        inner.Trainable = false;
        Assert.HasCount(0, inner.TrainableWeights);
        Assert.HasCount(2, outer.TrainableWeights);
        inner.Trainable = true;
        layer.Trainable = false;
        Assert.HasCount(2, outer.TrainableWeights);
        layer.Trainable = true;
        Assert.HasCount(4, outer.TrainableWeights);
        outer.Trainable = false;
        Assert.HasCount(0, outer.TrainableWeights);
    }

    [TestMethod]
    public void Targets_may_be_a_list_and_must_suit_categorical_crossentropy()
    {
        using var model = new Sequential([new Dense(1, inputShape: [3])]);
        model.Compile("rmsprop", "mse");
        Assert.IsTrue(double.IsFinite(model.TrainOnBatch(Random(1, 2, 3), new[] { 0, 1 })["loss"]));

        using Sequential one = new([new Dense(1, inputShape: [3])]), six = new([new Dense(6, inputShape: [3, 2])]);
        one.Compile("rmsprop", new CategoricalCrossentropy());
        Assert.Contains(
            "target", Assert.ThrowsExactly<ArgumentException>(() => one.TrainOnBatch(Random(1, 2, 3), Random(1, 2, 1)))
            .Message);
        six.Compile("rmsprop", new CategoricalCrossentropy());
        Assert.ThrowsExactly<ArgumentException>(() => six.TrainOnBatch(Random(1, 2, 3, 2), Random(1, 2, 3, 5)));
    }

    [TestMethod]
    public void A_bias_learns_by_the_mean_absolute_error()
    {
        using var model = new Sequential([new Bias(inputShape: [1])]);
        model.Compile(new SGD(0.1), new MeanAbsoluteError());
        History history = model.Fit(new float[,] { { 0 }, { 1 }, { 2 } }, new float[,] { { 0.5f }, { 2 }, { 3.5f } },
            batchSize: 3, epochs: 5, verbose: 0);
        double[] expected = [1, 0.9, 0.8, 0.7, 0.6];
        for (int i = 0; i < 5; i++) Assert.AreEqual(expected[i], history["loss"][i], 1e-6);
    }

    sealed class Bias(Shape? inputShape = null) : Layer(new LayerOptions(InputShape: inputShape))
    {
        Variable? _bias;

        protected override void Build(Shape inputShape) => _bias = AddWeight("bias", [1], "zeros");

        public override Tensor Call(Tensor x) => x + _bias!;
    }

    [TestMethod]
    public void Validation_runs_after_the_requested_epochs()
    {
        NDArray x = Full(1, 10, 10), y = Full(1, 10, 1);
        using var model = new Sequential([new Dense(1)]);
        model.Compile("sgd", "mse");
        var counter = new TestCounter();
        model.Fit(x, y, batchSize: 2, epochs: 4, validationData: (x, y), validationFreq: 2, callbacks: [counter],
            verbose: 0);
        Assert.AreEqual(2, counter.Runs);
        counter = new TestCounter();
        model.FitGenerator(Enumerable.Repeat(new Batch(Full(1, 2, 10), Full(1, 2, 1)), 5).ToList(), epochs: 4,
            stepsPerEpoch: 5, validationData: (x, y), validationFreq: new[] { 4, 2, 2, 1 }, callbacks: [counter],
            verbose: 0);
        Assert.AreEqual(3, counter.Runs);
    }

    sealed class TestCounter : Callback
    {
        public int Runs { get; private set; }

        public override void OnTestBegin() => Runs++;
    }

    [TestMethod]
    public void Sample_weights_and_class_weights_multiply()
    {
        NDArray x = Full(1, 5, 1), y = new float[] { 0, 1, 0, 0, 2 }, weights = new float[] { 0.5f, 1, 1, 0, 2 };
        var classes = new Dictionary<int, double> { [0] = 0.5, [1] = 1, [2] = 1.5 };
        using var model = new Sequential([new Dense(1, kernelInitializer: "zeros", inputShape: [1])]);
        model.Compile(new SGD(0), "mse");
        double[] squares = [0, 1, 0, 0, 4], classWeights = [0.5, 1, 0.5, 0.5, 1.5];
        double Mean(Func<int, double> weight) => Enumerable.Range(0, 5).Sum(i => weight(i) * squares[i]) / 5;
        Assert.AreEqual(Mean(i => weights.Span[i]), model.TrainOnBatch(x, y, sampleWeight: weights)["loss"], 1e-6);
        Assert.AreEqual(Mean(i => classWeights[i]), model.TrainOnBatch(x, y, classWeight: classes)["loss"], 1e-6);
        Assert.AreEqual(Mean(i => weights.Span[i] * classWeights[i]),
            model.TrainOnBatch(x, y, sampleWeight: weights, classWeight: classes)["loss"], 1e-6);
        classes.Remove(1);
        Assert.ThrowsExactly<ArgumentException>(() => model.Fit(x, y, epochs: 0, verbose: 0, classWeight: classes));
    }

    [TestMethod]
    [DataRow("classes")]
    [DataRow("samples")]
    [DataRow("steps")]
    public void A_class_with_a_high_weight_is_learned(string kind)
    {
        K.SetRandomSeed(1337);
        const int count = 5000, size = 10, classes = 10, heavy = 5, steps = 3;
        bool temporal = kind == "steps";
        NDArray x = Normal(0, 0.7, count, size), y = new(count, classes), weights = Full(1, count);
        for (int i = 0; i < count; i++)
        {
            int label = i % classes;
            y[i, label] = 1;
            if (label == heavy) weights.Span[i] = 10;
            for (int k = 0; k < size; k++) x[i, k] += label;
        }
        var classWeight = Enumerable.Range(0, classes).ToDictionary(c => c, c => c == heavy ? 10.0 : 1);
        if (temporal)
            (x, y, weights) =
                (Stepped(x, steps), Stepped(y, steps), Stepped(weights.Reshape(count, 1), steps).Reshape(count, steps));
        using Sequential model = temporal
            ? new([new GRU(32, returnSequences: true, inputShape: [steps, size]),
                new TimeDistributed(new Dense(classes)), new Activation("softmax")])
            : new([new Dense(32, inputShape: [size]), new Activation("relu"), new Dense(classes),
                new Activation("softmax")]);
        model.Compile("rmsprop", "mse", sampleWeightMode: temporal ? "temporal" : null);
        if (kind == "classes")
            model.Fit(x, y, batchSize: 128, epochs: 5, verbose: 0, classWeight: classWeight,
                validationData: (x, y, weights));
        else model.Fit(x, y, batchSize: 128, epochs: 5, verbose: 0, sampleWeight: weights, validationSplit: 0.1);
        int[] heavyRows = [.. Enumerable.Range(0, count).Where(i => i % classes == heavy)];
        Assert.IsTrue(model.Evaluate(Rows(x, heavyRows), Rows(y, heavyRows), verbose: 0)["loss"] < 0.5);
    }

    static NDArray Stepped(NDArray x, int steps)
    {
        int size = x.Shape[1];
        var result = new NDArray(x.Rows, steps, size);
        for (int i = 0; i < x.Rows * steps; i++) x.Span.Slice(i / steps * size, size).CopyTo(result.Span[(i * size)..]);
        return result;
    }

    static NDArray Rows(NDArray x, int[] rows)
    {
        int size = x.Size / x.Rows;
        var result = new NDArray([rows.Length, .. x.Shape[1..]]);
        for (int i = 0; i < rows.Length; i++) x.Span.Slice(rows[i] * size, size).CopyTo(result.Span[(i * size)..]);
        return result;
    }

    [TestMethod]
    public void Masked_steps_cost_nothing()
    {
        using var model = new Sequential(
            [new Masking(inputShape: [null, 1]), new TimeDistributed(new Dense(1, kernelInitializer: "one"))]);
        model.Compile("sgd", "mse");
        NDArray x = new float[,,] { { { 1 }, { 1 } }, { { 0 }, { 0 } } },
            y = new float[,,] { { { 1 }, { 1 } }, { { 1 }, { 1 } } };
        Assert.AreEqual(0, model.TrainOnBatch(x, y)["loss"]);
        NDArray zeros = new(1, 2, 1);
        Assert.AreEqual(0, model.TrainOnBatch(zeros, zeros)["loss"]);
    }

    [TestMethod]
    public void Added_metrics_are_means_over_batches()
    {
        NDArray x = Full(1, 10, 1), y = new(10, 1);
        using var model =
            new Sequential([new Summing(inputShape: [1]), new Dense(1, kernelInitializer: "ones", trainable: false)]);
        model.AddMetric(K.Sum(model.Outputs[0]), "metric_1");
        model.AddMetric(model.Outputs[0], new Metrics.Mean("metric_2"));
        model.Compile("sgd", "mse", metrics: "mse");
        History history = model.Fit(x, y, epochs: 2, batchSize: 5, validationData: (x, y), verbose: 0);
        foreach (string prefix in new[] { "", "val_" })
        {
            Assert.AreEqual(5, history[$"{prefix}metric_1"][^1], 1e-6);
            Assert.AreEqual(1, history[$"{prefix}metric_2"][^1], 1e-6);
            Assert.AreEqual(5, history[$"{prefix}seen"][^1], 1e-6);
        }
        Evaluation judged = model.Evaluate(x, y, batchSize: 5, verbose: 0);
        CollectionAssert.AreEqual(new[] { "loss", "mse", "seen", "metric_1", "metric_2" }.Order().ToArray(),
            judged.Keys.Order().ToArray());
        Assert.AreEqual(5, judged["metric_1"], 1e-6);
        model.Predict(x, batchSize: 5);
        model.TrainOnBatch(x, y);
        model.TestOnBatch(x, y);
    }

    sealed class Summing(Shape? inputShape = null) : Layer(new LayerOptions(InputShape: inputShape))
    {
        public override Tensor Call(Tensor x)
        {
            AddMetric(K.Sum(x), "seen");
            return x;
        }
    }

    [TestMethod]
    public void A_layer_of_a_model_can_be_added_to_another_model()
    {
        using var model = new Sequential([new Dense(16, inputShape: [32]), new Activation("relu")]);
        using var other = new Sequential([model.Layers[^1], new Dense(8)]);
        CollectionAssert.AreEqual(new[] { 1, 8 }, other.Predict(Random(1, 1, 16)).Shape.ToArray());
    }

    [TestMethod]
    public void Nested_models_train_and_are_restored()
    {
        K.SetRandomSeed(3);
        NDArray x = Random(1, 100, 16), y = new(100, 4);
        for (int i = 0; i < 100; i++) y[i, i % 4] = 1;
        static Sequential Nested() =>
            new([new Sequential(
                [new Sequential([new Dense(8, inputShape: [16]), new Activation("relu"), new Dense(4)])]),
                new Activation("softmax")]);
        using Sequential model = Nested(), other = Nested();
        model.Compile("rmsprop", "categorical_crossentropy");
        other.Compile("rmsprop", "categorical_crossentropy");
        model.Fit(x, y, batchSize: 32, verbose: 0, validationSplit: 0.1);
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".safetensors");
        model.SaveWeights(path);
        other.LoadWeights(path);
        File.Delete(path);
        Assert.AreEqual(model.Evaluate(x, y, verbose: 0)["loss"], other.Evaluate(x, y, verbose: 0)["loss"]);
        using Sequential json = Sequential.FromJson(model.ToJson()), yaml = Sequential.FromYaml(model.ToYaml());
        Assert.AreEqual(json.CountParams(), model.CountParams());
        Assert.AreEqual(yaml.CountParams(), model.CountParams());
        CollectionAssert.AreEqual(new[] { 100 }, model.PredictClasses(x).Shape.ToArray());
        CollectionAssert.AreEqual(model.Predict(x).ToArray(), model.PredictProba(x).ToArray());
    }

    [TestMethod]
    public void A_popped_layer_leaves_a_model_that_trains()
    {
        using var model = new Sequential([new Dense(8, inputShape: [16]), new Dense(4)]);
        model.Compile("sgd", "mse");
        model.Fit(Random(1, 32, 16), Random(1, 32, 4), verbose: 0);
        model.Pop();
        Assert.HasCount(1, model.Layers);
        CollectionAssert.AreEqual(new int?[] { null, 8 }, model.OutputShape.ToArray());
        model.Compile("sgd", "mse");
        model.Fit(Random(1, 32, 16), Random(1, 32, 8), verbose: 0);
        model.Add(new Dense(32));
        CollectionAssert.AreEqual(new int?[] { null, 32 }, model.GetLayer(index: -1).OutputShape!.ToArray());
        using Sequential clone = model.Clone();
        clone.Compile("rmsprop", "mse");
        clone.TrainOnBatch(Random(1, 10, 16), Random(1, 10, 32));
        Assert.AreEqual(16 * 8 + 8 + 8 * 32 + 32, model.CountParams());
    }
}
