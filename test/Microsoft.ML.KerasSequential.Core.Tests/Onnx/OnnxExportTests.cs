using System.Reflection;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Onnx;
using Microsoft.ML.KerasSequential.Onnx.Proto;
using Microsoft.ML.KerasSequential.Ops;
using Composite = Microsoft.ML.KerasSequential.Ops.Composite;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Exported models give the same results as <c>Predict</c>, in ONNX Runtime.</summary>
[TestClass]
public sealed class OnnxExportTests
{
    static readonly string s_folder = Directory.CreateTempSubdirectory("onnx").FullName;

    [ClassCleanup]
    public static void Clean() => Directory.Delete(s_folder, recursive: true);

    // ── The numbers
    // ─────────────────────────────────────────────────────────────────────────────────────────────────────

    static IEnumerable<object[]> Layers => LayerTests.Models.Select(m => new object[] { m.Name, m.Index });

    [TestMethod]
    [DynamicData(nameof(Layers))]
    public void A_layer_gives_the_same_numbers_at_every_opset_and_batch(string name, int index)
    {
        LayerTests.TestModel made = LayerTests.Models[index];
        using Sequential model = made.Make();
        RandomModels.Randomize(model, new Random(5));
        NDArray[] inputs = [.. new[] { 1, 7, 64 }.Select(made.Input)];
        NDArray[] expected = [.. inputs.Select(x => model.Predict(x))];
        for (int opset = OnnxOptions.MinOpset; opset <= OnnxOptions.MaxOpset; opset++)
            Compare(model, inputs, expected, new() { Opset = opset }, name);
        Compare(model, inputs, expected, new() { Weights = OnnxWeights.Float16 }, name, 1e-3);
    }

    static IEnumerable<object[]> Recorded => GoldenLayerTests.Cases;

    [TestMethod]
    [DynamicData(nameof(Recorded))]
    public void A_recorded_layer_gives_the_recorded_numbers(string name)
    {
        JsonElement c = GoldenLayerTests.All().Single(e => e.GetProperty("name").GetString() == name);
        using Sequential model = Sequential.FromJson(c.GetProperty("config").GetRawText());
        model.SetWeights(GoldenCase.Arrays(c.GetProperty("weights")));
        NDArray x = GoldenCase.Array(c.GetProperty("x")), expected = GoldenCase.Array(c.GetProperty("output"));
        foreach (int opset in new[] { OnnxOptions.MinOpset, 17, OnnxOptions.MaxOpset })
            Compare(model, [x], [expected], new() { Opset = opset }, name);
    }

    [TestMethod]
    [DynamicData(nameof(QuantizeTests.Recorded), typeof(QuantizeTests))]
    public void A_quantized_layer_gives_the_numbers_of_Keras(string name)
    {
        JsonElement c = QuantizeTests.Load().Single(e => e.GetProperty("name").GetString() == name);
        using Sequential model = Sequential.FromJson(c.GetProperty("config").GetRawText());
        model.SetWeights(GoldenCase.Arrays(c.GetProperty("weights")));
        NDArray x = GoldenCase.Array(c.GetProperty("x")), expected = GoldenCase.Array(c.GetProperty("output"));
        foreach (int opset in new[] { OnnxOptions.MinOpset, 17, OnnxOptions.MaxOpset })
            Compare(model, [x], [expected], new() { Opset = opset }, name, 1e-5);
    }

    static IEnumerable<object[]> Trained => GoldenFitTests.Cases;

    [TestMethod]
    [DynamicData(nameof(Trained))]
    public void A_recorded_training_gives_the_same_predictions(string name)
    {
        JsonElement c = GoldenFitTests.All().Single(e => e.GetProperty("name").GetString() == name);
        using Sequential model = Sequential.FromJson(c.GetProperty("config").GetRawText());
        model.SetWeights(GoldenCase.Arrays(c.GetProperty("expected").GetProperty("weights_after")));
        NDArray x = GoldenCase.Array(c.GetProperty("x"));
        Compare(model, [x], [model.Predict(x)], new(), name);
    }

