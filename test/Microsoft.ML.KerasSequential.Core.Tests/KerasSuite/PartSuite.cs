using Microsoft.ML.KerasSequential.Constraints;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Optimizers;
using Microsoft.ML.KerasSequential.Regularizers;
using static Microsoft.ML.KerasSequential.Tests.KerasSuite.LayerCheck;
using Activation = Microsoft.ML.KerasSequential.Activations.Activation;

namespace Microsoft.ML.KerasSequential.Tests.KerasSuite;

/// <summary>The facts of Keras 2.3.1's tests of initializers, constraints, regularizers, optimizers and
/// activations.</summary>
[TestClass]
public sealed class PartSuite
{
    static readonly int[][] s_shapes = [[200, 100], [25, 25, 20, 20]];

    [TestMethod]
    public void Initializers_have_their_mean_standard_deviation_and_bounds()
    {
        foreach (int[] shape in s_shapes)
        {
            int window = shape.Length > 2 ? shape[0] * shape[1] : 1;
            double fanIn = shape[^2] * window, fanOut = shape[^1] * window;
            Holds(new RandomUniform(-1, 1), shape, mean: 0, max: 1, min: -1);
            Holds(new RandomNormal(0, 1), shape, mean: 0, deviation: 1);
            Holds(new TruncatedNormal(0, 1), shape, mean: 0, max: 2, min: -2);
            Holds(new Initializers.Constant(2), shape, mean: 2, max: 2, min: 2);
            Holds("lecun_uniform", shape, mean: 0, deviation: Math.Sqrt(1 / fanIn));
            Holds("glorot_uniform", shape, mean: 0, deviation: Math.Sqrt(2 / (fanIn + fanOut)));
            Holds("he_uniform", shape, mean: 0, deviation: Math.Sqrt(2 / fanIn));
            Holds("lecun_normal", shape, mean: 0, deviation: Math.Sqrt(1 / fanIn));
            Holds("glorot_normal", shape, mean: 0, deviation: Math.Sqrt(2 / (fanIn + fanOut)));
            Holds("he_normal", shape, mean: 0, deviation: Math.Sqrt(2 / fanIn));
            Holds("orthogonal", shape, mean: 0);
            Holds("zeros", shape, mean: 0, max: 0);
            Holds("ones", shape, mean: 1, max: 1);
        }
        foreach (int[] shape in new int[][] { [100, 100], [10, 20], [30, 80] })
            Holds("identity", shape, mean: (double)shape.Min() / (shape[0] * shape[1]), max: 1);
        Assert.ThrowsExactly<ArgumentException>(() => ((Initializer)"identity").Call([1, 2, 3, 4]));
    }

    static void Holds(Initializer initializer, int[] shape, double? mean = null, double? deviation = null,
        double? max = null, double? min = null)
    {
        const double limit = 3e-2;
        float[] values = initializer.Call(shape, seed: 5).ToArray();
        double average = values.Average(v => (double)v);
        if (mean is double m) Assert.AreEqual(m, average, limit);
        if (deviation is double d)
            Assert.AreEqual(d, Math.Sqrt(values.Average(v => (v - average) * (v - average))), limit);
        if (max is double high) Assert.AreEqual(high, values.Max(), limit);
        if (min is double low) Assert.AreEqual(low, values.Min(), limit);
    }

    [TestMethod]
    public void A_seeded_initializer_returns_different_values_at_each_call()
    {
        foreach (Func<Initializer> make in new Func<Initializer>[]
        {
            () => new Orthogonal(seed: 1337), () => new RandomUniform(seed: 1337), () => new RandomNormal(seed: 1337),
                () => new TruncatedNormal(seed: 1337),
            () => new VarianceScaling(seed: 1337),
        })
        {
            Initializer one = make(), same = make();
            NDArray first = one.Call([2, 2]), second = one.Call([2, 2]);
            CollectionAssert.AreNotEqual(first.ToArray(), second.ToArray());
            CollectionAssert.AreEqual(first.ToArray(), same.Call([2, 2]).ToArray());
            CollectionAssert.AreEqual(second.ToArray(), same.Call([2, 2]).ToArray());
        }
    }

