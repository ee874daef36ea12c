using System.Reflection;
using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Losses;
using Microsoft.ML.KerasSequential.Metrics;
using Microsoft.ML.KerasSequential.Optimizers;

namespace User;

/// <summary>The first lines that a C# user writes, outside the library's namespace, compile and do what they
/// say.</summary>
[TestClass]
public sealed class FirstLinesTests
{
    [TestMethod]
    public void Arrays_of_any_number_type_and_of_Booleans_convert()
    {
        Same([1, 0, 1], [3], new bool[] { true, false, true });
        Same([1, 0], [1, 2], new bool[,] { { true, false } });
        Same([1, 0], [1, 2], new bool[][] { [true, false] });
        Same([5, -6], [2], new long[] { 5, -6 });
        Same([5, 6], [1, 2], new long[,] { { 5, 6 } });
        Same([1, 255], [2], new byte[] { 1, 255 });
        Same([1, 255], [1, 2], new byte[,] { { 1, 255 } });
        Same([1, 2, 3, 4], [1, 2, 2], new byte[,,] { { { 1, 2 }, { 3, 4 } } });
        Same([7], [1, 1, 1, 1], new byte[,,,] { { { { 7 } } } });
        Same([7], [1, 1, 1, 1, 1], new byte[,,,,] { { { { { 7 } } } } });
        Same([-1, 2], [2], new sbyte[] { -1, 2 });
        Same([-1, 2], [1, 2], new short[,] { { -1, 2 } });
        Same([65535], [1], new ushort[] { 65535 });
        Same([4294967296], [1], new uint[] { 4294967295 });
        Same([2], [1, 1], new ulong[][] { [2] });
        Same([0.5f], [1], new Half[] { (Half)0.5 });
        Same([0.1f], [1], new decimal[] { 0.1m });
        Same([1, 2, 3, 4], [2, 2], new float[][] { [1, 2], [3, 4] });
        Same([1, 2, 3, 4], [1, 2, 2], new float[][][] { [[1, 2], [3, 4]] });
        Same([1, 2, 3, 4], [1, 2, 2], new double[][][] { [[1, 2], [3, 4]] });
        Same([9], [1, 1, 1, 1, 1], new float[,,,,] { { { { { 9 } } } } });
        Same([1], [], true);
        Same([3], [], 3L);
        Same([3], [], (byte)3);
    }

    [TestMethod]
    public void Lists_spans_and_memory_convert()
    {
        float[] three = [1, 2, 3];
        ReadOnlySpan<float> span = three;
        Span<float> writable = three;
        ReadOnlySpan<double> doubles = [1, 2, 3];
        ReadOnlySpan<byte> bytes = [1, 2, 3];
        ReadOnlySpan<bool> truths = [true, false];
        Same(three, [3], new List<float> { 1, 2, 3 });
        Same(three, [3], new List<double> { 1, 2, 3 });
        Same(three, [3], new List<int> { 1, 2, 3 });
        Same(three, [3], new List<long> { 1, 2, 3 });
        Same(three, [3], new List<byte> { 1, 2, 3 });
        Same([1, 0], [2], new List<bool> { true, false });
        Same(three, [1, 3], new List<float[]> { three });
        Same(three, [1, 3], new List<List<float>> { new() { 1, 2, 3 } });
        Same(three, [3], span);
        Same(three, [3], writable);
        Same(three, [3], new ReadOnlyMemory<float>(three));
        Same(three, [3], new Memory<float>(three));
        Same(three, [3], three.AsMemory());
        Same([2, 3], [2], three.AsSpan(1));
        Same(three, [3], doubles);
        Same(three, [3], bytes);
        Same([1, 0], [2], truths);
        NDArray copy = span;
        copy[0] = 9;
        Assert.AreEqual(1f, three[0]);
    }

