using System.Reflection;
using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Losses;
using Microsoft.ML.KerasSequential.Metrics;
using Microsoft.ML.KerasSequential.Optimizers;
using Microsoft.ML.KerasSequential.Regularizers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>The rules of Keras 2.3.1, each named by the test that checks it.</summary>
[TestClass]
public sealed class SemanticsTests
{
    static readonly NDArray s_x = Values(10, 3, 1), s_y = Values(10, 2, 2);

    [TestMethod]
    public void Every_rule_is_named_by_a_test()
    {
        string[] named = [.. typeof(SemanticsTests).GetMethods().SelectMany(m => m.GetCustomAttributes<RuleAttribute>())
            .Select(r => r.Start)];
        string[] rules = [
            .. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Golden", "keras-2.3.1-semantics.md"))
            .Where(l => l.StartsWith("- ", StringComparison.Ordinal)).Select(l => l[2..])];
        Assert.IsGreaterThan(30, rules.Length);
        foreach (string rule in rules)
            Assert.IsTrue(named.Any(n => rule.StartsWith(n, StringComparison.Ordinal)),
                $"No test names the rule \"{rule}\".");
        foreach (string start in named)
            Assert.IsTrue(rules.Any(r => r.StartsWith(start, StringComparison.Ordinal)),
                $"There is no rule \"{start}\".");
    }

    [TestMethod]
    [Rule("Embedding `uniform`")]
    public void Uniform_is_005_dropout_is_inverted_or_the_identity_and_softmax_needs_two_dimensions()
    {
        NDArray first = ((Initializer)"uniform").Call([100, 100]);
        Assert.IsTrue(first.ToArray().All(v => Math.Abs(v) <= 0.05f) && first.ToArray().Max() > 0.049f);
        Assert.IsTrue(Trained(0.5).All(v => v is 0 or 2));
        Assert.IsTrue(Trained(0).Concat(Trained(1)).Concat(Trained(-1)).Concat(Trained(2)).All(v => v == 1));
        Assert.Contains("softmax",
            Assert.Throws<ArgumentException>(() => ((Activations.Activation)"softmax").Call(K.Placeholder(5))).Message);

        static float[] Trained(double rate)
        {
            float[] seen = [];
            var spy = new CustomOp("Spy", a =>
            {
                seen = a.Input(0).ToArray();
                a.Input(0).CopyTo(a.Output);
            }, a => a.OutputGradient.CopyTo(a.Gradient));
            using var model =
                new Sequential([new Dropout(rate, inputShape: [50]), new Lambda(x => spy.Call(x)), new Dense(1)]);
            model.Compile("sgd", "mse");
            var ones = new NDArray(1, 50);
            ones.Span.Fill(1);
            model.TrainOnBatch(ones, new float[1]);
            return seen;
        }
    }

    [TestMethod]
    [Rule("LSTM and GRU:")]
    [Rule("LSTM gates")]
    [Rule("GRU gates")]
    public void Gates_have_the_order_and_activations_of_Keras()
    {
        foreach (Layer layer in new Layer[] { new LSTM(2), new GRU(2) })
        {
            Assert.AreEqual("sigmoid", layer.GetConfig()["recurrent_activation"]!.GetValue<string>());
            Assert.AreEqual(2, layer.GetConfig()["implementation"]!.GetValue<int>());
        }
        Assert.AreEqual("hard_sigmoid", new ConvLSTM2D(2, 2).GetConfig()["recurrent_activation"]!.GetValue<string>());
        using var lstm = new Sequential([new LSTM(2, inputShape: [1, 1])]);
        CollectionAssert.AreEqual(new float[] { 0, 0, 1, 1, 0, 0, 0, 0 }, lstm.GetWeights()[2].ToArray());

        // One unit, one step from 0: what each gate's column does follows from the equations.
        static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
        using var one = new Sequential([new LSTM(1, returnSequences: true, inputShape: [2, 1])]);
        one.SetWeights(
            [new float[,] { { 0.1f, 0.2f, 0.3f, 0.4f } }, new float[,] { { 0.5f, 0.6f, 0.7f, 0.8f } },
                new float[] { 0.01f, 0.02f, 0.03f, 0.04f }]);
        double c = Sigmoid(0.11) * Math.Tanh(0.33), h = Sigmoid(0.44) * Math.Tanh(c);
        double nextC = Sigmoid(0.22 + 0.6 * h) * c + Sigmoid(0.11 + 0.5 * h) * Math.Tanh(0.33 + 0.7 * h),
            next = Sigmoid(0.44 + 0.8 * h) * Math.Tanh(nextC);
        CollectionAssert.AreEqual(new[] { (float)h, (float)next },
            one.Predict(new float[,,] { { { 1 }, { 1 } } }).ToArray(), Close);

        using var gru = new Sequential([new GRU(1, returnSequences: true, inputShape: [2, 1])]);
        gru.SetWeights(
            [new float[,] { { 0.1f, 0.2f, 0.3f } }, new float[,] { { 0.5f, 0.6f, 0.7f } },
                new float[] { 0.01f, 0.02f, 0.03f }]);
        h = (1 - Sigmoid(0.11)) * Math.Tanh(0.33);
        double z = Sigmoid(0.11 + 0.5 * h), r = Sigmoid(0.22 + 0.6 * h);
        CollectionAssert.AreEqual(new[] { (float)h, (float)(z * h + (1 - z) * Math.Tanh(0.33 + r * h * 0.7)) },
            gru.Predict(new float[,,] { { { 1 }, { 1 } } }).ToArray(), Close);

        using var after = new Sequential([new GRU(1, resetAfter: true, returnSequences: true, inputShape: [2, 1])]);
        Assert.AreEqual(6, after.GetWeights()[2].Size);
        after.SetWeights(
            [new float[,] { { 0.1f, 0.2f, 0.3f } }, new float[,] { { 0.5f, 0.6f, 0.7f } },
                new float[,] { { 0.01f, 0.02f, 0.03f }, { 0.05f, 0.06f, 0.07f } }]);
        h = (1 - Sigmoid(0.16)) * Math.Tanh(0.33 + Sigmoid(0.28) * 0.07);
        (z, r) = (Sigmoid(0.16 + 0.5 * h), Sigmoid(0.28 + 0.6 * h));
        CollectionAssert.AreEqual(new[] { (float)h, (float)(z * h + (1 - z) * Math.Tanh(0.33 + r * (h * 0.7 + 0.07))) },
            after.Predict(new float[,,] { { { 1 }, { 1 } } }).ToArray(), Close);
    }

