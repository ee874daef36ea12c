using System.Text.Json;
using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Optimizers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Low-rank adapters (LoRA): training, weights, files, and errors.</summary>
[TestClass]
public sealed class LoraTests
{
    readonly string _folder = Directory.CreateTempSubdirectory("lora").FullName;

    [TestCleanup]
    public void Clean() => Directory.Delete(_folder, recursive: true);

    static NDArray Input(int seed, params int[] shape) => RandomModels.Input(new Random(seed), shape[0], shape[1..]);

    static Sequential Model()
    {
        K.SetRandomSeed(5);
        return new Sequential([new Dense(6, activation: "tanh", inputShape: [4], name: "a"), new Dense(2, name: "b")]);
    }

    [TestMethod]
    public void A_training_recorded_from_Keras_3_gives_the_same_weights()
    {
        JsonElement c = JsonDocument.Parse(File.ReadAllText(
            Path.Combine(AppContext.BaseDirectory, "Golden", "keras3", "lora-fit.json"))).RootElement;
        using Sequential model = Sequential.FromJson(c.GetProperty("config").GetRawText());
        model.SetWeights(GoldenCase.Arrays(c.GetProperty("weights")));
        Assert.AreEqual(c.GetProperty("all").GetInt32(), model.CountParams());
        Assert.AreEqual(c.GetProperty("trainable").GetInt32(), model.CountParams(trainable: true));
        CollectionAssert.AreEqual(c.GetProperty("names").EnumerateArray()
            .Select(n => n.GetString()!["sequential/".Length..]).ToArray(),
                model.Weights.Select(w => w.Name).ToArray());
        NDArray x = GoldenCase.Array(c.GetProperty("x"));
        model.Compile(new Adam(0.02), "mse");
        History history = model.Fit(x, GoldenCase.Array(c.GetProperty("y")), batchSize: 8, epochs: 4, shuffle: false,
            verbose: 0);
        double[] losses = GoldenCase.Numbers(c.GetProperty("loss"));
        for (int i = 0; i < losses.Length; i++)
            GoldenCase.AssertClose(history["loss"][i], losses[i], 1e-4, 1e-6, $"loss {i}");
        List<NDArray> after = GoldenCase.Arrays(c.GetProperty("weights_after"));
        IReadOnlyList<NDArray> now = model.GetWeights();
        for (int i = 0; i < after.Count; i++)
            GoldenCase.AssertClose(now[i].Span, after[i].Span, 1e-4, 1e-5, model.Weights[i].Name);
        GoldenCase.AssertClose(model.Predict(x).Span, GoldenCase.Array(c.GetProperty("predictions")).Span, 1e-4, 1e-5,
            "predictions");
    }

    [TestMethod]
    public void A_quantized_layer_has_the_sum_and_takes_no_adapter()
    {
        using Sequential model = Model();
        NDArray x = Input(1, 16, 4), y = Input(2, 16, 2);
        var layer = (Dense)model.Layers[0];
        layer.EnableLora(2);
        model.Compile(new Adam(0.1), "mse");
        model.Fit(x, y, epochs: 5, verbose: 0);
        NDArray before = model.Predict(x);
        model.Quantize();
        Assert.IsFalse(layer.LoraEnabled);
        Assert.HasCount(6, model.Weights);
        Assert.IsFalse(layer.GetConfig().ContainsKey("lora_rank"));
        GoldenCase.AssertClose(model.Predict(x).Span, before.Span, 0.1, 0.05, "predictions");
        model.Fit(x, y, verbose: 0);
        Assert.Contains("quantized",
            Assert.ThrowsExactly<InvalidOperationException>(() => layer.EnableLora(2)).Message);
    }

