using System.Text.Json;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Kernels;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Models whose weights are integers of 8 bits.</summary>
[TestClass]
public sealed class QuantizeTests
{
    [TestMethod]
    [DynamicData(nameof(Recorded))]
    public void Quantizing_a_model_gives_the_weights_and_the_output_of_Keras(string name)
    {
        JsonElement c = Load().Single(e => e.GetProperty("name").GetString() == name);
        using Sequential model = Sequential.FromJson(c.GetProperty("plain_config").GetRawText());
        model.SetWeights(GoldenCase.Arrays(c.GetProperty("plain_weights")));
        NDArray x = GoldenCase.Array(c.GetProperty("x"));
        GoldenCase.AssertClose(model.Predict(x).Span, GoldenCase.Array(c.GetProperty("plain_output")).Span, 1e-4, 1e-5,
            "before");
        if (c.Optional("filters") is { } filter) model.Quantize("int8", filter.GetString()!);
        else model.Quantize();
        IReadOnlyList<NDArray> weights = model.GetWeights(), expected = GoldenCase.Arrays(c.GetProperty("weights"));
        Assert.AreEqual(expected.Count, weights.Count);
        for (int i = 0; i < weights.Count; i++)
        {
            CollectionAssert.AreEqual(expected[i].Shape.ToArray(), weights[i].Shape.ToArray(), $"weight {i}");
            GoldenCase.AssertClose(weights[i].Span, expected[i].Span, 1e-6, 0, $"weight {i}");
        }
        NDArray y = model.Predict(x), recorded = GoldenCase.Array(c.GetProperty("output"));
        GoldenCase.AssertClose(y.Span, recorded.Span, 1e-5, 1e-6, "after");
        CollectionAssert.AreEqual(y.ToArray(), model.Predict(x).ToArray());
        Assert.AreEqual(c.GetProperty("count_params").GetInt32(), model.CountParams());
    }

    [TestMethod]
    public void Integers_take_one_byte_each_and_the_float32_weights_are_released()
    {
        using var model = new Sequential([new Dense(512, inputShape: [512], useBias: false)]);
        model.Compile("adam", "mse");
        model.Fit(new NDArray(2, 512), new NDArray(2, 512), verbose: 0);
        WeakReference before = Before(model);
        model.Quantize();
        Variable kernel = model.Layers[0].Weights[0];
        Assert.AreEqual(512 * 512 / 4, kernel.Storage.Length);
        Assert.AreEqual(512 * 512, kernel.Size);
        Assert.AreEqual(512 * 512 + 512, model.CountParams());
        for (int i = 0; i < 20 && before.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.IsFalse(before.IsAlive, "something still refers to the float32 kernel");

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static WeakReference Before(Sequential model) => new(model.Layers[0].Weights[0]);
    }

    [TestMethod]
    public void Training_goes_on_with_what_is_not_rounded()
    {
        K.SetRandomSeed(3);
        using var model = new Sequential([new Dense(8, "tanh", inputShape: [5]), new LayerNormalization(),
            new Dense(2)]);
        model.Compile("adam", "mse");
        NDArray x = Values([40, 5], 1), y = Values([40, 2], 2);
        model.Fit(x, y, epochs: 2, verbose: 0);
        model.Quantize();
        Assert.AreEqual(4, model.TrainableWeights.Count);
        IReadOnlyList<NDArray> before = model.GetWeights();
        double first = model.Evaluate(x, y, verbose: 0).Loss;
        model.Fit(x, y, epochs: 30, verbose: 0);
        Assert.IsTrue(model.Evaluate(x, y, verbose: 0).Loss < first);
        IReadOnlyList<NDArray> after = model.GetWeights();
        // Of each Dense: bias, kernel, scale.
        bool[] changes = [true, false, false, true, true, true, false, false];
        for (int i = 0; i < changes.Length; i++)
            Assert.AreEqual(changes[i], !before[i].ToArray().SequenceEqual(after[i].ToArray()), $"weight {i}");
    }

    [TestMethod]
    public void A_model_quantizes_what_it_can_and_says_what_it_cannot()
    {
        using var model = new Sequential([new Embedding(9, 4, inputLength: 6), new LSTM(3),
            new Sequential([new Dense(4, inputShape: [3]), new Dropout(0.5)]), new Dense(2, name: "last")]);
        model.Quantize();
        Assert.AreEqual("int8", model.Layers[0].QuantizationMode);
        Assert.IsNull(model.Layers[1].QuantizationMode);
        Assert.AreEqual("int8", ((Sequential)model.Layers[2]).Layers[0].QuantizationMode);
        Assert.AreEqual("int8", model.GetLayer("last").QuantizationMode);
        Assert.IsNull(model.QuantizationMode);

        InvalidOperationException twice = Assert.ThrowsExactly<InvalidOperationException>(() => model.Quantize());
        StringAssert.Contains(twice.Message, "already quantized");
        NotSupportedException other = Assert.ThrowsExactly<NotSupportedException>(() => model.Layers[1].Quantize());
        StringAssert.Contains(other.Message, "LSTM");
        StringAssert.Contains(other.Message, "int8");
    }

    [TestMethod]
    public void What_cannot_be_quantized_is_refused_with_the_reason()
    {
        using var unbuilt = new Sequential([new Dense(3)]);
        Assert.ThrowsExactly<InvalidOperationException>(() => unbuilt.Quantize());
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => new Dense(3).Quantize()).Message,
            "isn't yet built");
        using var model = new Sequential([new Dense(3, inputShape: [2])]);
        foreach (string mode in new[] { "int4", "float8", "gptq", "awq", "int7", "" })
        {
            ArgumentException e = Assert.ThrowsExactly<ArgumentException>(() => model.Quantize(mode));
            StringAssert.Contains(e.Message, mode);
            Assert.ThrowsExactly<ArgumentException>(() => model.Layers[0].Quantize(mode));
        }
        Assert.ThrowsExactly<ArgumentNullException>(() => model.Quantize(null!));
        Assert.IsNull(model.Layers[0].QuantizationMode);
        model.Quantize("int8", layer => layer.Name == "none");
        Assert.IsNull(model.Layers[0].QuantizationMode);