    static readonly System.Collections.IComparer Close =
        Comparer<float>.Create((a, b) => Math.Abs(a - b) < 1e-6f ? 0 : a.CompareTo(b));

    [TestMethod]
    [Rule("Stateful RNN")]
    [Rule("A stateful network")]
    public void A_stateful_network_needs_whole_batches_of_a_fixed_size()
    {
        Assert.Contains("it needs to know its batch size",
            Assert.ThrowsExactly<ArgumentException>(
                () => new Sequential([new LSTM(2, stateful: true, inputShape: [3, 1])])).Message);
        using var model = new Sequential([new LSTM(2, stateful: true, batchInputShape: [4, 3, 1]), new Dense(1)]);
        model.Compile("sgd", "mse");
        const string expected = "In a stateful network, you should only pass inputs with a number of samples that can "
            + "be divided by the batch size. Found: 10 samples";
        Assert.Contains(
            expected, Assert.ThrowsExactly<ArgumentException>(
                () => model.Fit(new NDArray(10, 3, 1), new NDArray(10, 1), verbose: 0)).Message);
        Assert.Contains(expected, Assert.ThrowsExactly<ArgumentException>(() => model.Predict(new NDArray(10, 3, 1)))
            .Message);

        // A masked step repeats the output before it, and leaves the states; a masked first step gives zeros whatever
        // the state is.
        using var masked = new Sequential(
            [new Masking(batchInputShape: [1, 3, 1]), new LSTM(2, stateful: true, returnSequences: true)]);
        masked.Predict(new float[,,] { { { 1 }, { 2 }, { 3 } } });
        NDArray p = masked.Predict(new float[,,] { { { 0 }, { 1 }, { 0 } } });
        Assert.AreEqual(0, p[0, 0, 0]);
        Assert.AreEqual(p[0, 1, 0], p[0, 2, 0]);
        Assert.AreNotEqual(0, p[0, 1, 0]);
    }

    [TestMethod]
    [Rule("`padding='same'`")]
    public void Padding_has_its_smaller_half_first_and_averages_count_valid_cells()
    {
        using var sum =
            new Sequential([new Conv1D(1, 4, padding: "same", kernelInitializer: "ones", inputShape: [5, 1])]);
        // 3 positions in total: 1 before, 2 after.
        CollectionAssert.AreEqual(new float[] { 6, 10, 14, 12, 9 },
            sum.Predict(new float[,,] { { { 1 }, { 2 }, { 3 }, { 4 }, { 5 } } }).ToArray());
        using var mean = new Sequential([new AveragePooling1D(3, strides: 2, padding: "same", inputShape: [4, 1])]);
        CollectionAssert.AreEqual(new float[] { 2, 3.5f },
            mean.Predict(new float[,,] { { { 1 }, { 2 }, { 3 }, { 4 } } }).ToArray());
    }