    [TestMethod]
    public void A_compiled_model_trains_the_adapter_and_no_longer_the_kernel()
    {
        using Sequential model = Model();
        NDArray x = Input(1, 16, 4), y = Input(2, 16, 2);
        model.Compile(new Adam(0.05), "mse");
        model.Fit(x, y, verbose: 0);
        NDArray before = model.Predict(x), kernel = model.GetWeights()[0], bias = model.GetWeights()[1];
        Tensor output = model.Outputs[0];
        var dense = (Dense)model.Layers[0];
        Assert.IsFalse(dense.LoraEnabled);
        dense.EnableLora(2, loraAlpha: 8);
        Assert.IsTrue(dense is { LoraEnabled: true, LoraRank: 2, LoraAlpha: 8 });
        Assert.AreEqual("a/kernel a/bias a/lora_kernel_a a/lora_kernel_b b/kernel b/bias",
            string.Join(" ", model.Weights.Select(w => w.Name)));
        Assert.AreEqual("a/bias a/lora_kernel_a a/lora_kernel_b b/kernel b/bias",
            string.Join(" ", model.TrainableWeights.Select(w => w.Name)));
        Assert.AreEqual("a/kernel", string.Join(" ", model.NonTrainableWeights.Select(w => w.Name)));
        Assert.AreEqual(24, dense.CountParams(trainable: false));
        List<string> lines = [];
        model.Summary(printFn: lines.Add);
        Assert.Contains("Total params: 64", lines);
        Assert.Contains("Trainable params: 40", lines);
        Assert.Contains("Non-trainable params: 24", lines);

        // B starts at 0, so nothing changes before the first step.
        CollectionAssert.AreEqual(before.ToArray(), model.Predict(x).ToArray());
        Assert.IsTrue(model.GetWeights()[2].ToArray().Any(v => v != 0));
        double loss = model.Evaluate(x, y, verbose: 0).Loss;
        model.Fit(x, y, epochs: 20, verbose: 0);
        Assert.IsLessThan(loss, model.Evaluate(x, y, verbose: 0).Loss);
        IReadOnlyList<NDArray> after = model.GetWeights();
        CollectionAssert.AreEqual(kernel.ToArray(), after[0].ToArray());
        CollectionAssert.AreNotEqual(bias.ToArray(), after[1].ToArray());
        Assert.IsTrue(after[3].ToArray().Any(v => v != 0));
        // The symbolic output follows.
        Assert.AreNotSame(output, model.Outputs[0]);
        using Function function = K.Function(model.Inputs, model.Outputs);
        GoldenCase.AssertClose(function.Run(x)[0].Span, model.Predict(x).Span, 1e-6, 1e-6, "Outputs");
    }

    [TestMethod]
    public void A_frozen_layer_stays_frozen_until_it_is_compiled()
    {
        using Sequential model = Model();
        model.Layers[0].Trainable = false;
        model.Compile("sgd", "mse");
        ((Dense)model.Layers[0]).EnableLora(2);
        NDArray[] before = [.. model.GetWeights()];
        model.Fit(Input(1, 8, 4), Input(2, 8, 2), verbose: 0);
        for (int i = 0; i < 4; i++)
            CollectionAssert.AreEqual(before[i].ToArray(), model.GetWeights()[i].ToArray(), $"{i}");
        CollectionAssert.AreNotEqual(before[4].ToArray(), model.GetWeights()[4].ToArray());
    }

    [TestMethod]
    public void Added_losses_follow_the_adapted_model()
    {
        using Sequential model = Model();
        model.AddLoss(K.Sum(K.Square(model.Outputs[0])));
        var dense = (Dense)model.Layers[1];
        dense.EnableLora(1, bInitializer: "ones");
        model.Compile("sgd", "mse");
        NDArray x = Input(1, 3, 4), y = model.Predict(x);
        double sum = y.ToArray().Sum(v => (double)v * v);
        GoldenCase.AssertClose(model.Evaluate(x, y, verbose: 0).Loss, sum, 1e-5, 1e-6, "loss");
    }