    static readonly double[] s_limits = [0.1, 0.5, 3, 8, 1e-7];

    static NDArray Example()
    {
        NDArray x = Random(100, 100, 100);
        foreach (ref float value in x.Span) value -= 50;
        x[0, 0] = 0;
        return x;
    }

    [TestMethod]
    public void Constraints_enforce_their_definitions()
    {
        NDArray example = Example();
        foreach (double limit in s_limits)
        {
            Assert.IsTrue(Applied(new MaxNorm(limit), example).ToArray().All(v => v < limit));
            foreach (double norm in Norms(Applied(new MinMaxNorm(limit, 2 * limit), example)))
                Assert.IsTrue(norm >= limit * (1 - 1e-6) && norm <= 2 * limit + 1e-5,
                    $"{norm} is not between {limit} and {2 * limit}");
        }
        foreach (double norm in Norms(Applied(new UnitNorm(), example))) Assert.AreEqual(1, norm, 1e-4);
        Assert.AreEqual(0, Applied(new NonNeg(), example).ToArray().Min());

        float root = 2 / MathF.Sqrt(3);
        NDArray columns = new float[,] { { 0, 1, 3, 3 }, { 0, 0, 0, 3 }, { 0, 0, 0, 3 } };
        Close(new float[,] { { 0, 1, 2, root }, { 0, 0, 0, root }, { 0, 0, 0, root } },
            Applied(new MaxNorm(2), columns), 1e-5, 1e-6);
    }

    static NDArray Applied(Constraint constraint, NDArray values)
    {
        using Function function = K.Function([], [constraint.Call(K.Constant(values))]);
        return function.Run()[0];
    }

    static IEnumerable<double> Norms(NDArray x) =>
        Enumerable.Range(0, x.Shape[1])
            .Select(c => Math.Sqrt(Enumerable.Range(0, x.Shape[0]).Sum(r => (double)x[r, c] * x[r, c])));

    [TestMethod]
    public void Constraints_are_restored_from_their_names_and_configurations()
    {
        foreach ((string name, Type type)
            in new[] { ("max_norm", typeof(MaxNorm)), ("non_neg", typeof(NonNeg)), ("unit_norm", typeof(UnitNorm)),
                ("min_max_norm", typeof(MinMaxNorm)) })
        {
            Constraint constraint = name;
            Assert.AreEqual(type, constraint.GetType());
            Assert.AreEqual(
                type, Constraint.FromConfig(
                    Json($$"""{"class_name": "{{type.Name}}", "config": {{constraint.GetConfig().ToJsonString()}}}"""))
                .GetType());
        }
    }

    static System.Text.Json.JsonElement Json(string text) => System.Text.Json.JsonDocument.Parse(text).RootElement;

    [TestMethod]
    public void Penalties_train_on_weights_and_on_outputs()
    {
        (NDArray x, NDArray y) = Classes(10, 5);
        foreach (Regularizer penalty in new Regularizer[] { "l1", "l2", "l1_l2" })
            foreach (bool ofOutput in new[] { false, true })
            {
                using var model = new Sequential(
                    [new Dense(2, kernelRegularizer: ofOutput ? null : penalty,
                        activityRegularizer: ofOutput ? penalty : null, inputShape: [5])]);
                model.Compile("sgd", "mse");
                NDArray predicted = model.Predict(x);
                double plain = Enumerable.Range(0, predicted.Size)
                    .Average(i => Math.Pow(predicted.Span[i] - y.Span[i], 2));
                Assert.IsTrue(model.TrainOnBatch(x, y)["loss"] > plain);
            }
    }

    /// <summary>Two classes whose values are close to their indices, as in Keras' tests.</summary>
    static (NDArray X, NDArray Y) Classes(int count, int size)
    {
        NDArray x = Normal(0, 0.7, count, size), y = new(count, 2);
        for (int i = 0; i < count; i++)
        {
            int label = i % 2;
            y[i, label] = 1;
            for (int k = 0; k < size; k++) x[i, k] += label;
        }
        return (x, y);
    }