    [TestMethod]
    [Rule("BatchNormalization:")]
    public void Normalization_uses_batch_statistics_in_training_and_corrects_the_moving_variance()
    {
        NDArray x = Values(8, 3, 6), y = new(8, 3);
        var layer = new BatchNormalization(inputShape: [3]);
        Assert.AreEqual(0.99, layer.GetConfig()["momentum"]!.GetValue<double>());
        Assert.AreEqual(1e-3, layer.GetConfig()["epsilon"]!.GetValue<double>());
        using var model = new Sequential([layer]);
        model.Compile(new SGD(0), "mse");
        double[] mean = [.. Enumerable.Range(0, 3).Select(c => Enumerable.Range(0, 8).Average(r => (double)x[r, c]))];
        double[] variance = [.. Enumerable.Range(0, 3)
            .Select(c => Enumerable.Range(0, 8).Average(r => Math.Pow(x[r, c] - mean[c], 2)))];
        // The loss is that of values normalised by the batch, whether the layer is trained or frozen.
        double expected = Enumerable.Range(0, 24)
            .Average(i => Math.Pow((x[i / 3, i % 3] - mean[i % 3]) / Math.Sqrt(variance[i % 3] + 1e-3), 2));
        Assert.AreEqual(expected, model.TrainOnBatch(x, y)["loss"], 1e-5);
        NDArray[] weights = [.. layer.GetWeights()];
        for (int c = 0; c < 3; c++)
        {
            Assert.AreEqual(0.01 * mean[c], weights[2][c], 1e-6);
            Assert.AreEqual(0.99 + 0.01 * variance[c] * 8 / (8 - 1.001), weights[3][c], 1e-6);
        }
        layer.Trainable = false;
        model.Compile(new SGD(0), "mse");
        Assert.AreEqual(expected, model.TrainOnBatch(x, y)["loss"], 1e-5);
        CollectionAssert.AreEqual(weights[2].ToArray(), layer.GetWeights()[2].ToArray());
        Assert.AreEqual((x[0, 0] - weights[2][0]) / Math.Sqrt(weights[3][0] + 1e-3), model.Predict(x)[0, 0], 1e-5);
    }

    [TestMethod]
    [Rule("VarianceScaling normal")]
    public void Scaled_normals_are_truncated_penalties_have_no_half_and_activity_is_summed()
    {
        float[] values = ((Initializer)"he_normal").Call([400, 100]).ToArray();
        double deviation = Math.Sqrt(2.0 / 400) / 0.87962566;
        Assert.IsTrue(values.All(v => Math.Abs(v) <= 2 * deviation * 1.0001));
        Assert.AreEqual(2.0 / 400, values.Average(v => (double)v * v), 2e-4);

        NDArray w = Values(3, 2, 5);
        double Loss(Dense layer)
        {
            using var model = new Sequential([layer]);
            model.SetWeights([w]);
            model.Compile("sgd", "mse");
            return model.Evaluate(s_x, s_y, verbose: 0)["loss"];
        }
        Dense Layer(Regularizer? kernel = null, Regularizer? activity = null) =>
            new(2, useBias: false, kernelRegularizer: kernel, activityRegularizer: activity, inputShape: [3]);
        double plain = Loss(Layer());
        Assert.AreEqual(plain + 0.01 * w.ToArray().Sum(v => v * v), Loss(Layer("l2")), 1e-6);
        Assert.AreEqual(plain + 0.01 * w.ToArray().Sum(Math.Abs), Loss(Layer("l1")), 1e-6);
        using var model = new Sequential([Layer()]);
        model.SetWeights([w]);
        Assert.AreEqual(plain + 0.01 * model.Predict(s_x).ToArray().Sum(v => v * v), Loss(Layer(activity: "l2")), 1e-5);
    }

    [TestMethod]
    [Rule("`get_weights` per layer")]
    public void Weights_of_the_model_list_trainable_weights_first_and_get_weights_is_by_layer()
    {
        using var model = new Sequential(
            [new Dense(2, trainable: false, name: "still", inputShape: [3]), new Dense(1, name: "moving")]);
        CollectionAssert.AreEqual(new[] { "moving/kernel", "moving/bias", "still/kernel", "still/bias" },
            model.Weights.Select(w => w.Name).ToArray());
        CollectionAssert.AreEqual(new[] { 6, 2, 2, 1 }, model.GetWeights().Select(w => w.Size).ToArray());
        CollectionAssert.AreEqual(new[] { "gamma", "beta", "moving_mean", "moving_variance" },
            new Sequential([new BatchNormalization(name: "n", inputShape: [3])]).Layers[0]
            .Weights.Select(w => w.Name[2..]).ToArray());
    }