    [TestMethod]
    public void Regularizers_count_the_factors_and_not_the_frozen_kernel()
    {
        K.SetRandomSeed(2);
        using var model = new Sequential([new Dense(3, kernelRegularizer: new Regularizers.L2(0.5), inputShape: [4],
            loraRank: 2)]);
        model.Compile("sgd", "mse");
        NDArray x = Input(1, 3, 4), y = model.Predict(x);
        double sum = model.GetWeights().Skip(2).Sum(w => w.ToArray().Sum(v => 0.5 * v * v));
        GoldenCase.AssertClose(model.Evaluate(x, y, verbose: 0).Loss, sum, 1e-5, 1e-6, "loss");
    }

    [TestMethod]
    [DataRow(".zip")]
    [DataRow(".safetensors")]
    [DataRow(".npz")]
    public void Own_files_keep_kernel_and_factors(string extension)
    {
        using Sequential model = Model();
        NDArray x = Input(1, 16, 4), y = Input(2, 16, 2);
        ((Dense)model.Layers[0]).EnableLora(2, loraAlpha: 3);
        model.Compile(new Adam(0.05), "mse");
        model.Fit(x, y, epochs: 3, shuffle: false, verbose: 0);
        string path = Path.Combine(_folder, "model" + extension);
        Sequential again;
        if (extension == ".zip")
        {
            model.Save(path);
            again = Sequential.Load(path);
        }
        else
        {
            model.SaveWeights(path);
            again = model.Clone();
            again.LoadWeights(path);
        }
        using (again)
        {
            Same(model, again);
            if (extension != ".zip") return;
            // Training goes on with the same bits.
            model.Fit(x, y, epochs: 2, shuffle: false, verbose: 0);
            again.Fit(x, y, epochs: 2, shuffle: false, verbose: 0);
            Same(model, again);
        }
    }

    static void Same(Sequential model, Sequential again)
    {
        Assert.AreEqual(model.Weights.Count, again.Weights.Count);
        for (int i = 0; i < model.Weights.Count; i++)
        {
            Assert.AreEqual(model.Weights[i].Name, again.Weights[i].Name);
            CollectionAssert.AreEqual(model.Weights[i].GetValue().ToArray(), again.Weights[i].GetValue().ToArray());
        }
    }

    [TestMethod]
    public void A_resumed_training_gives_the_same_bits()
    {
        NDArray x = Input(1, 16, 4), y = Input(2, 16, 2);
        string path = Path.Combine(_folder, "state");
        float[] Train(int epochs, string? from)
        {
            using Sequential model = Model();
            ((Dense)model.Layers[0]).EnableLora(2);
            model.Compile(new Adam(0.05), "mse");
            model.Fit(x, y, batchSize: 4, epochs: epochs, verbose: 0, callbacks: [new TrainingCheckpoint(path, 4)],
                resumeFrom: from);
            return [.. model.GetWeights().SelectMany(w => w.ToArray())];
        }
        float[] whole = Train(4, null);
        Train(2, null);
        CollectionAssert.AreEqual(whole, Train(4, path));
    }

    static IEnumerable<object[]> Adapted =>
    [
        [new Dense(3, loraRank: 2, loraAlpha: 5, inputShape: [4]), "kernel"],
        [new EinsumDense("abc,cd->abd", [null, 3], loraRank: 2, inputShape: [2, 4]), "kernel"],
        [new Embedding(5, 3, loraRank: 2, inputShape: [2]), "embeddings"],
        [new ReversibleEmbedding(5, 3, tieWeights: false, loraRank: 2, inputShape: [2]), "embeddings"],
        [new Conv1D(3, 2, loraRank: 2, inputShape: [4, 2]), "kernel"],
        [new Conv2D(4, 2, groups: 2, loraRank: 2, inputShape: [4, 4, 2]), "kernel"],
        [new Conv3D(3, 2, loraRank: 2, inputShape: [3, 3, 3, 2]), "kernel"],
        [new Convolution2D(3, 2, loraRank: 2, inputShape: [4, 4, 2]), "kernel"],
    ];

