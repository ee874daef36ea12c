using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Onnx;
using Microsoft.ML.KerasSequential.Onnx.Proto;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Importing models from ONNX files: this library's with everything, others as a chain of layers.</summary>
[TestClass]
public sealed class OnnxImportTests
{
    static readonly string s_folder = Path.Combine(AppContext.BaseDirectory, "Golden", "onnx");

    // A lambda has no configuration, and predictions do not use the vector of a spectral normalization.
    static IEnumerable<object[]> Layers =>
        LayerTests.Models.Where(m => m.Name is not ("Lambda" or "SpectralNormalization") && !IsAdapted(m.Make()))
            .Select(m => new object[] { m.Name, m.Index });

    /// <summary>A file contains the sums of kernels and their adapters (see LoraTests), and no statistics that only
    /// training uses.</summary>
    static bool IsAdapted(Sequential model) =>
        model.Layers[0].Adapter is not null || model.Layers[0].GetConfig().ContainsKey("renorm");

    [TestMethod]
    [DynamicData(nameof(Layers))]
    public void A_layer_is_restored_with_its_configuration_and_weights(string name, int index)
    {
        LayerTests.TestModel made = LayerTests.Models[index];
        using Sequential model = made.Make();
        RandomModels.Randomize(model, new Random(5));
        foreach (int opset in new[] { OnnxOptions.MinOpset, OnnxOptions.MaxOpset })
        {
            using Sequential copy = Sequential.FromOnnx(Written(model, new() { Opset = opset }));
            Assert.AreEqual(model.ToJson(), copy.ToJson(), name);
            AssertSameWeights(model, copy, 0);
        }
        using Sequential half = Sequential.FromOnnx(Written(model, new() { Weights = OnnxWeights.Float16 }));
        AssertSameWeights(model, half, 1e-3);
        using Sequential whole = Sequential.FromOnnx(Written(model, new() { Weights = OnnxWeights.Int8 }));
        AssertSameWeights(model, whole, 1.1 / 63);
    }

    [TestMethod]
    public void Two_hundred_random_models_are_restored_by_configuration_and_by_graph() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(200).WithReplay(1, 1),
            Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            using Sequential model = RandomModels.Make(random, out int[] sample);
            if (RandomModels.Describe(model).Contains("Lambda", StringComparison.Ordinal)) return;
            NDArray x = RandomModels.Input(random, 3, sample);
            using Sequential copy = Sequential.FromOnnx(
                Written(model, new() { Opset = random.Next(OnnxOptions.MinOpset, OnnxOptions.MaxOpset + 1) }));
            CollectionAssert.AreEqual(model.Predict(x).ToArray(), copy.Predict(x).ToArray(),
                RandomModels.Describe(model));