    [TestMethod]
    [Rule("epsilon = 1e-7")]
    [Rule("SGD v = ")]
    public void Optimizers_have_the_rates_of_Keras_and_follow_their_formulas()
    {
        (Optimizer, double)[] rates = [(new SGD(), 0.01), (new RMSprop(), 0.001), (new Adagrad(), 0.01),
            (new Adadelta(), 1), (new Adam(), 0.001), (new Adamax(), 0.002), (new Nadam(), 0.002)];
        foreach ((Optimizer optimizer, double rate) in rates)
        {
            Assert.AreEqual(rate, optimizer.LearningRate);
            if (optimizer is not SGD) Assert.AreEqual(1e-7, optimizer.GetConfig()["epsilon"]!.GetValue<double>());
        }
        Assert.AreEqual(0.004, new Nadam().GetConfig()["schedule_decay"]!.GetValue<double>());
        foreach (string name
            in new[] { "sgd, momentum, decay", "sgd, nesterov", "rmsprop", "adagrad", "adadelta", "adam",
                "adam, amsgrad", "adamax", "nadam" })
            new OptimizerTests().An_optimizer_follows_its_formula(name);
    }

    [TestMethod]
    [Rule("decay: lr / (1 + decay·t)")]
    public void Decay_counts_the_updates_before_and_lr_is_an_alias()
    {
        new OptimizerTests().An_optimizer_follows_its_formula("sgd, momentum, decay");
        var optimizer = new SGD(0.3);
        Assert.AreEqual(0.3, optimizer.Lr);
        optimizer.Lr = 0.2;
        Assert.AreEqual(0.2, optimizer.LearningRate);
    }

    [TestMethod]
    [Rule("**clipnorm is the GLOBAL norm")]
    public void Clipnorm_applies_to_all_gradients_and_a_second_fit_continues_counting()
    {
        using Sequential free = Model(), clipped = Model();
        free.Compile(new SGD(1), "mse");
        clipped.Compile(new SGD(1, clipnorm: 0.01), "mse");
        NDArray[] before = [.. free.GetWeights()];
        free.TrainOnBatch(s_x, s_y);
        clipped.TrainOnBatch(s_x, s_y);
        float[] gradient = [.. before.Zip(free.GetWeights())
            .SelectMany(p => p.First.ToArray().Zip(p.Second.ToArray(), (a, b) => a - b))];
        float[] step = [.. before.Zip(clipped.GetWeights())
            .SelectMany(p => p.First.ToArray().Zip(p.Second.ToArray(), (a, b) => a - b))];
        double length = Math.Sqrt(gradient.Sum(g => (double)g * g));
        for (int i = 0; i < step.Length; i++) Assert.AreEqual(gradient[i] * 0.01 / length, step[i], 1e-6);

        clipped.Fit(s_x, s_y, batchSize: 5, verbose: 0);
        Assert.AreEqual(3, clipped.Optimizer!.Iterations);
        float[] trained = clipped.GetWeights()[0].ToArray();
        clipped.Compile(clipped.Optimizer, "mse");
        Assert.AreEqual(0, clipped.Optimizer.Iterations);
        CollectionAssert.AreEqual(trained, clipped.GetWeights()[0].ToArray());
    }

    [TestMethod]
    [Rule("Reduction SUM_OVER_BATCH_SIZE")]
    public void A_weighted_loss_is_divided_by_the_number_of_values()
    {
        using Sequential model = Model();
        float[] weight = [.. Enumerable.Range(0, 10).Select(i => i / 3f)];
        NDArray p = model.Predict(s_x);
        double Row(int r) => Enumerable.Range(0, 2).Average(c => Math.Pow(p[r, c] - s_y[r, c], 2));
        double sum = Enumerable.Range(0, 10).Sum(r => weight[r] * Row(r));
        Assert.AreEqual(sum / 10, model.TestOnBatch(s_x, s_y, weight)["loss"], 1e-5);
        model.Compile("sgd", new Losses.MeanSquaredError(Reduction.Sum));
        Assert.AreEqual(sum, model.TestOnBatch(s_x, s_y, weight)["loss"], 1e-4);
        model.Compile("sgd", new Losses.MeanSquaredError(Reduction.None));
        Assert.AreEqual(sum / 10, model.TestOnBatch(s_x, s_y, weight)["loss"], 1e-5);
    }

    [TestMethod]
    [Rule("sample_weight × class_weight multiply")]
    public void Class_weights_multiply_by_the_largest_column_and_must_name_every_class_present()
    {
        using Sequential model = Model();
        NDArray y = new float[,] { { 1, 0 }, { 0, 1 }, { 0, 1 } }, x = Values(3, 3, 4);
        var classes = new Dictionary<int, double> { [0] = 2, [1] = 0.5, [7] = 9 };
        double expected = Model().TrainOnBatch(x, y, sampleWeight: new float[] { 2, 0.5f, 1.5f })["loss"];
        Assert.AreEqual(
            expected,
            model.TrainOnBatch(x, y, sampleWeight: new float[] { 1, 1, 3 }, classWeight: classes)["loss"], 1e-6);
        Assert.Contains("class 1",
            Assert.Throws<ArgumentException>(
                () => model.TrainOnBatch(x, y, classWeight: new Dictionary<int, double> { [0] = 1 })).Message);
        using var sequence = new Sequential([new Dense(2, inputShape: [4, 3])]);
        sequence.Compile("sgd", "mse");
        Assert.Contains("3+ dimensional",
            Assert.Throws<ArgumentException>(
                () => sequence.TrainOnBatch(new NDArray(2, 4, 3), new NDArray(2, 4, 2), classWeight: classes)).Message);
        // Never for validation data.
        using Sequential judged = Model();
        History history = judged.Fit(x, y, verbose: 0, classWeight: classes, validationData: (x, y));
        Assert.AreEqual(judged.Evaluate(x, y, verbose: 0)["loss"], history["val_loss"][0], 1e-6);
    }