    [TestMethod]
    [DynamicData(nameof(Adapted))]
    public void The_sum_of_the_weights_gives_the_same_as_one_kernel(Layer layer, string name)
    {
        using var model = new Sequential([layer]);
        RandomModels.Randomize(model, new Random(4));
        NDArray x = layer is Embedding ? new float[,] { { 0, 4 }, { 2, 3 }, { 1, 1 } }
            : RandomModels.Input(new Random(3), 3, [.. model.InputShape.Skip(1).Select(d => d!.Value)]);
        LowRank adapter = layer.Adapter!;
        Assert.AreEqual(name, adapter.Kernel.Name[(adapter.Kernel.Name.LastIndexOf('/') + 1)..]);
        // float64, by hand.
        float[] kernel = adapter.Kernel.GetValue().ToArray(), a = adapter.A.GetValue().ToArray(),
            b = adapter.B.GetValue().ToArray();
        int outputs = adapter.B.Sizes[1];
        double scale = (layer is Dense ? 5 : 2) / 2.0;
        float[] merged = [.. kernel.Select((k, i) => (float)(k + scale * (a[i / outputs * 2] * (double)b[i % outputs]
            + a[i / outputs * 2 + 1] * (double)b[outputs + i % outputs])))];
        GoldenCase.AssertClose(adapter.Merged().Span, merged, 1e-5, 1e-6, "sum");

        using var plain = new Sequential([Layer.FromConfig(Without(layer))]);
        plain.SetWeights([new NDArray(merged, adapter.Kernel.Sizes.ToArray()), .. layer.Weights.Where(w =>
            w != adapter.Kernel && w != adapter.A && w != adapter.B).Select(w => w.GetValue())]);
        GoldenCase.AssertClose(model.Predict(x).Span, plain.Predict(x).Span, 1e-5, 1e-5, "output");
        // Training uses other products.
        using var scope = Graphs.TraceScope.Begin(training: true, 0);
        Tensor input = K.Placeholder([null, .. model.InputShape.Skip(1)]);
        using Function trained = K.Function([input], [model.Forward(input)[^1]]);
        GoldenCase.AssertClose(trained.Run(x)[0].Span, plain.Predict(x).Span, 1e-5, 1e-5, "training");
    }

    static JsonElement Without(Layer layer)
    {
        System.Text.Json.Nodes.JsonObject config = layer.GetConfig();
        Assert.IsTrue(config.Remove("lora_rank") & config.Remove("lora_alpha"));
        return Saving.Config.Parse(Saving.Config.Wrap(layer.ClassName, config));
    }

    [TestMethod]
    public void Configurations_have_the_keys_only_if_enabled()
    {
        using Sequential model = Model();
        var dense = (Dense)model.Layers[0];
        Assert.IsFalse(dense.GetConfig().ContainsKey("lora_rank"));
        dense.EnableLora(3);
        Assert.AreEqual(3, (int)dense.GetConfig()["lora_rank"]!);
        Assert.AreEqual(3, (double)dense.GetConfig()["lora_alpha"]!);
        using Sequential clone = model.Clone();
        Assert.AreEqual(model.ToJson(), clone.ToJson());
        Assert.IsTrue(((Dense)clone.Layers[0]).LoraEnabled);
        Assert.Contains("loraRank: 3", model.ToCSharp());
        Layer copy = dense.Copy();
        using var other = new Sequential([copy]);
        CollectionAssert.AreEqual(dense.GetWeights()[2].ToArray(), copy.GetWeights()[2].ToArray());
    }