    [TestMethod]
    public void Nested_arrays_of_any_kind_stack_or_report_what_differs()
    {
        Same([1, 2, 3, 4], [2, 1, 2],
            NDArray.FromArray(new float[][,] { new float[,] { { 1, 2 } }, new float[,] { { 3, 4 } } }));
        Same([1, 2], [1, 1, 2, 1], NDArray.FromArray(new int[][][][] { [[[1], [2]]] }));
        Same([], [0, 0, 0], Array.Empty<float[][]>());
        Assert.Contains(
            "(2,)", Assert.ThrowsExactly<ArgumentException>(() => NDArray.FromArray(new int[][] { [1], [1, 2] }))
            .Message);
        Assert.Contains("Array 0",
            Assert.ThrowsExactly<ArgumentException>(() => NDArray.FromArray(new int[][] { null! })).Message);
        Assert.Contains("String", Assert.ThrowsExactly<ArgumentException>(() => NDArray.FromArray(new[] { "a" }))
            .Message);
        Assert.ThrowsExactly<ArgumentNullException>(() => (NDArray)(List<float>)null!);
        Assert.ThrowsExactly<ArgumentNullException>(() => (NDArray)(long[])null!);
    }

    [TestMethod]
    public void Integers_beyond_float32_are_rounded_to_the_nearest_value()
    {
        Same([16777216, 16777220, 9007199254740992], [3], new long[] { 16777217, 16777219, 9007199254740993 });
        Same([16777216], [1], new uint[] { 16777217 });
    }

    [TestMethod]
    public void Fit_and_Predict_take_such_arrays_as_they_are()
    {
        using Sequential model = Model();
        model.Compile("sgd", "mse");
        model.Fit(new byte[,] { { 1, 2 }, { 3, 4 } }, new bool[] { true, false }, verbose: 0,
            validationData: (new long[,] { { 1, 2 } }, new byte[] { 1 }));
        model.Fit(new List<float[]> { new float[] { 1, 2 } }, new List<float> { 1 }, verbose: 0);
        Assert.AreEqual(2, model.Predict(new long[,] { { 1, 2 }, { 3, 4 } }).Shape[0]);
        Assert.AreEqual(1, model.Predict([new float[,] { { 1, 2 } }]).Shape[0]);
    }

    [TestMethod]
    public void Initializers_have_classes_of_their_names_and_are_serialized_as_in_Keras()
    {
        (Initializer Short, Initializer Long, string Name)[] all =
        [
            (new GlorotUniform(seed: 1), new VarianceScaling(1, "fan_avg", "uniform", 1), "glorot_uniform"),
            (new GlorotNormal(seed: 1), new VarianceScaling(1, "fan_avg", "normal", 1), "glorot_normal"),
            (new HeUniform(seed: 1), new VarianceScaling(2, "fan_in", "uniform", 1), "he_uniform"),
            (new HeNormal(seed: 1), new VarianceScaling(2, "fan_in", "normal", 1), "he_normal"),
            (new LecunUniform(seed: 1), new VarianceScaling(1, "fan_in", "uniform", 1), "lecun_uniform"),
            (new LecunNormal(seed: 1), new VarianceScaling(1, "fan_in", "normal", 1), "lecun_normal"),
        ];
        foreach ((Initializer own, Initializer general, string name) in all)
        {
            float[] first = general.Call([3, 4]).ToArray();
            CollectionAssert.AreEqual(first, own.Call([3, 4]).ToArray(), name);
            Assert.AreEqual(1, own.Seed);
            string written = Kernel(own),
                today = $$"""{"class_name": "{{own.GetType().Name}}", "config": {"seed": 1} }""";
            Assert.AreEqual(Kernel(general), written, name);
            Assert.Contains("\"VarianceScaling\"", written);
            Initializer read = Initializer.FromConfig(System.Text.Json.JsonDocument.Parse(today).RootElement);
            CollectionAssert.AreEqual(first, read.Call([3, 4]).ToArray(), name);
            Assert.AreEqual(((Initializer)name).GetConfig()["scale"]!.ToJsonString(),
                own.GetConfig()["scale"]!.ToJsonString());
        }
        using var model = new Sequential([new Dense(3, kernelInitializer: new HeNormal(seed: 1), inputShape: [2])]);
        using Sequential copy = Sequential.FromJson(model.ToJson());
        CollectionAssert.AreEqual(model.GetWeights()[0].ToArray(), copy.GetWeights()[0].ToArray());
    }