    static IEnumerable<object[]> OptimizerCases =>
    [
        ["sgd", () => new SGD(0.01, momentum: 0.9, nesterov: true), 0.75],
            ["clipnorm", () => new SGD(0.01, momentum: 0.9, clipnorm: 0.5), 0.75],
        ["clipvalue", () => new SGD(0.01, momentum: 0.9, clipvalue: 0.5), 0.75], ["rmsprop", () => new RMSprop(), 0.75],
            ["rmsprop, decay", () => new RMSprop(decay: 1e-3), 0.75],
        ["adagrad", () => new Adagrad(), 0.75], ["adagrad, decay", () => new Adagrad(decay: 1e-3), 0.75],
            ["adadelta", () => new Adadelta(), 0.6],
        ["adadelta, decay", () => new Adadelta(decay: 1e-3), 0.6], ["adam", () => new Adam(), 0.75],
            ["adam, decay", () => new Adam(decay: 1e-3), 0.75],
        ["adamax", () => new Adamax(), 0.75], ["adamax, decay", () => new Adamax(decay: 1e-3), 0.75],
            ["nadam", () => new Nadam(), 0.75],
        ["amsgrad", () => new Adam(amsgrad: true), 0.75],
            ["amsgrad, decay", () => new Adam(amsgrad: true, decay: 1e-3), 0.75],
    ];