    [TestMethod]
    [Rule("Regularization is added after")]
    public void Penalties_are_not_weighted()
    {
        using var model = new Sequential([new Dense(2, kernelRegularizer: "l2", inputShape: [3])]);
        model.Compile("sgd", "mse");
        double penalty = 0.01 * model.GetWeights()[0].ToArray().Sum(v => v * v);
        Assert.AreEqual(penalty, model.TestOnBatch(s_x, s_y, new float[10])["loss"], 1e-6);
    }

    [TestMethod]
    [Rule("Crossentropy: p/Σp")]
    public void Losses_clip_and_scale_as_Keras_does()
    {
        Assert.AreEqual(-Math.Log(0.25),
            Value("categorical_crossentropy", new float[,] { { 1, 0 } }, new float[,] { { 1, 3 } }), 1e-5);
        Assert.AreEqual(-Math.Log(1e-7),
            Value("categorical_crossentropy", new float[,] { { 1, 0 } }, new float[,] { { 0, 1 } }), 1e-3);
        Assert.AreEqual(Math.Log(1 / 1e-7),
            Value("kullback_leibler_divergence", new float[,] { { 1 } }, new float[,] { { 0 } }), 1e-3);
        Assert.AreEqual(0 - Math.Log(1e-7), Value("poisson", new float[,] { { 1 } }, new float[,] { { 0 } }), 1e-3);
        Assert.AreEqual(-1, Value("cosine_proximity", new float[,] { { 1, 2 } }, new float[,] { { 2, 4 } }), 1e-6);
        Assert.AreEqual(1.5, Value("hinge", new float[,] { { 0, 0 } }, new float[,] { { 0.5f, 0.5f } }), 1e-6);
        Assert.AreEqual(0.5, Value("hinge", new float[,] { { 1, 1 } }, new float[,] { { 0.5f, 0.5f } }), 1e-6);
        Assert.AreEqual((0.125 + 1.5) / 2,
            Value("huber_loss", new float[,] { { 0, 0 } }, new float[,] { { 0.5f, 2 } }), 1e-6);

        static double Value(string loss, NDArray t, NDArray p)
        {
            Tensor yTrue = K.Placeholder(t.Shape[0], t.Shape[1]), yPred = K.Placeholder(p.Shape[0], p.Shape[1]);
            using Function function = K.Function([yTrue, yPred], [((Loss)loss).Apply(yTrue, yPred)]);
            return function.Run(t, p)[0].Span[0];
        }
    }

    [TestMethod]
    [Rule("The string given is the name")]
    public void Metrics_are_named_as_given_and_numbered_between_the_lists()
    {
        using Sequential model = Model();
        model.Compile("sgd", "mse",
            metrics: ["acc", "acc", new Metrics.MeanAbsoluteError("mine"),
                Metric.FromFunction((t, p) => K.Mean(p - t, axis: -1), "bias")], weightedMetrics: ["acc"]);
        CollectionAssert.AreEqual(new[] { "loss", "acc", "mine", "bias", "acc_1" }, model.MetricsNames.ToArray());
    }

    [TestMethod]
    [Rule("`'accuracy'`, `'crossentropy'`")]
    public void Accuracy_depends_on_loss_and_output()
    {
        Assert.IsInstanceOfType<BinaryAccuracy>(Chosen(1, "mse"));
        Assert.IsInstanceOfType<BinaryAccuracy>(Chosen(3, "binary_crossentropy"));
        Assert.IsInstanceOfType<SparseCategoricalAccuracy>(Chosen(3, "sparse_categorical_crossentropy"));
        Assert.IsInstanceOfType<CategoricalAccuracy>(Chosen(3, "categorical_crossentropy"));
        Assert.IsInstanceOfType<CategoricalAccuracy>(Chosen(3, "mse"));

        static Metric Chosen(int outputs, string loss)
        {
            using var model = new Sequential([new Dense(outputs, inputShape: [2])]);
            model.Compile("sgd", loss, metrics: "accuracy");
            return model.Metrics[0];
        }
    }