            // As if another tool had written it: a chain, or an error that says why not.
            ModelProto foreign = model.OnnxModel(new());
            foreign.ProducerName = "another";
            try
            {
                using Sequential read = Sequential.FromOnnx(new MemoryStream(foreign.ToByteArray()));
                float[] expected = model.Predict(x).ToArray();
                GoldenCase.AssertClose(read.Predict(x).Span, expected, 1e-5,
                    1e-5 * Math.Max(1, expected.Max(MathF.Abs)), RandomModels.Describe(model));
            }
            catch (NotSupportedException)
            {
            }
        }));

    [TestMethod]
    [DataRow("torch-mlp", "dense_1 activation_1 dense_2 activation_2 dense_3 activation_3")]
    [DataRow("torch-cnn",
        "conv2d_1 activation_1 max_pooling2d_1 conv2d_2 leaky_re_lu_1 flatten_1 dense_1 activation_2")]
    public void A_graph_of_another_framework_gives_the_same_results_and_continues_training(string name, string layers)
    {
        using JsonDocument index = JsonDocument.Parse(File.ReadAllText(Path.Combine(s_folder, "index.json")));
        JsonElement c = index.RootElement.GetProperty("models").EnumerateArray()
            .Single(m => m.GetProperty("name").GetString() == name);
        NDArray x = GoldenCase.Array(c.GetProperty("x")), y = GoldenCase.Array(c.GetProperty("y"));
        using Sequential model = Sequential.FromOnnx(Path.Combine(s_folder, $"{name}.onnx"));
        Assert.AreEqual(layers, string.Join(" ", model.Layers.Select(l => l.Name)));
        GoldenCase.AssertClose(model.Predict(x).Span, y.Span, 1e-5, 1e-6, name);
        model.Compile("adam", "mse");
        History history = model.Fit(x, new NDArray(y.Shape.ToArray()), epochs: 20, verbose: 0);
        Assert.IsLessThan(history["loss"][0], history["loss"][^1]);
        // And export again.
        using Sequential copy = Sequential.FromOnnx(Written(model, new()));
        CollectionAssert.AreEqual(model.Predict(x).ToArray(), copy.Predict(x).ToArray());
    }

    [TestMethod]
    public void Chains_of_every_known_operator_are_restored_without_a_configuration()
    {
        static void Expect(params Layer[] layers)
        {
            K.SetRandomSeed(3);
            using var model = new Sequential(layers);
            RandomModels.Randomize(model, new Random(5));
            // Before opset 17, there was no operator for layer normalization.
            foreach (int opset in layers.Any(l => l is LayerNormalization) ? [17, 21] : new[] { 12, 17, 21 })
            {
                ModelProto file = model.OnnxModel(new() { Opset = opset });
                file.ProducerName = "another";
                using Sequential read = Sequential.FromOnnx(new MemoryStream(file.ToByteArray()));
                NDArray x = RandomModels.Input(new Random(2), 3, [.. model.InputShape.Skip(1).Select(d => d!.Value)]);
                if (layers[0] is Embedding)
                    foreach (ref float v in x.Span) v = MathF.Floor((v + 1) * 4);
                float[] expected = model.Predict(x).ToArray();
                GoldenCase.AssertClose(read.Predict(x).Span, expected, 1e-5,
                    1e-5 * Math.Max(1, expected.Max(MathF.Abs)), RandomModels.Describe(model));
            }
        }
        Expect(new Conv2D(4, 3, strides: 2, padding: "same", inputShape: [9, 8, 3]),
            new PReLU("uniform", sharedAxes: [1, 2]), new BatchNormalization(),
            new DepthwiseConv2D(2, depthMultiplier: 2), new Conv2DTranspose(2, 3, strides: 2, padding: "same"),
            new UpSampling2D(), new ZeroPadding2D(((1, 0), (0, 2))), new AveragePooling2D(2, padding: "same"),
            new Conv2DTranspose(2, 2, strides: 3), new MaxPooling2D(), new GlobalAveragePooling2D(), new Dense(3));
        Expect(new Conv2D(4, 3, dataFormat: "channels_first", inputShape: [3, 9, 8]), new PReLU("uniform"),
            new BatchNormalization(axis: 1), new UpSampling2D(2, "channels_first", "bilinear"),
            new GlobalMaxPooling2D("channels_first"));
        Expect(new Conv1D(4, 3, padding: "causal", inputShape: [9, 2]), new MaxPooling1D(2),
            new LSTM(4, returnSequences: true, recurrentActivation: "hard_sigmoid"),
            new GRU(3, resetAfter: true, returnSequences: true), new SimpleRNN(2, activation: "relu"));
        Expect(new Embedding(8, 4, inputLength: 5), new GRU(3, useBias: false), new Dense(2, activation: "softmax"));
        Expect(new Conv3D(2, 2, inputShape: [4, 4, 4, 2]), new MaxPooling3D(2), new Flatten(), new Dense(2));
        Expect(new Reshape([3, 4], inputShape: [12]), new Permute([2, 1]), new LayerNormalization(),
            new Dense(3, useBias: false), new ReLU(0.7), new Softmax(1), new GlobalAveragePooling1D());
    }

    [TestMethod]
    public void Anything_but_a_chain_of_layers_is_named_in_the_error()
    {
        static string Refused(ModelProto file) =>
            Assert.ThrowsExactly<NotSupportedException>(() => Sequential.FromOnnx(new MemoryStream(file.ToByteArray())))
            .Message;
        static ModelProto Foreign(params Layer[] layers)
        {
            using var model = new Sequential(layers);
            ModelProto file = model.OnnxModel(new());
            file.ProducerName = "another";
            return file;
        }
        Assert.Contains("chain", Refused(Foreign(new Residual([new Dense(3)], inputShape: [3]))));
        ModelProto unknown = Foreign(new Dense(3, inputShape: [3]), new Activation("tanh"));
        unknown.Graph.Node[1].OpType = "Sinh";
        Assert.Contains("Sinh", Refused(unknown));
        unknown.Graph.Node[1].Domain = "com.example";
        Assert.Contains("com.example", Refused(unknown));
        ModelProto two = Foreign(new Dense(3, inputShape: [3]));
        two.Graph.Output.Add(two.Graph.Output[0].Clone());
        Assert.Contains("2 outputs", Refused(two));
        two = Foreign(new Dense(3, inputShape: [3]));
        ValueInfoProto more = two.Graph.Input[0].Clone();
        more.Name = "more";
        two.Graph.Input.Add(more);
        Assert.Contains("2 inputs", Refused(two));
    }

    [TestMethod]
    public void Damaged_files_are_rejected_and_files_elsewhere_are_not_read()
    {
        static string Refused(byte[] file) =>
            Assert.ThrowsExactly<InvalidDataException>(() => Sequential.FromOnnx(new MemoryStream(file))).Message;
        Refused([]);
        Refused([1, 2, 3]);
        using var model = new Sequential([new Dense(300, inputShape: [5])]);
        byte[] whole = Written(model, new()).ToArray();
        Refused(whole[..(whole.Length / 2)]);
        ModelProto File(Action<ModelProto> change)
        {
            ModelProto file = ModelProto.Parser.ParseFrom(whole);
            change(file);
            return file;
        }
        Assert.Contains("invalid shape",
            Refused(File(f => f.Graph.Initializer[0].Dims[0] = long.MaxValue).ToByteArray()));
        Assert.Contains("invalid shape", Refused(File(f => f.Graph.Initializer[0].Dims[0] = -1).ToByteArray()));
        Assert.Contains("bytes of values", Refused(File(f => f.Graph.Initializer[0].Dims[0] = 7).ToByteArray()));
        Assert.Contains("300 values in total", Refused(File(f => f.Graph.Initializer.RemoveAt(0)).ToByteArray()));
        Assert.Contains("two tensors",
            Refused(File(f => f.Graph.Initializer.Add(f.Graph.Initializer[0])).ToByteArray()));
        Assert.Contains("cannot be weights",
            Refused(File(f => f.Graph.Initializer[0].DataType = (int)TensorProto.Types.DataType.String).ToByteArray()));
        Assert.Contains("holds 1800 values in total",
            Refused(File(f => f.MetadataProps.Single(p => p.Key == "keras_config").Value =
                model.ToJson().Replace("300", "2000000000", StringComparison.Ordinal)).ToByteArray()));

        string folder = Directory.CreateTempSubdirectory("external").FullName, inside = Path.Combine(folder, "inside");
        Directory.CreateDirectory(inside);
        System.IO.File.WriteAllBytes(Path.Combine(folder, "secret"), new byte[10_000]);
        string path = Path.Combine(inside, "model.onnx");
        model.ToOnnx(path, new() { ExternalDataFrom = 0 });
        using (Sequential read = Sequential.FromOnnx(path)) AssertSameWeights(model, read, 0);
        byte[] split = System.IO.File.ReadAllBytes(path);
        Assert.Contains("stream", Refused(split));
        foreach (string location
            in new[] { "../secret", "/etc/passwd", Path.Combine(folder, "secret"), "", ".", "..", "a\\b", "c:x",
                "x\0y" })
        {
            ModelProto file = ModelProto.Parser.ParseFrom(split);
            file.Graph.Initializer.First(t => t.ExternalData.Count > 0).ExternalData.Single(e => e.Key == "location")
                .Value = location;
            System.IO.File.WriteAllBytes(path, file.ToByteArray());
            Assert.Contains("not a file in the model's folder",
                Assert.ThrowsExactly<InvalidDataException>(() => Sequential.FromOnnx(path)).Message);
        }
        foreach ((string key, string value)
            in new[] { ("offset", "99999"), ("offset", "-1"), ("length", "1"), ("offset", "x") })
        {
            ModelProto file = ModelProto.Parser.ParseFrom(split);
            file.Graph.Initializer.First(t => t.ExternalData.Count > 0).ExternalData.Single(e => e.Key == key)
                .Value = value;
            System.IO.File.WriteAllBytes(path, file.ToByteArray());
            Assert.ThrowsExactly<InvalidDataException>(() => Sequential.FromOnnx(path));
        }
        Directory.Delete(folder, recursive: true);
    }

    static MemoryStream Written(Sequential model, OnnxOptions options)
    {
        var stream = new MemoryStream();
        model.ToOnnx(stream, options);
        stream.Position = 0;
        return stream;
    }

    static void AssertSameWeights(Sequential model, Sequential copy, double tolerance)
    {
        Assert.HasCount(model.Weights.Count, copy.Weights);
        for (int i = 0; i < model.Weights.Count; i++)
        {
            float[] expected = model.Weights[i].GetValue().ToArray();
            GoldenCase.AssertClose(copy.Weights[i].GetValue().Span, expected, 0,
                tolerance * expected.DefaultIfEmpty(0).Max(MathF.Abs), model.Weights[i].Name);
        }
    }
}