        model.Layers[0].Quantize();
        NDArray wrong = new([0.5f, 1, 2, 3, 4, 5], 2, 3);
        IReadOnlyList<NDArray> weights = model.GetWeights();
        Assert.ThrowsExactly<ArgumentException>(() => model.SetWeights([weights[0], wrong, weights[2]]));
    }

    [TestMethod]
    public void A_layer_quantized_alone_is_quantized_in_its_model()
    {
        K.SetRandomSeed(5);
        using var model = new Sequential([new Dense(6, "relu", inputShape: [4]), new Dense(2)]);
        model.Compile("sgd", "mse");
        using Sequential twin = model.Twin();
        NDArray x = Values([7, 4], 1), y = Values([7, 2], 2);
        twin.Quantize("int8", "dense_1");
        model.Predict(x);
        model.Layers[0].Quantize();
        CollectionAssert.AreEqual(twin.Predict(x).ToArray(), model.Predict(x).ToArray());
        model.Fit(x, y, verbose: 0);
        using Function outputs = K.Function(model.Inputs, model.Outputs);
        GoldenCase.AssertClose(outputs.Run(x)[0].Span, model.Predict(x).Span, 1e-6, 1e-6, "the symbolic output");
    }

    [TestMethod]
    public void A_quantized_model_is_copied_and_saved_as_it_is()
    {
        using var model = new Sequential([new Embedding(9, 4, inputLength: 6), new Flatten(), new Dense(3),
            new Reshape([3, 1]), new EinsumDense("abc,cd->abd", [null, 5], biasAxes: "d")]);
        model.Quantize();
        NDArray x = new([.. Enumerable.Range(0, 24).Select(i => (float)(i % 9))], 4, 6);
        NDArray expected = model.Predict(x);
        using Sequential again = Sequential.FromJson(model.ToJson()), twin = model.Twin();
        again.SetWeights(model.GetWeights());
        CollectionAssert.AreEqual(expected.ToArray(), again.Predict(x).ToArray());
        CollectionAssert.AreEqual(expected.ToArray(), twin.Predict(x).ToArray());
        string folder = Directory.CreateTempSubdirectory("quantized").FullName;
        try
        {
            foreach (string file in new[] { "model.kerasml", "weights.npz", "weights.safetensors" })
            {
                string path = Path.Combine(folder, file);
                if (file.StartsWith("model", StringComparison.Ordinal))
                {
                    model.Save(path);
                    using Sequential loaded = Sequential.Load(path);
                    CollectionAssert.AreEqual(expected.ToArray(), loaded.Predict(x).ToArray(), file);
                    continue;
                }
                model.SaveWeights(path);
                again.SetWeights([.. again.GetWeights().Select(w => new NDArray(w.Shape.ToArray()))]);
                again.LoadWeights(path);
                CollectionAssert.AreEqual(expected.ToArray(), again.Predict(x).ToArray(), file);
            }
            string onnx = Path.Combine(folder, "model.onnx");
            model.ToOnnx(onnx);
            using Sequential read = Sequential.FromOnnx(onnx);
            CollectionAssert.AreEqual(expected.ToArray(), read.Predict(x).ToArray(), "ONNX");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    public void Code_quantizes_the_same_layers()
    {
        using var model = new Sequential([new Dense(4, inputShape: [3]), new Dense(2, name: "out.1")]);
        Assert.DoesNotContain("Quantize", model.ToCSharp());
        model.Quantize("int8", "out");
        StringAssert.Contains(model.ToCSharp(), "model.Quantize(\"int8\", \"^out\\\\.1$\");");
        model.Layers[0].Quantize();
        StringAssert.Contains(model.ToCSharp(), "model.Quantize();");
    }

    [TestMethod]
    public void Layers_within_wrappers_are_quantized()
    {
        K.SetRandomSeed(6);
        using var wrapped = new Sequential([new TimeDistributed(new Dense(3), inputShape: [4, 5])]);
        using var plain = new Sequential([new Dense(3, inputShape: [4, 5])]);
        plain.SetWeights(wrapped.GetWeights());
        wrapped.Quantize();
        plain.Quantize();
        NDArray x = Values([2, 4, 5], 1);
        GoldenCase.AssertClose(wrapped.Predict(x).Span, plain.Predict(x).Span, 1e-6, 1e-7, "wrapped");
    }

    [TestMethod]
    public void Configurations_with_other_modes_are_refused()
    {
        JsonElement c = Load()[0];
        string config = c.GetProperty("config").GetRawText();
        foreach ((string from, string to) in new[] { ("\"mode\":\"int8\"", "\"mode\":\"int4\""),
            ("\"source_name\":\"float32\"", "\"source_name\":\"bfloat16\""), ("[-127,127]", "[-100,100]") })
        {
            string other = config.Replace(" ", "", StringComparison.Ordinal).Replace(from, to,
                StringComparison.Ordinal);
            Assert.AreNotEqual(config.Replace(" ", "", StringComparison.Ordinal), other);
            Assert.ThrowsExactly<ArgumentException>(() => Sequential.FromJson(other), to);
        }
    }

    [TestMethod]
    [DataRow(1, 5, 3)]
    [DataRow(2, 64, 32)]
    [DataRow(3, 1023, 45)]
    [DataRow(7, 130, 97)]
    [DataRow(100, 37, 70)]
    [DataRow(2, 70_000, 33)]
    public void Sums_of_integers_are_exact_on_each_path(int rows, int inner, int columns)
    {
        var random = new Random(rows);
        NDArray a = new(rows, inner), b = new(inner, columns);
        // The largest products have no room in fewer bits.
        foreach (ref float v in a.Span) v = random.Next(8) == 0 ? random.Next(-128, 128) : -128;
        foreach (ref float v in b.Span) v = random.Next(8) == 0 ? random.Next(-128, 128) : -128;
        foreach (IntegerPath path in Enum.GetValues<IntegerPath>().Where(IntegerPaths.IsSupported))
        {
            float[] sums = Product(a, b, path);
            for (int i = 0; i < rows; i++)
            {
                for (int j = 0; j < columns; j++)
                {
                    long expected = 0;
                    for (int k = 0; k < inner; k++) expected += (long)a[i, k] * (long)b[k, j];
                    if (inner <= 65_536) Assert.AreEqual((float)expected, sums[i * columns + j], $"{path} [{i}, {j}]");
                    else Assert.AreEqual(1, sums[i * columns + j] / expected, 2e-7, $"{path} [{i}, {j}]");
                }
            }
        }
    }

    /// <summary>The product with a packed weight.</summary>
    static unsafe float[] Product(NDArray a, NDArray b, IntegerPath path)
    {
        (int rows, int inner, int columns) = (a.Shape[0], a.Shape[1], b.Shape[1]);
        var size = new IntegerSize(rows, columns, inner);
        using Storage left = new(a.Size), right = new(ValueFormat.Int8.Words(b.Size)), result = new(rows * columns),
            panels = new((int)((long)size.Panels * size.PanelBytes / 4)),
            narrow = new(new IntegerRows(size, path).Floats), scratch = new(Workers.ScratchFloats);
        a.Span.CopyTo(left.Span);
        ValueFormat.Int8.Pack(b.Span, right.Pointer);
        Launch[] launches =
        [
            new PackIntegersLaunch((nint)right.Pointer, ValueFormat.Int8, false, size, (nint)panels.Pointer, null,
                path),
            new NarrowLaunch((nint)left.Pointer, (nint)narrow.Pointer, new(size, path)),
            new IntegerMatMulLaunch((nint)narrow.Pointer, new(size, path), (nint)panels.Pointer, size,
                (nint)result.Pointer, null),
        ];
        foreach (Launch launch in launches)
            for (int chunk = 0; chunk < launch.Chunks; chunk++) launch.Run(chunk, scratch.Pointer);
        return result.Span.ToArray();
    }

    [TestMethod]
    public void Packed_weights_can_be_read_by_every_operation()
    {
        var packed = new Variable("w", [5, 7], format: ValueFormat.Int8);
        NDArray value = new([.. Enumerable.Range(0, 35).Select(i => (float)(i * 7 % 251 - 125))], 5, 7);
        packed.SetValue(value);
        CollectionAssert.AreEqual(value.ToArray(), packed.GetValue().ToArray());
        CollectionAssert.AreEqual(value.ToArray(), K.Evaluate(packed).ToArray());
        NDArray x = Values([3, 5], 1), rows = new([4, 0, 2], 3);
        Tensor input = K.Placeholder(null, 5), index = K.Placeholder([null]), plain = K.Constant(value);
        using Function function = K.Function([input, index],
            [K.Dot(input, packed), K.Dot(input, plain), K.Transpose(packed) + 1, K.Transpose(plain) + 1,
                K.Gather(packed, index), K.Gather(plain, index), K.Sum(K.Reshape(packed, [7, 5]), 0),
                K.Sum(K.Reshape(plain, [7, 5]), 0), K.IntegerDot(K.Round(input), packed),
                K.IntegerDot(K.Round(input), plain), K.IntegerDot(K.Round(input), K.Reshape(packed, [7, 5]), true),
                K.IntegerDot(K.Round(input), K.Reshape(plain, [7, 5]), true)]);
        NDArray[] results = function.Run(x, rows);
        for (int i = 0; i < results.Length; i += 2)
            GoldenCase.AssertClose(results[i].Span, results[i + 1].Span, 1e-6, 1e-6, $"result {i}");
        Assert.ThrowsExactly<ArgumentException>(() => packed.SetValue(Values([5, 7], 3)));
    }

    static NDArray Values(int[] shape, int seed)
    {
        var random = new Random(seed);
        var values = new NDArray(shape);
        foreach (ref float v in values.Span) v = (float)(random.NextDouble() * 4 - 2);
        return values;
    }

    internal static List<JsonElement> Load() => GoldenCase.Load(Path.Combine("keras3", "layers-quantized.json"));

    internal static IEnumerable<object[]> Recorded =>
        Load().Select(c => new object[] { c.GetProperty("name").GetString()! });
}