    [TestMethod]
    [Rule("Metrics are stateful weighted means")]
    public void Metrics_ignore_weights_and_weighted_metrics_use_them()
    {
        using Sequential model = Model();
        model.Compile("sgd", "mse", metrics: "mae", weightedMetrics: "mae");
        float[] weight = [.. Enumerable.Range(0, 10).Select(i => (float)i)];
        Evaluation e = model.Evaluate(s_x, s_y, batchSize: 3, verbose: 0, sampleWeight: weight);
        NDArray p = model.Predict(s_x);
        double Row(int r) => Enumerable.Range(0, 2).Average(c => Math.Abs(p[r, c] - s_y[r, c]));
        Assert.AreEqual(Enumerable.Range(0, 10).Average(Row), e["mae"], 1e-5);
        Assert.AreEqual(Enumerable.Range(0, 10).Sum(r => weight[r] * Row(r)) / weight.Sum(), e["mae_1"], 1e-5);
    }

    [TestMethod]
    [Rule("`validation_split`")]
    public void The_split_takes_the_last_samples_and_explicit_data_takes_precedence()
    {
        using Sequential split = Model(), given = Model(), both = Model();
        History a = split.Fit(s_x, s_y, verbose: 0, shuffle: false, validationSplit: 0.35),
            b = given.Fit(s_x.Slice(0, 6), s_y.Slice(0, 6), verbose: 0, shuffle: false,
                validationData: (s_x.Slice(6, 4), s_y.Slice(6, 4)));
        Assert.AreEqual(b["loss"][0], a["loss"][0], 1e-6);
        Assert.AreEqual(b["val_loss"][0], a["val_loss"][0], 1e-6);
        History c = both.Fit(s_x, s_y, verbose: 0, shuffle: false, validationSplit: 0.5,
            validationData: (s_x.Slice(0, 2), s_y.Slice(0, 2)));
        Assert.AreEqual(both.Evaluate(s_x.Slice(0, 2), s_y.Slice(0, 2), verbose: 0)["loss"], c["val_loss"][0], 1e-6);
        new TrainingTests().Shuffling_uses_every_sample_once(byBatch: true);
    }

    [TestMethod]
    [Rule("Epoch loss = ")]
    public void The_epochs_loss_is_the_mean_over_samples()
    {
        using Sequential model = Model();
        var losses = new List<(double Loss, double Size)>();
        History history = model.Fit(s_x, s_y, batchSize: 4, verbose: 0,
            callbacks: [new LambdaCallback(onBatchEnd: (_, logs) => losses.Add((logs["loss"], logs["size"])))]);
        CollectionAssert.AreEqual(new[] { 4.0, 4, 2 }, losses.Select(l => l.Size).ToArray());
        Assert.AreEqual(losses.Sum(l => l.Loss * l.Size) / 10, history["loss"][0], 1e-9);
    }

    [TestMethod]
    [Rule("History: `val_*` keys come first")]
    public void The_history_has_validation_first_and_skips_epochs_without_it()
    {
        using Sequential model = Model();
        History history = model.Fit(s_x, s_y, epochs: 5, verbose: 0, validationData: (s_x, s_y), validationFreq: 2);
        CollectionAssert.AreEqual(new[] { "loss", "val_loss" }, history.Keys.ToArray());
        CollectionAssert.AreEqual(new[] { "val_loss", "loss" },
            model.Fit(s_x, s_y, verbose: 0, validationData: (s_x, s_y)).Keys.ToArray());
        Assert.HasCount(2, history["val_loss"]);
        CollectionAssert.AreEqual(new[] { 0, 1, 2, 3, 4 }, history.Epoch.ToArray());
        Assert.HasCount(
            2, model.Fit(s_x, s_y, epochs: 5, verbose: 0, validationData: (s_x, s_y),
                validationFreq: new[] { 1, 4 })["val_loss"]);
        Assert.HasCount(0, model.Fit(s_x, s_y, epochs: 0, verbose: 0).Epoch);
    }

    [TestMethod]
    [Rule("`steps_per_epoch` with arrays")]
    public void Steps_over_arrays_are_updates_on_all_data_and_exclude_a_batch_size()
    {
        using Sequential model = Model(), whole = Model();
        model.Fit(s_x, s_y, epochs: 2, stepsPerEpoch: 3, verbose: 0);
        for (int i = 0; i < 6; i++) whole.TrainOnBatch(s_x, s_y);
        CollectionAssert.AreEqual(whole.GetWeights()[0].ToArray(), model.GetWeights()[0].ToArray());
        Assert.Contains("the `batch_size` must be None",
            Assert.Throws<ArgumentException>(() => model.Fit(s_x, s_y, batchSize: 2, stepsPerEpoch: 3)).Message);
        Assert.Contains("validation_steps",
            Assert.Throws<ArgumentException>(() => model.Fit(s_x, s_y, stepsPerEpoch: 3, validationData: (s_x, s_y)))
            .Message);
        Assert.Contains("steps_per_epoch",
            Assert.Throws<ArgumentException>(() => model.Fit(s_x, s_y, validationSteps: 3, validationData: (s_x, s_y)))
            .Message);
    }