    [TestMethod]
    public void Five_hundred_random_models_give_the_same_numbers() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500).WithReplay(1, 1),
            Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            using Sequential model = RandomModels.Make(random, out int[] sample);
            NDArray x = RandomModels.Input(random, random.Next(1, 9), sample);
            Compare(model, [x], [model.Predict(x)],
                new() { Opset = random.Next(OnnxOptions.MinOpset, OnnxOptions.MaxOpset + 1) },
                RandomModels.Describe(model));
        }));

    static readonly string[] s_activations = ["linear", "relu", "sigmoid", "tanh", "softmax", "elu", "selu", "softplus",
        "softsign", "hard_sigmoid", "hardsigmoid", "exponential", "gelu", "swish", "silu", "mish", "celu", "glu",
        "hard_shrink", "hard_silu", "hard_swish", "hard_tanh", "leaky_relu", "log_sigmoid", "log_softmax", "relu6",
        "soft_shrink", "sparse_plus", "sparse_sigmoid", "sparsemax", "squareplus", "tanh_shrink"];

    [TestMethod]
    public void Every_activation_gives_the_same_numbers_behind_products_and_convolutions()
    {
        CollectionAssert.AreEquivalent(Activations.Activation.Known.Names.ToArray(), s_activations);
        foreach (string activation in s_activations)
        {
            K.SetRandomSeed(3);
            using var dense = new Sequential([new Dense(6, activation: activation, inputShape: [4])]);
            using var images = new Sequential([new Conv2D(4, 2, activation: activation, inputShape: [4, 5, 2])]);
            foreach (Sequential model in new[] { dense, images })
            {
                NDArray x = RandomModels.Input(new Random(2), 3, [.. model.InputShape.Skip(1).Select(d => d!.Value)]);
                for (int opset = OnnxOptions.MinOpset; opset <= OnnxOptions.MaxOpset; opset++)
                    Compare(model, [x], [model.Predict(x)], new() { Opset = opset }, activation);
            }
        }
    }

    [TestMethod]
    public void Every_elementwise_operation_gives_the_same_numbers()
    {
        foreach (ElementwiseKind kind in Enum.GetValues<ElementwiseKind>())
        {
            int inputs = kind == ElementwiseKind.Where ? 3 : kind >= ElementwiseKind.Add ? 2 : 1;
            // Some are defined only for positive numbers; comparisons also need equal ones.
            bool positive = kind is ElementwiseKind.Sqrt or ElementwiseKind.Log or ElementwiseKind.Log1p
                or ElementwiseKind.Pow;
            using var model = new Sequential([new Lambda(x =>
            {
                Tensor value = positive ? K.Abs(x) + 0.1 : K.Round(x * 4) / 4;
                Tensor[] operands = [value, K.Where(x > 0.2, value, 0.5), x * 2];
                return new Tensor(new Elementwise(kind), operands[..inputs]) * 1;
            }, inputShape: [2, 3])]);
            NDArray x = RandomModels.Input(new Random(3), 20, [2, 3]);
            for (int opset = OnnxOptions.MinOpset; opset <= OnnxOptions.MaxOpset; opset++)
                Compare(model, [x], [model.Predict(x)], new() { Opset = opset }, kind.ToString());
        }
    }

    [TestMethod]
    public void Backend_functions_give_the_same_numbers_for_any_length()
    {
        var functions = new Dictionary<string, Func<Tensor, Tensor>>
        {
            ["statistics"] = x =>
                K.Concatenate([K.Mean(x, 1), K.Std(x, 1), K.Max(x, 1), K.Min(x, 1), K.Prod(x, 1), K.Logsumexp(x, 1)]),
            ["over all"] = x => x - K.Mean(x) + K.Sum(x, [1, 2], keepdims: true) / K.Sum(K.OnesLike(x)),
            ["kept"] = x => K.Max(x, [2], keepdims: true) * K.Min(x, 1, keepdims: true),
            ["positions"] = x => K.Concatenate([K.Argmax(x, 1), K.Argmin(x, 1)]),
            ["classes"] = x => K.OneHot(K.Round(K.Abs(x) * 3), 4),
            ["truths"] = x =>
                K.Where(K.Any(K.NotEqual(x, 0.5), 2, keepdims: true) * K.All(x > -2, 1, keepdims: true), x, -x),
            ["blocks"] = x => K.Concatenate([K.Slice(x, 2, 1, 2), K.Reverse(x, 1), K.Reverse(x, 2)]),
            ["longer"] = x => K.Concatenate([x, K.ZerosLike(x), x], 1),
            ["products"] = x => K.BatchDot(x, x, 2, 2),
            ["shapes"] = x => K.PermuteDimensions(K.Reshape(K.PermuteDimensions(x, 0, 2, 1), 4, -1), 1, 0),
            ["repeated"] = x => K.Repeat(K.Sum(x, 1), 3),
            ["waves"] = x => K.Sin(x) * K.Cos(10 * x),
            ["up to each place"] = x =>
                K.Concatenate([K.Cumsum(x, 1), K.Cumprod(x, 2), K.Cumprod(x, 1), K.Cumsum(K.Cumsum(x, 0), -1)]),
            ["tiles"] = x =>
                K.Tile(K.RepeatElements(x, 2, 2), 1, 2, 1) + K.Stack([K.Size(x), 1, 2, 3, 4, 5, 6, K.Sum(K.Shape(x))]),
            ["normalized"] = x =>
                K.BatchNormalization(x, K.Constant(0.5f, [4]), K.Constant(2f, [4]), K.Constant(3f, [4]), null)
                + K.BatchNormalization(x, K.Mean(x, 0, keepdims: true), K.Var(x, 0, keepdims: true), null, null)
                    + K.NormalizeBatchInTraining(x, null, null, [0, 1]).Normalized,
            ["loop"] = x =>
                K.Rnn((step, s) => (step * s[0], [s[0] * 0.5 + step]), x, [K.Sum(x, 1)], goBackwards: true).Outputs,
            ["masked loop"] = x => K.Rnn((step, s) => (step * s[0], [s[0] * 0.5 + step]), x, [K.Sum(x, 1)],
                mask: K.Max(x, 2) > 0.3, constants: [K.Max(x, 1)]).LastOutput,
            ["mapped"] = x => K.MapFn(sample => sample * K.Max(sample) - K.Min(sample), x),
            ["labels"] = x => K.CtcDecode(K.Softmax(x), 3 * K.OnesLike(K.Sum(x, [1, 2]))).Decoded[0],
            ["normal"] = x => K.L2Normalize(x, 2) + K.Softmax(x, 1),
        };
        var random = new Random(3);
        foreach ((string name, Func<Tensor, Tensor> function) in functions)
        {
            using var model = new Sequential([new Lambda(function, inputShape: [null, 4])]);
            foreach (int steps in new[] { 1, 5 })
            {
                NDArray x = RandomModels.Input(random, 3, [steps, 4]);
                // Read as rows of the whole batch, the output has a different number of rows than the input.
                using Function here = Written(model, x);
                NDArray expected = here.Run(x)[0];
                foreach (int opset in new[] { 12, 13, 17, 18, 21 })
                    Compare(model, [x], [expected], new() { Opset = opset }, name);
            }
        }

        static Function Written(Sequential model, NDArray x)
        {
            Tensor input = K.Placeholder([.. x.Shape.ToArray().Select(d => (int?)d)]);
            return K.Function([input], [model.Call(input)]);
        }
    }

    [TestMethod]
    public void Sequences_of_any_length_are_taken_by_one_file()
    {
        K.SetRandomSeed(3);
        using var words = new Sequential(
            [new Embedding(20, 6, maskZero: true), new LSTM(5, returnSequences: true), new GRU(4),
                new Dense(2, activation: "softmax")]);
        using var plain = new Sequential(
            [new Bidirectional(new LSTM(3, returnSequences: true), inputShape: [null, 4]),
                new MultiHeadAttention(2, 2, useCausalMask: true), new GlobalAveragePooling1D(), new Dense(1)]);
        var random = new Random(4);
        foreach (int steps in new[] { 1, 3, 11 })
        {
            var texts = new NDArray(5, steps);
            foreach (ref float v in texts.Span) v = random.Next(3) == 0 ? 0 : random.Next(20);
            // A text with only padding has no meaningful output.
            for (int i = 0; i < 5; i++) texts[i, 0] = 1;
            Compare(words, [texts], [words.Predict(texts)], new(), "masked words");
            NDArray x = RandomModels.Input(random, 2, [steps, 4]);
            Compare(plain, [x], [plain.Predict(x)], new() { Opset = 13 }, "sequences");
        }
        ValueInfoProto input = plain.OnnxModel(new()).Graph.Input.Single();
        CollectionAssert.AreEqual(new[] { "batch", "time", "4" }, Sizes(input));
    }

    [TestMethod]
    public void A_stateful_model_starts_from_its_states()
    {
        K.SetRandomSeed(3);
        using var model = new Sequential([new LSTM(3, stateful: true, batchInputShape: [2, 4, 3])]);
        NDArray x = RandomModels.Input(new Random(1), 2, [4, 3]);
        model.Predict(x);
        model.OnnxModel(new());
        string path = Path.Combine(s_folder, "stateful.onnx");
        model.ToOnnx(path);
        NDArray expected = model.Predict(x);
        GoldenCase.AssertClose(OnnxEngine.Run(path, [x]).Values[0].Span, expected.Span, 1e-5, 1e-5,
            "from the states in force");
    }

    [TestMethod]
    public void Sizes_that_the_model_leaves_open_can_be_given()
    {
        K.SetRandomSeed(3);
        using var model = new Sequential(
            [new Conv2D(4, 3, inputShape: [null, null, 2]), new MaxPooling2D(2), new GlobalMaxPooling2D()]);
        Assert.Contains("known spatial sizes",
            Assert.ThrowsExactly<ArgumentException>(() => model.OnnxModel(new())).Message);
        Assert.Contains("(None, None, 2)",
            Assert.ThrowsExactly<ArgumentException>(() => model.OnnxModel(new() { InputShape = [4, 4, 3] })).Message);
        NDArray x = RandomModels.Input(new Random(1), 3, [8, 6, 2]);
        Compare(model, [x], [model.Predict(x)], new() { InputShape = [8, 6, 2] }, "given places");
    }

    // ── Quantized and external weights ────────────────────────────────────────────────────────────────────────────

    [TestMethod]
    public void Half_precision_halves_the_file()
    {
        using var model = new Sequential([new Dense(200, inputShape: [300]), new Activation("tanh"), new Dense(10)]);
        NDArray x = RandomModels.Input(new Random(1), 3, [300]);
        long full = Length(model, new()), half = Length(model, new() { Weights = OnnxWeights.Float16 }),
            quarter = Length(model, new() { Weights = OnnxWeights.Int8 });
        Assert.IsLessThan(0.55, half / (double)full);
        Assert.IsLessThan(0.3, quarter / (double)full);
        Compare(model, [x], [model.Predict(x)], new() { Weights = OnnxWeights.Float16 }, "half", 1e-3);
        // What half precision cannot represent stays unchanged.
        model.Layers[0].SetWeights([Filled(1e5f, 300, 200), new NDArray(200)]);
        Compare(model, [x], [model.Predict(x)], new() { Weights = OnnxWeights.Float16 }, "large", 1e-3);
    }

    [TestMethod]
    [DataRow(12)]
    [DataRow(17)]
    public void Integer_weights_change_results_only_slightly(int opset)
    {
        K.SetRandomSeed(3);
        using var images = new Sequential(
            [new Conv2D(8, 3, activation: "relu", inputShape: [8, 8, 2]), new DepthwiseConv2D(2),
                new Conv2DTranspose(4, 2), new SeparableConv2D(4, 2), new Flatten(), new Dense(16, activation: "relu"),
                new Dense(5)]);
        using var words = new Sequential(
            [new Embedding(30, 8, inputLength: 6), new LSTM(8, returnSequences: true), new GRU(8), new Dense(3)]);
        NDArray indices = RandomModels.Input(new Random(1), 64, [6]);
        foreach (ref float v in indices.Span) v = MathF.Floor((v + 1) * 15);
        foreach ((Sequential model, NDArray x)
            in new[] { (images, RandomModels.Input(new Random(1), 64, [8, 8, 2])), (words, indices) })
        {
            string path = Path.Combine(s_folder, "int8.onnx");
            model.ToOnnx(path, new() { Opset = opset, Weights = OnnxWeights.Int8 });
            NDArray expected = model.Predict(x), actual = OnnxEngine.Run(path, [x]).Values[0];
            double largest = expected.ToArray().Max(MathF.Abs);
            double error =
                Math.Sqrt(expected.ToArray().Zip(actual.ToArray()).Average(p => Math.Pow(p.First - p.Second, 2)));
            Assert.IsTrue(error > 0 && error < 0.05 * largest, $"{error} of {largest}");
        }
    }

    [TestMethod]
    public void Large_weights_are_written_to_a_file_next_to_the_model()
    {
        K.SetRandomSeed(3);
        using var model = new Sequential([new Dense(100, inputShape: [50]), new Dense(3)]);
        NDArray x = RandomModels.Input(new Random(1), 3, [50]);
        string path = Path.Combine(s_folder, "large.onnx");
        var options = new OnnxOptions { ExternalDataFrom = 10_000 };
        model.ToOnnx(path, options);
        Assert.IsGreaterThan(20_000, new FileInfo($"{path}.data").Length);
        Assert.IsLessThan(10_000, new FileInfo(path).Length);
        GoldenCase.AssertClose(OnnxEngine.Run(path, [x]).Values[0].Span, model.Predict(x).Span, 1e-5, 1e-5,
            "external data");
        Assert.Contains("path", Assert.ThrowsExactly<ArgumentException>(() => model.ToOnnx(new MemoryStream(), options))
            .Message);
    }

    // ── Contents of a file
    // ────────────────────────────────────────────────────────────────────────────────────────────────

    [TestMethod]
    public void Operators_are_those_that_one_would_choose_by_hand()
    {
        static void Expect(string operators, params Layer[] layers)
        {
            using var model = new Sequential(layers);
            Assert.AreEqual(operators, string.Join(" ", model.OnnxModel(new()).Graph.Node.Select(n => n.OpType)));
        }
        Expect("Gemm Relu Gemm Softmax", new Dense(4, activation: "relu", inputShape: [3]), new Dropout(0.5),
            new Dense(2, activation: "softmax"));
        Expect("Transpose Conv Relu BatchNormalization MaxPool Conv Elu AveragePool Transpose Reshape Gemm",
            new Conv2D(4, 3, activation: "relu", inputShape: [12, 12, 3]), new BatchNormalization(), new MaxPooling2D(),
            new Conv2D(4, 2), new ELU(), new AveragePooling2D(), new Flatten(), new Dense(1));
        Expect("Conv Relu MaxPool Conv ReduceMean",
            new Conv2D(4, 3, activation: "relu", dataFormat: "channels_first", inputShape: [3, 12, 12]),
            new MaxPooling2D(dataFormat: "channels_first"), new DepthwiseConv2D(2, dataFormat: "channels_first"),
            new GlobalAveragePooling2D("channels_first"));
        Expect("Cast Gather Transpose LSTM Squeeze GRU Squeeze Gemm", new Embedding(9, 3, inputLength: 5),
            new LSTM(4, returnSequences: true), new GRU(2), new Dense(1));
        Expect("LayerNormalization MatMul Add LeakyRelu", new LayerNormalization(inputShape: [3, 4]), new Dense(5),
            new LeakyReLU());
        Expect("Transpose ConvTranspose Resize Pad PRelu Transpose",
            new Conv2DTranspose(2, 3, strides: 2, inputShape: [3, 3, 1]), new UpSampling2D(), new ZeroPadding2D(),
            new PReLU(sharedAxes: [1, 2]));
        Expect("HardSigmoid Selu Softsign ThresholdedRelu", new Activation("hard_sigmoid", inputShape: [2]),
            new Activation("selu"), new Activation("softsign"), new ThresholdedReLU(0.3));
    }

    [TestMethod]
    public void Names_types_and_metadata_are_those_of_the_model()
    {
        using var model = new Sequential(
            [new Dense(4, activation: "relu", inputShape: [3], name: "hidden"), new Dense(2, name: "scores")],
            name: "small");
        model.Compile("sgd", "mse");
        model.Fit(new NDArray(8, 3), new NDArray(8, 2), verbose: 0);
        ModelProto file = model.OnnxModel(new() { Metadata = new Dictionary<string, string> { ["task"] = "test" } });
        Assert.AreEqual("small", file.Graph.Name);
        Assert.AreEqual("hidden_input", file.Graph.Input.Single().Name);
        Assert.AreEqual("scores", file.Graph.Output.Single().Name);
        CollectionAssert.AreEqual(new[] { "batch", "3" }, Sizes(file.Graph.Input[0]));
        CollectionAssert.AreEqual(new[] { "batch", "2" }, Sizes(file.Graph.Output[0]));
        CollectionAssert.AreEquivalent(new[] { "hidden/kernel", "hidden/bias", "scores/kernel", "scores/bias" },
            file.Graph.Initializer.Select(i => i.Name).ToArray());
        CollectionAssert.AreEqual(new[] { "hidden/Gemm", "hidden/Relu", "scores/Gemm" },
            file.Graph.Node.Select(n => n.Name).ToArray());
        Dictionary<string, string> metadata = file.MetadataProps.ToDictionary(p => p.Key, p => p.Value);
        Assert.AreEqual(model.ToJson(), metadata["keras_config"]);
        Assert.AreEqual("test", metadata["task"]);
        Assert.IsGreaterThan(
            0, double.Parse(metadata["training_seconds"], System.Globalization.CultureInfo.InvariantCulture));
        Assert.AreEqual(("Microsoft.ML.KerasSequential", "0.1.0"), (file.ProducerName, file.ProducerVersion));

        file = model.OnnxModel(new() { InputName = "features", OutputName = "y" });
        Assert.AreEqual(("features", "y"), (file.Graph.Input[0].Name, file.Graph.Output[0].Name));
        Assert.ThrowsExactly<ArgumentException>(() => model.OnnxModel(new() { InputName = "y", OutputName = "y" }));
        Assert.ThrowsExactly<ArgumentException>(() => model.OnnxModel(new() { InputName = "" }));
        foreach (int opset in new[] { 11, 22, -1 })
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => model.OnnxModel(new() { Opset = opset }));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => model.OnnxModel(new() { Weights = (OnnxWeights)9 }));
        using var unbuilt = new Sequential([new Dense(2)]);
        Assert.ThrowsExactly<InvalidOperationException>(() => unbuilt.OnnxModel(new()));
    }

    [TestMethod]
    public void A_custom_operation_specifies_how_it_is_written_or_is_named_in_the_error()
    {
        static void Cube(CustomOp.ForwardArguments a)
        {
            for (int i = 0; i < a.Output.Length; i++) a.Output[i] = MathF.Pow(a.Input(0)[i], 3);
        }
        var silent = new CustomOp("Cube", Cube);
        using var refused = new Sequential([new Lambda(x => silent.Call(x), inputShape: [3], name: "cubes")]);
        string path = Path.Combine(s_folder, "refused.onnx");
        File.WriteAllText(path, "before");
        string message = Assert.ThrowsExactly<NotSupportedException>(() => refused.ToOnnx(path)).Message;
        foreach (string word in new[] { "cubes", "Cube", "onnx" }) Assert.Contains(word, message);
        Assert.AreEqual("before", File.ReadAllText(path));

        var cube =
            new CustomOp("Cube", Cube, onnx: (nodes, inputs) => nodes.Node("Pow", [inputs[0], nodes.Constant(3)]));
        using var model = new Sequential([new Dense(4, inputShape: [3]), new Lambda(x => cube.Call(x)), new Dense(2)]);
        NDArray x = RandomModels.Input(new Random(1), 3, [3]);
        Compare(model, [x], [model.Predict(x)], new(), "custom");
        Assert.IsFalse(model.OnnxModel(new()).MetadataProps.Any(p => p.Key == "keras_config"));

        using var random = new Sequential([new Lambda(x => x + K.RandomNormal(x), inputShape: [3], name: "noisy")]);
        Assert.Contains("noisy", Assert.ThrowsExactly<NotSupportedException>(() => random.OnnxModel(new())).Message);
    }

    [TestMethod]
    public void Every_operation_can_be_written_or_has_a_reason()
    {
        foreach (Type type in typeof(Op).Assembly.GetTypes()
            .Where(t => !t.IsAbstract && (t.IsSubclassOf(typeof(Op)) || t.IsSubclassOf(typeof(Composite)))))
        {
            bool known = OnnxWriter.Known.Contains(type),
                refused = type.GetCustomAttribute<NoOnnxAttribute>() is not null;
            // Ops without a node: inputs and constants.
            bool leaf = type == typeof(Placeholder) || type == typeof(ReadVariable) || type == typeof(Constant)
                || type == typeof(Scalar);
            Assert.IsTrue(leaf || known != refused,
                $"{type.Name} has neither a line in OnnxWriter nor [NoOnnx(why)], or both.");
        }
    }

    [TestMethod]
    public void The_ONNX_checker_accepts_every_file()
    {
        string folder = Directory.CreateTempSubdirectory("checked").FullName;
        try
        {
            foreach (LayerTests.TestModel made in LayerTests.Models)
            {
                using Sequential model = made.Make();
                foreach (int opset in new[] { 12, 13, 14, 15, 16, 17 })
                    model.ToOnnx(Path.Combine(folder, $"{made.Name}-{made.Index}-{opset}.onnx"),
                        new() { Opset = opset, Weights = (OnnxWeights)(opset % 3) });
            }
            if (Python.Run(Path.Combine(AppContext.BaseDirectory, "Onnx", "Engine", "check.py"), folder) is not
                { } found)
            {
                Assert.Inconclusive("The Python package onnx is not installed.");
                return;
            }
            Assert.HasCount(1, found, string.Join("\n", found));
            Assert.AreEqual($"{6 * LayerTests.Models.Count} files", found[0]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static void Compare(Sequential model, NDArray[] inputs, NDArray[] expected, OnnxOptions options, string what,
        double tolerance = 1e-5)
    {
        string path = Path.Combine(s_folder, $"{Guid.NewGuid():N}.onnx");
        what = $"{what}, opset {options.Opset}, {options.Weights}";
        OnnxEngine.Reply reply;
        try
        {
            // The inputs are numbers, also those of models that take text.
            model.ToOnnx(path, options with { TextInput = false });
            reply = OnnxEngine.Run(path, inputs);
        }
        catch (Exception e)
        {
            throw new AssertFailedException($"{what}: {e}", e);
        }
        for (int i = 0; i < inputs.Length; i++)
        {
            CollectionAssert.AreEqual(expected[i].Shape.ToArray(), reply.Values[i].Shape.ToArray(), what);
            double largest = expected[i].ToArray().Select(MathF.Abs).Where(float.IsFinite).DefaultIfEmpty(0).Max();
            GoldenCase.AssertClose(reply.Values[i].Span, expected[i].Span, tolerance, tolerance * Math.Max(1, largest),
                $"{what}, batch {inputs[i].Shape[0]}");
        }
        File.Delete(path);
    }

    static long Length(Sequential model, OnnxOptions options)
    {
        using var stream = new MemoryStream();
        model.ToOnnx(stream, options);
        return stream.Length;
    }

    static NDArray Filled(float value, params int[] shape)
    {
        var array = new NDArray(shape);
        array.Span.Fill(value);
        return array;
    }

    static string[] Sizes(ValueInfoProto value) =>
        [.. value.Type.TensorType.Shape.Dim.Select(d => d.HasDimParam ? d.DimParam
            : d.DimValue.ToString(System.Globalization.CultureInfo.InvariantCulture))];
}