    [TestMethod]
    public void What_cannot_be_adapted_is_rejected_and_unchanged()
    {
        static void Refused<T>(string word, Action action) where T : Exception =>
            Assert.Contains(word, Assert.ThrowsExactly<T>(action).Message);
        Refused<InvalidOperationException>("no weights yet", () => new Dense(2, name: "d").EnableLora(2));
        Refused<InvalidOperationException>("kernelConstraint", () => new Dense(2, kernelConstraint: "non_neg")
            .EnableLora(2));
        Refused<InvalidOperationException>("embeddingsConstraint",
            () => new Embedding(2, 2, embeddingsConstraint: "non_neg").EnableLora(2));
        Refused<ArgumentException>("kernelConstraint",
            () => _ = new Sequential([new Dense(2, kernelConstraint: "non_neg", loraRank: 1, inputShape: [3])]));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new Dense(2, loraRank: 0));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new Conv1D(2, 1, loraRank: -1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new Dense(2, loraRank: 1, loraAlpha: double.NaN));
        using Sequential model = Model();
        var dense = (Dense)model.Layers[0];
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => dense.EnableLora(0));
        Assert.ThrowsExactly<ArgumentException>(() => dense.EnableLora(2,
            aInitializer: Initializers.Initializer.FromFunction(_ => new float[,] { { 1 } })));
        Assert.ThrowsExactly<ArgumentException>(() => dense.EnableLora(2,
            bInitializer: Initializers.Initializer.FromFunction(_ => new float[,] { { 1 } })));
        Assert.HasCount(4, model.Weights);
        Assert.HasCount(4, model.TrainableWeights);
        Assert.IsNull(dense.LoraRank);
        dense.EnableLora(2);
        Refused<InvalidOperationException>("already enabled", () => dense.EnableLora(2));
        model.Compile("sgd", "mse");
        Exception? seen = null;
        model.Fit(Input(1, 4, 4), Input(2, 4, 2), verbose: 0, callbacks: [new LambdaCallback(onBatchEnd: (_, _) =>
            seen = Assert.ThrowsExactly<InvalidOperationException>(() => ((Dense)model.Layers[1]).EnableLora(1)))]);
        Assert.Contains("being trained", seen!.Message);
        ((Dense)model.Layers[1]).EnableLora(1);
    }

    [TestMethod]
    public void An_index_outside_the_table_is_still_an_error()
    {
        using var model = new Sequential([new Embedding(5, 3, loraRank: 2, inputShape: [2]), new Flatten(),
            new Dense(1)]);
        model.Compile("sgd", "mse");
        Assert.ThrowsExactly<ArgumentException>(
            () => model.Fit(new float[,] { { 1, 5 } }, new float[,] { { 1 } }, verbose: 0));
        Assert.ThrowsExactly<ArgumentException>(() => model.Predict(new float[,] { { 1, -1 } }));
    }

    [TestMethod]
    public void An_exported_model_has_one_kernel()
    {
        using Sequential model = Model();
        ((Dense)model.Layers[0]).EnableLora(2, bInitializer: "ones");
        string path = Path.Combine(_folder, "model.onnx");
        model.ToOnnx(path);
        using Sequential again = Sequential.FromOnnx(path);
        Assert.AreEqual("(4, 6) (6) (6, 2) (2)",
            string.Join(" ", again.Weights.Select(w => Shape.Format(w.Sizes))).Replace(",)", ")",
                StringComparison.Ordinal));
        NDArray x = Input(1, 3, 4);
        GoldenCase.AssertClose(again.Predict(x).Span, model.Predict(x).Span, 1e-5, 1e-6, "again");
    }

    [TestMethod]
    public void Both_directions_of_a_reversible_embedding_are_adapted()
    {
        using var model = new Sequential([new ReversibleEmbedding(5, 3, loraRank: 2, inputShape: [2])]);
        RandomModels.Randomize(model, new Random(4));
        var layer = (ReversibleEmbedding)model.Layers[0];
        NDArray x = Input(1, 4, 3), table = layer.Adapter!.Merged();
        Tensor input = K.Placeholder([null, 3]);
        using Function scores = K.Function([input], [layer.Reverse(input),
            K.Dot(input, K.Transpose(K.Constant(table)))]);
        NDArray[] got = scores.Run(x);
        GoldenCase.AssertClose(got[0].Span, got[1].Span, 1e-5, 1e-6, "scores");
    }
}