    [TestMethod]
    [Rule("Stop in mid-epoch")]
    public void A_stop_skips_validation_but_not_the_end_of_the_epoch_and_generators_leak_nothing()
    {
        using Sequential model = Model();
        int ends = 0;
        var end = new LambdaCallback(onEpochEnd: (_, logs) =>
        {
            ends++;
            Assert.IsFalse(logs.ContainsKey("val_loss"));
        });
        // Also on the last batch, where Keras ignores the stop.
        foreach (int batch in new[] { 1, 4 })
        {
            History history = model.Fit(s_x, s_y, batchSize: 2, epochs: 5, verbose: 0, validationData: (s_x, s_y),
                callbacks: [new LambdaCallback(onBatchEnd: (b, _) => model.StopTraining |= b == batch), end]);
            Assert.HasCount(1, history.Epoch);
        }
        Assert.AreEqual(2, ends);
        List<string> keys = [];
        model.Fit(new List<Batch> { (s_x, s_y) }, epochs: 3, verbose: 0, validationData: (s_x, s_y), validationFreq: 2,
            callbacks: [new LambdaCallback(onEpochEnd: (_, logs) => keys.Add(string.Join(',', logs.Keys)))]);
        CollectionAssert.AreEqual(new[] { "loss", "val_loss,loss", "loss" }, keys);
    }

    [TestMethod]
    [Rule("BUG: `evaluate(steps=k)`")]
    public void Evaluations_by_steps_and_by_batches_are_means_over_samples()
    {
        using Sequential model = Model();
        model.Compile("sgd", "mse", metrics: "mae");
        double[] expected = [.. model.Evaluate(s_x, s_y, verbose: 0).Values];
        double[] steps = [.. model.Evaluate(s_x, s_y, steps: 3, verbose: 0).Values];
        double[] batches = [
            .. model.EvaluateGenerator(
                new List<Batch> { (s_x.Slice(0, 7), s_y.Slice(0, 7)), (s_x.Slice(7, 3), s_y.Slice(7, 3)) }).Values];
        for (int i = 0; i < 2; i++)
        {
            Assert.AreEqual(expected[i], steps[i], 1e-6);
            Assert.AreEqual(expected[i], batches[i], 1e-6);
        }
    }

    [TestMethod]
    [Rule("train_on_batch: `reset_metrics=True`")]
    public void Metrics_can_accumulate_over_batches_but_never_the_loss()
    {
        using Sequential model = Model(), other = Model();
        model.Compile(new SGD(0), "mse", metrics: "mae");
        NDArray x1 = s_x.Slice(0, 3), y1 = s_y.Slice(0, 3), x2 = s_x.Slice(3, 7), y2 = s_y.Slice(3, 7);
        Evaluation first = model.TrainOnBatch(x1, y1), second = model.TrainOnBatch(x2, y2);
        Assert.AreEqual(first["mae"], model.TrainOnBatch(x1, y1, resetMetrics: false)["mae"], 1e-6);
        Evaluation both = model.TestOnBatch(x2, y2, resetMetrics: false);
        Assert.AreEqual((3 * first["mae"] + 7 * second["mae"]) / 10, both["mae"], 1e-6);
        Assert.AreEqual(second["loss"], both["loss"], 1e-6);
        Assert.AreEqual(0, model.Predict(new NDArray(0, 3)).Size);
    }

    [TestMethod]
    [Rule("predict works uncompiled")]
    public void Prediction_needs_no_compilation()
    {
        using var model = new Sequential([new Dense(2, activation: "softmax", inputShape: [3])]);
        CollectionAssert.AreEqual(new[] { "loss" }, model.MetricsNames.ToArray());
        NDArray p = model.Predict(s_x), classes = model.PredictClasses(s_x);
        for (int i = 0; i < 10; i++) Assert.AreEqual(p[i, 0] >= p[i, 1] ? 0f : 1f, classes[i]);
        using var single = new Sequential([new Dense(1, activation: "sigmoid", inputShape: [3])]);
        CollectionAssert.AreEqual(single.Predict(s_x).ToArray().Select(v => v > 0.5f ? 1f : 0f).ToArray(),
            single.PredictClasses(s_x).ToArray());
        CollectionAssert.AreEqual(new[] { 10, 1 }, single.PredictClasses(s_x).Shape.ToArray());
    }

    [TestMethod]
    [Rule("Deferred build")]
    public void Without_an_input_shape_the_first_fit_builds_and_compile_is_remembered()
    {
        using var model = new Sequential([new Dense(2)]);
        model.Compile("adam", "mse", metrics: "mae");
        Assert.IsEmpty(model.Weights);
        model.Fit(s_x, s_y, verbose: 0);
        Assert.HasCount(2, model.Weights);
        CollectionAssert.AreEqual(new[] { "loss", "mae" }, model.MetricsNames.ToArray());
    }