    [TestMethod]
    public void A_lambda_is_a_loss()
    {
        NDArray x = new float[,] { { 1, 2 }, { 3, 4 } }, y = new float[] { 1, 5 };
        using Sequential model = Model();
        model.Compile("sgd", "mse");
        double expected = model.Evaluate(x, y, verbose: 0).Loss;
        model.Compile("sgd", loss: (yTrue, yPred) => K.Mean(K.Square(yTrue - yPred), axis: -1));
        Assert.AreEqual(expected, model.Evaluate(x, y, verbose: 0).Loss, 1e-6);
        model.Compile("sgd", loss: Squared, metrics: ["mae"]);
        Assert.AreEqual(expected, model.Evaluate(x, y, verbose: 0)["loss"], 1e-6);
        Assert.AreEqual("Squared", model.Loss!.Name);
        model.Compile(new SGD(0.1), (t, p) => K.Mean(K.Square(t - p), axis: -1),
            metrics: [(t, p) => K.Mean(K.Square(t - p), axis: -1)]);
        Assert.AreEqual(expected, model.Evaluate(x, y, verbose: 0)["metric"], 1e-6);
    }

    [TestMethod]
    public void Lambdas_are_metrics_alone_in_brackets_and_with_others_in_braces()
    {
        NDArray x = new float[,] { { 1, 2 }, { 3, 4 } }, y = new float[] { 1, 5 };
        using Sequential model = Model();
        model.Compile("sgd", loss: "mse", metrics: [(yTrue, yPred) => K.Mean(K.Abs(yTrue - yPred), axis: -1), Squared]);
        Check("metric", "Squared");
        model.Compile("sgd", "mse",
            new() { "mae", (t, p) => K.Mean(K.Abs(t - p), axis: -1), Squared, Metric.MeanSquaredError() });
        Check("metric", "Squared");
        model.Compile("sgd", "mse", metrics: ["mae"],
            weightedMetrics: new() { (t, p) => K.Mean(K.Abs(t - p), axis: -1), "mse" });
        Check("metric", "mse");
        model.Compile("sgd", (t, p) => K.Mean(K.Square(t - p), axis: -1),
            new() { "mse", Metric.FromFunction((t, p) => K.Mean(K.Abs(t - p), axis: -1), "far") });
        Check("far", "mse");
        Func<Tensor, Tensor, Tensor> held = Squared;
        model.Compile("sgd", "mse", ["mae", held]);
        Check("mae", "Squared");
        model.Compile("sgd", held, []);
        model.Compile("sgd", null, null);
        model.Compile("sgd", "mse", []);
        CollectionAssert.AreEqual(new[] { "loss" }, model.MetricsNames.ToArray());

        void Check(string absolute, string squared)
        {
            Evaluation result = model.Evaluate(x, y, verbose: 0);
            NDArray p = model.Predict(x);
            Assert.AreEqual((Math.Abs(p[0, 0] - 1) + Math.Abs(p[1, 0] - 5)) / 2, result[absolute], 1e-5);
            Assert.AreEqual((Math.Pow(p[0, 0] - 1, 2) + Math.Pow(p[1, 0] - 5, 2)) / 2, result[squared], 1e-4);
            Assert.AreEqual(result.Loss, result[squared], 1e-5);
        }
    }