    [TestMethod]
    [DynamicData(nameof(OptimizerCases))]
    public void An_optimizer_learns_two_classes_keeps_constraints_and_is_restored(
        string name, Func<Optimizer> make, double target)
    {
        K.SetRandomSeed(1337);
        (NDArray x, NDArray y) = Classes(1000, 10);
        Optimizer optimizer = make();
        using (var model = new Sequential(
            [new Dense(10, inputShape: [10]), new Layers.Activation("relu"), new Dense(2),
                new Layers.Activation("softmax")]))
        {
            model.Compile(optimizer, "categorical_crossentropy", metrics: ["accuracy"]);
            Assert.IsTrue(model.Fit(x, y, epochs: 3, batchSize: 16, verbose: 0)["accuracy"][^1] >= target, name);
        }
        string config = optimizer.GetConfig().ToJsonString();
        Assert.AreEqual(
            config, Optimizer.FromConfig(
                Json($$"""{"class_name": "{{optimizer.GetType().Name}}", "config": {{config}}}""")).GetConfig()
            .ToJsonString());

        var dense = new Dense(10, inputShape: [10], kernelConstraint: Constraint.FromFunction(w => 0 * w + 1),
            biasConstraint: Constraint.FromFunction(w => 0 * w + 2));
        using (var model =
            new Sequential([dense, new Layers.Activation("relu"), new Dense(2), new Layers.Activation("softmax")]))
        {
            model.Compile(make(), "categorical_crossentropy", metrics: ["accuracy"]);
            model.TrainOnBatch(x.Slice(0, 10), y.Slice(0, 10));
            Assert.IsTrue(dense.GetWeights()[0].ToArray().All(v => v == 1)
                && dense.GetWeights()[1].ToArray().All(v => v == 2));
        }

        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".zip");
        try
        {
            using var model = new Sequential([new Dense(1, inputShape: [1])]);
            model.Compile(make(), "mse");
            model.Fit(new NDArray(1, 1), new NDArray(1, 1), verbose: 0);
            model.Save(path);
            using Sequential loaded = Sequential.Load(path);
            for (int i = 0; i < 2; i++)
                CollectionAssert.AreEqual(model.GetWeights()[i].ToArray(), loaded.GetWeights()[i].ToArray());
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    public void A_loss_without_a_gradient_is_rejected()
    {
        using var model =
            new Sequential([new Dense(10, inputShape: [3]), new Lambda(x => K.ExpandDims(K.Argmax(x, -1)))]);
        model.Compile("sgd", "mse");
        float[] before = model.GetWeights()[0].ToArray();
        Assert.Contains("dense_1",
            Assert.ThrowsExactly<ArgumentException>(
                () => model.Fit(new NDArray(10, 3), new NDArray(10, 1), batchSize: 10, epochs: 10, verbose: 0))
            .Message);
        CollectionAssert.AreEqual(before, model.GetWeights()[0].ToArray());
    }

    [TestMethod]
    [DataRow("softplus")]
    [DataRow("softsign")]
    [DataRow("sigmoid")]
    [DataRow("hard_sigmoid")]
    [DataRow("relu")]
    [DataRow("selu")]
    [DataRow("tanh")]
    [DataRow("linear")]
    [DataRow("exponential")]
    public void Activations_follow_their_definitions(string name)
    {
        double Reference(double x) => name switch
        {
            "softplus" => Math.Log(1 + Math.Exp(x)),
            "softsign" => x / (1 + Math.Abs(x)),
            "sigmoid" => 1 / (1 + Math.Exp(-x)),
            "hard_sigmoid" => Math.Clamp(0.2 * x + 0.5, 0, 1),
            "relu" => Math.Max(x, 0),
            "selu" => 1.0507009873554804934193349852946 * (x >= 0 ? x
                : 1.6732632423543772848170429916717 * (Math.Exp(x) - 1)),
            "tanh" => Math.Tanh(x),
            "exponential" => Math.Exp(x),
            _ => x,
        };
        NDArray values = new float[,] { { 0, 0.1f, 0.5f, 0.9f, 1, -1, -2, 3, -40 } };
        NDArray y = Called(name, values);
        for (int i = 0; i < values.Size; i++)
            GoldenCase.AssertClose(y.Span[i], Reference(values.Span[i]), 1e-5, 1e-7, $"{name}({values.Span[i]})");
        Activation activation = name;
        Assert.AreEqual(name, activation.Name);
        Assert.AreEqual(name, Activation.FromConfig(Json($"\"{name}\"")).Name);
    }

    static NDArray Called(Activation activation, NDArray x)
    {
        Tensor input = K.Placeholder([.. x.Shape.ToArray().Select(d => (int?)d)]);
        using Function function = K.Function([input], [activation.Call(input)]);
        return function.Run(x)[0];
    }

    [TestMethod]
    public void Elu_relu_and_softmax_take_their_arguments()
    {
        NDArray x = new float[,] { { 0, 0.1f, 0.5f, 0.9f, 1, -1, -2, 1.5f, 6 } };
        NDArray elu = Called((Func<Tensor, Tensor>)(t => K.Elu(t, 0.5)), x),
            capped = Called((Func<Tensor, Tensor>)(t => K.Relu(t, maxValue: 1)), x);
        for (int i = 0; i < x.Size; i++)
        {
            double v = x.Span[i];
            GoldenCase.AssertClose(elu.Span[i], v >= 0 ? v : (Math.Exp(v) - 1) / 2, 1e-6, 1e-7, $"elu({v})");
            Assert.AreEqual(Math.Clamp(v, 0, 1), capped.Span[i], 1e-7);
        }
        double sum = x.ToArray().Sum(v => Math.Exp(v));
        NDArray rows = Called("softmax", x),
            steps = Called((Func<Tensor, Tensor>)(t => K.Softmax(t, axis: 1)), x.Reshape(1, x.Size, 1));
        for (int i = 0; i < x.Size; i++)
        {
            Assert.AreEqual(Math.Exp(x.Span[i]) / sum, rows.Span[i], 1e-6);
            Assert.AreEqual(Math.Exp(x.Span[i]) / sum, steps.Span[i], 1e-6);
        }
        Assert.ThrowsExactly<ArgumentException>(() => ((Activation)"softmax").Call(K.Placeholder((int?)null)));
        Assert.ThrowsExactly<ArgumentException>(() => (Activation)"six");
        Assert.AreEqual("linear", new Layers.Dense(2).GetConfig()["activation"]!.GetValue<string>());
    }
}