    [TestMethod]
    [Rule("Uncompiled fit")]
    [Rule("\"Error when checking input")]
    [Rule("\"Input arrays should have")]
    [Rule("\"Unknown loss function")]
    public void Errors_say_at_least_what_Keras_says()
    {
        using var bare = new Sequential([new Dense(2, inputShape: [3])]);
        foreach (Action call in new Action[]
            { () => bare.Fit(s_x, s_y), () => bare.Evaluate(s_x, s_y), () => bare.TrainOnBatch(s_x, s_y) })
            Assert.Contains("You must compile a model before training/testing. Use `model.Compile(optimizer, loss)`.",
                Assert.Throws<InvalidOperationException>(call).Message);
        using Sequential model = Model();
        Says("Error when checking input: expected dense_1_input to have shape (3,) but got array with shape (4,)",
            () => model.Fit(Values(10, 4, 1), s_y));
        Says("expected dense_1_input to have 2 dimensions, but got array with shape (10, 3, 1)",
            () => model.Fit(s_x.Reshape(10, 3, 1), s_y));
        Says("Error when checking target: expected dense_1 to have shape (2,) but got array with shape (1,)",
            () => model.Fit(s_x, new float[10]));
        Says("Input arrays should have the same number of samples as target arrays. Found 10 input samples and 9 "
            + "target samples.", () => model.Fit(s_x, s_y.Slice(0, 9)));
        Says("Unknown loss function", () => model.Compile("sgd", "foo"));
        Says("Unknown optimizer", () => model.Compile("foo", "mse"));
        Says("Unknown metric", () => model.Compile("sgd", "mse", metrics: "foo"));
        Says("The added layer must be an instance of class Layer.", () => model.Add(null!));
        Says("Input 0 is incompatible with layer", () => model.Add(new NeedsThree()));
        Assert.Contains("There are no layers in the model.",
            Assert.Throws<InvalidOperationException>(() => new Sequential().Pop()).Message);
        Assert.Contains("This model has not yet been built.",
            Assert.Throws<InvalidOperationException>(() => new Sequential([new Dense(2)]).Summary()).Message);

        static void Says(string expected, Action call) =>
            Assert.Contains(expected, Assert.Throws<ArgumentException>(call).Message);
    }

    [TestMethod]
    [Rule("EarlyStopping: stops when")]
    public void Callbacks_wait_compare_and_restore_as_in_Keras()
    {
        Assert.AreEqual(2, Epochs(new EarlyStopping("loss"), 3, 3, 1));
        Assert.AreEqual(4, Epochs(new EarlyStopping("loss", patience: 2), 3, 2, 2, 2, 1));
        Assert.AreEqual(2, Epochs(new EarlyStopping("my_acc"), 0.5, 0.4, 0.9),
            "acc in the name means larger is better");
        Assert.AreEqual(3, Epochs(new EarlyStopping("fit"), 3, 2, 2.5, 1), "everything else means smaller is better");
        using Sequential model = Model();
        History history = model.Fit(s_x, s_y, epochs: 3, verbose: 0,
            callbacks: [new LearningRateScheduler(e => 0.1 / (e + 1)), new ReduceLROnPlateau("loss")]);
        CollectionAssert.AreEqual(new[] { 0.1, 0.05, 0.1 / 3 }, history["lr"].ToArray());

        static int Epochs(EarlyStopping stop, params double[] values)
        {
            using Sequential model = Model();
            var script = new LambdaCallback(onEpochEnd: (epoch, logs) => logs["loss"] = logs["my_acc"] = logs["fit"] =
                values[epoch]);
            return model.Fit(s_x, s_y, epochs: values.Length, verbose: 0, callbacks: [script, stop]).Epoch.Count;
        }
    }

    static Sequential Model()
    {
        var model =
            new Sequential([new Dense(2, kernelInitializer: new RandomNormal(stddev: 0.5, seed: 8), inputShape: [3])]);
        model.Compile(new SGD(0.1), "mse");
        return model;
    }

    static NDArray Values(int rows, int columns, int seed)
    {
        var random = new Random(seed);
        var array = new NDArray(rows, columns);
        foreach (ref float value in array.Span) value = random.NextSingle();
        return array;
    }

    /// <summary>A layer that needs three dimensions.</summary>
    sealed class NeedsThree : Layer
    {
        protected override int? InputRank => 3;

        public override Tensor Call(Tensor x) => x;
    }

    /// <summary>The start of the rule that a test checks.</summary>
    [AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
    sealed class RuleAttribute(string start) : Attribute
    {
        public string Start { get; } = start;
    }
}