    [TestMethod]
    public void A_single_callback_needs_no_brackets_wherever_callbacks_are_accepted()
    {
        NDArray x = new float[,] { { 1, 2 } }, y = new float[] { 1 };
        var namedX = new Dictionary<string, NDArray>();
        var namedY = new Dictionary<string, NDArray>();
        using Sequential model = Model();
        model.Compile("sgd", "mse");
        (namedX[model.Inputs[0].Name], namedY[model.Layers[^1].Name]) = (x, y);
        Batch[] batches = [new(x, y)];
        var pairs = new Pairs(x, y);
        var seen = new Seen();

        model.Fit(x, y, epochs: 2, verbose: 0, callbacks: seen);
        model.Fit(x, y, 1, 2, 0, seen);
        model.Fit([x], [y], verbose: 0, callbacks: seen);
        model.Fit(namedX, namedY, verbose: 0, callbacks: seen);
        model.Fit(batches, verbose: 0, callbacks: seen);
        model.Fit(pairs, verbose: 0, callbacks: seen);
        model.FitGenerator(batches, verbose: 0, callbacks: seen);
        model.FitGenerator(pairs, verbose: 0, callbacks: seen);
        Assert.AreEqual(8, seen.Trainings);

        model.Evaluate(x, y, verbose: 0, callbacks: seen);
        model.Evaluate([x], [y], verbose: 0, callbacks: seen);
        model.Evaluate(namedX, namedY, verbose: 0, callbacks: seen);
        model.Evaluate(batches, verbose: 0, callbacks: seen);
        model.Evaluate(pairs, verbose: 0, callbacks: seen);
        model.EvaluateGenerator(batches, callbacks: seen);
        model.EvaluateGenerator(pairs, callbacks: seen);
        Assert.AreEqual(7, seen.Tests);

        model.Predict(x, callbacks: seen);
        model.Predict([x], callbacks: seen);
        model.Predict(namedX, callbacks: seen);
        model.Predict(batches, callbacks: seen);
        model.Predict(pairs, callbacks: seen);
        model.PredictGenerator(batches, callbacks: seen);
        model.PredictGenerator(pairs, callbacks: seen);
        Assert.AreEqual(7, seen.Predictions);

        model.Fit(x, y, verbose: 0, callbacks: new EarlyStopping(monitor: "loss", patience: 3));
        IEnumerable<Callback> many = [seen, new TerminateOnNaN()];
        model.Fit(x, y, verbose: 0, callbacks: many);
        model.Fit(x, y, verbose: 0, callbacks: many.ToList());
        model.Fit(x, y, verbose: 0, callbacks: many.ToArray());
        model.Fit(x, y, verbose: 0, callbacks: [seen]);
        model.Fit(x, y, verbose: 0, callbacks: null);
        model.Fit(x, y, verbose: 0, callbacks: (Callback?)null);
        Assert.AreEqual(12, seen.Trainings);
    }

    [TestMethod]
    public void Each_method_that_accepts_callbacks_accepts_a_single_one()
    {
        string[] lists = [.. typeof(Sequential).GetMethods()
            .Where(m => m.GetParameters().Any(p => p.ParameterType == typeof(IEnumerable<Callback>)))
            .Select(m => Signature(m, m.GetParameters()))];
        string[] alone = [.. typeof(SequentialWithOneCallback).GetMethods(BindingFlags.Public | BindingFlags.Static)
            .Select(m => Signature(m, m.GetParameters()[1..]))];
        Assert.IsGreaterThan(20, lists.Length);
        CollectionAssert.AreEquivalent(lists, alone);

        static string Signature(MethodInfo method, ParameterInfo[] parameters) =>
            method.Name + "(" + string.Join(", ", parameters.Select(p =>
            $"{(p.ParameterType == typeof(Callback) ? typeof(IEnumerable<Callback>) : p.ParameterType)} "
                + $"{p.Name} = {(p.HasDefaultValue ? p.DefaultValue ?? "null" : "-")}")) + ")";
    }

    [TestMethod]
    public void The_loss_of_an_evaluation_is_a_property()
    {
        using Sequential model = Model();
        model.Compile("sgd", "mse", metrics: ["mae"]);
        Evaluation result = model.Evaluate(new float[,] { { 1, 2 } }, new float[] { 1 }, verbose: 0);
        Assert.AreEqual(result["loss"], result.Loss);
        Assert.AreEqual(model.TestOnBatch(new float[,] { { 1, 2 } }, new float[] { 1 }).Loss, result.Loss, 1e-6);
    }

    [TestMethod]
    public void Losses_and_metrics_with_the_same_name_are_distinguished()
    {
        using Sequential model = Model();
        model.Compile("sgd", Loss.MeanSquaredError(),
            metrics: [Metric.MeanSquaredError(), Metric.Precision(0.3), Metric.AUC(curve: "PR"), "mae"]);
        model.Compile("sgd", Loss.Huber(delta: 0.5, reduction: Reduction.Sum),
            metrics: [Metric.MeanAbsoluteError(name: "far")]);
        CollectionAssert.AreEqual(new[] { "loss", "far" }, model.MetricsNames.ToArray());
    }

    [TestMethod]
    [DataRow(typeof(Loss), typeof(LossFactories))]
    [DataRow(typeof(Metric), typeof(MetricFactories))]
    public void Each_loss_and_each_metric_has_its_factory(Type kind, Type factories)
    {
        Type[] classes = [.. kind.Assembly.GetExportedTypes()
            .Where(t => t.IsSubclassOf(kind) && !t.IsAbstract && t != typeof(MeanMetric))];
        Assert.IsGreaterThan(14, classes.Length);
        foreach (Type made in classes)
        {
            foreach (ConstructorInfo constructor in made.GetConstructors())
            {
                ParameterInfo[] wanted = constructor.GetParameters();
                MethodInfo? factory = factories.GetMethod(made.Name, [.. wanted.Select(p => p.ParameterType)]);
                Assert.IsNotNull(factory, $"{kind.Name}.{made.Name} is missing");
                Assert.AreEqual(made, factory.ReturnType);
                CollectionAssert.AreEqual(wanted.Select(Text).ToArray(), factory.GetParameters().Select(Text).ToArray(),
                    made.Name);
                object?[] values = [
                    .. wanted.Select(p => p.HasDefaultValue ? p.DefaultValue : p.ParameterType == typeof(int)
                        ? (object)3 : p.ParameterType == typeof(IReadOnlyList<int>) ? new[] { 0, 1 } : 0.25)];
                Assert.AreEqual(Settings(constructor.Invoke(values)), Settings(factory.Invoke(null, values)!),
                    made.Name);
            }
        }

        static string Text(ParameterInfo p) => $"{p.Name} = {(p.HasDefaultValue ? p.DefaultValue ?? "null" : "-")}";

        static string Settings(object made) =>
            (made is Loss loss ? loss.GetConfig() : ((Metric)made).GetConfig()).ToJsonString();
    }

    static Tensor Squared(Tensor yTrue, Tensor yPred) => K.Mean(K.Square(yTrue - yPred), axis: -1);

    static Sequential Model() => new([new Dense(1, inputShape: [2])]);

    static string Kernel(Initializer initializer) =>
        new Dense(1, kernelInitializer: initializer).GetConfig()["kernel_initializer"]!.ToJsonString();

    static void Same(float[] values, int[] shape, NDArray actual)
    {
        CollectionAssert.AreEqual(values, actual.ToArray());
        CollectionAssert.AreEqual(shape, actual.Shape.ToArray());
    }

    sealed class Seen : Callback
    {
        public int Trainings { get; private set; }

        public int Tests { get; private set; }

        public int Predictions { get; private set; }

        public override void OnTrainBegin() => Trainings++;

        public override void OnTestBegin() => Tests++;

        public override void OnPredictBegin() => Predictions++;
    }

    sealed class Pairs(NDArray x, NDArray y) : BatchSequence
    {
        public override int Count => 1;

        public override Batch this[int index] => new(x, y);
    }
}
