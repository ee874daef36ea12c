using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Hdf5;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Optimizers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Files of real Keras 2.3.1 and 3.15, in both directions.</summary>
[TestClass]
public sealed class KerasFileTests
{
    static string Golden(string version, string file) =>
        Path.Combine(AppContext.BaseDirectory, "Golden", version, file);

    static List<JsonElement> Recorded(string version) =>
        [.. JsonDocument.Parse(File.ReadAllText(Golden(version, "index.json"))).RootElement.GetProperty("models")
            .EnumerateArray()];

    public static IEnumerable<object[]> Two =>
        Recorded("keras-2.3.1").Select((m, i) => new object[] { i, m.GetProperty("name").GetString()! });

    public static IEnumerable<object[]> Three =>
        Recorded("keras-3")
        .SelectMany((m, i) => new[] { ".keras",
            ".h5" }.Select(e => new object[] { i, m.GetProperty("name").GetString()!, e }));

    [TestMethod]
    [DynamicData(nameof(Two))]
    public void A_model_of_Keras_2_predicts_and_continues_training(int index, string name)
    {
        JsonElement recorded = Recorded("keras-2.3.1")[index];
        NDArray x = GoldenCase.Array(recorded.GetProperty("x")), y = GoldenCase.Array(recorded.GetProperty("y"));
        using Sequential model = Sequential.Load(Golden("keras-2.3.1", $"{name}.h5"));
        Close(recorded, "predict", model.Predict(x), 1e-5);
        GoesOn(recorded, model, x, y);

        // What is written is read back unchanged, including the optimizer's state.
        using Sequential again = Sequential.Load(Golden("keras-2.3.1", $"{name}.h5"));
        string file = Temporary(".h5");
        again.Save(file);
        using Sequential ours = Sequential.Load(file);
        Assert.AreEqual(again.ToJson(), ours.ToJson());
        GoesOn(recorded, ours, x, y);
        File.Delete(file);
    }

    [TestMethod]
    [DynamicData(nameof(Two))]
    public void Weights_of_Keras_2_are_loaded_by_order_and_by_name(int index, string name)
    {
        JsonElement recorded = Recorded("keras-2.3.1")[index];
        NDArray x = GoldenCase.Array(recorded.GetProperty("x"));
        using Sequential whole = Sequential.Load(Golden("keras-2.3.1", $"{name}.h5"), compile: false);
        foreach (string file in new[] { $"{name}.weights-only.h5", $"{name}.h5" })
        {
            foreach (bool byName in new[] { false, true })
            {
                using Sequential model = Sequential.FromJson(whole.ToJson());
                model.LoadWeights(Golden("keras-2.3.1", file), byName);
                Close(recorded, "predict", model.Predict(x), 1e-5);
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(Three))]
    public void A_model_of_Keras_3_predicts_and_keeps_its_optimizer(int index, string name, string extension)
    {
        JsonElement recorded = Recorded("keras-3")[index];
        NDArray x = GoldenCase.Array(recorded.GetProperty("x")), y = GoldenCase.Array(recorded.GetProperty("y"));
        using Sequential model = Sequential.Load(Golden("keras-3", name + extension));
        Close(recorded, "predict", model.Predict(x), 1e-5);
        Assert.IsTrue(model.Optimizer!.Iterations > 0);
        Assert.IsTrue(model.Optimizer.GetState().Count > 0);
        double before = model.Evaluate(x, y, verbose: 0)["loss"];

        foreach (string other in new[] { ".keras", ".h5" })
        {
            string file = Temporary(other);
            model.Save(file);
            using Sequential ours = Sequential.Load(file);
            Assert.AreEqual(before, ours.Evaluate(x, y, verbose: 0)["loss"], 1e-6);
            Assert.AreEqual(model.Optimizer.Iterations, ours.Optimizer!.Iterations);
            File.Delete(file);
        }
        model.Fit(x, y, epochs: 20, verbose: 0);
        Assert.IsTrue(model.Evaluate(x, y, verbose: 0)["loss"] < before, "It goes on from where it was.");
    }

    [TestMethod]
    [DynamicData(nameof(Three))]
    public void Weights_of_Keras_3_are_loaded(int index, string name, string extension)
    {
        JsonElement recorded = Recorded("keras-3")[index];
        NDArray x = GoldenCase.Array(recorded.GetProperty("x"));
        using Sequential whole = Sequential.Load(Golden("keras-3", name + extension), compile: false);
        foreach (string file in new[] { $"{name}.weights.h5", name + extension })
        {
            using Sequential model = Sequential.FromJson(whole.ToJson());
            model.LoadWeights(Golden("keras-3", file));
            Close(recorded, "predict", model.Predict(x), 1e-5);
        }
    }

    /// <summary>A .keras file that this library writes of a model from Keras 3 has the same tree, values and settings,
    /// so Keras 3 can read it.</summary>
    [TestMethod]
    [DynamicData(nameof(Three))]
    public void A_file_for_Keras_3_has_the_Keras_3_layout(int index, string name, string extension)
    {
        _ = (index, extension);
        string own = Golden("keras-3", $"{name}.keras"), ours = Temporary(".keras");
        using (Sequential model = Sequential.Load(own)) model.Save(ours);
        JsonObject expected = Json(own), actual = Json(ours);
        foreach (string key in new[] { "module", "class_name", "build_config", "registered_name" })
            Assert.AreEqual(expected[key]?.ToJsonString(), actual[key]?.ToJsonString(), key);
        JsonArray theirs = expected["config"]!["layers"]!.AsArray(), mine = actual["config"]!["layers"]!.AsArray();
        Assert.HasCount(theirs.Count, mine);
        for (int i = 0; i < theirs.Count; i++)
        {
            foreach (string key in new[] { "module", "class_name", "registered_name" })
                Assert.AreEqual(theirs[i]![key]?.ToJsonString(), mine[i]![key]?.ToJsonString());
            foreach ((string setting, JsonNode? value) in mine[i]!["config"]!.AsObject())
                Assert.IsTrue(theirs[i]!["config"]!.AsObject().ContainsKey(setting),
                    $"Keras 3 has no \"{setting}\" in {mine[i]!["class_name"]}.");
        }
        Assert.AreEqual(expected["compile_config"]!["optimizer"]!["class_name"]!.ToJsonString(),
            actual["compile_config"]!["optimizer"]!["class_name"]!.ToJsonString());
        Assert.AreEqual(((Losses.Loss)expected["compile_config"]!["loss"]!.GetValue<string>()).Name,
            actual["compile_config"]!["loss"]!.GetValue<string>());
        CollectionAssert.IsSubsetOf(actual["compile_config"]!["optimizer"]!["config"]!.AsObject().Select(p => p.Key)
            .ToArray(), expected["compile_config"]!["optimizer"]!["config"]!.AsObject().Select(p => p.Key).ToArray());

        string[]? tree = Python.Run(Path.Combine(AppContext.BaseDirectory, "layout.py"), Unpacked(own)),
            ourTree = Python.Run(Path.Combine(AppContext.BaseDirectory, "layout.py"), Unpacked(ours));
        if (tree is null) Assert.Inconclusive("There is no Python with h5py.");
        // Layer names are the user's; the rest is path, shape, type and value.
        static string[] Lines(string[] lines) =>
            [.. lines.Where(l => !l.Contains("@name", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        CollectionAssert.AreEqual(Lines(tree!), Lines(ourTree!));
        File.Delete(ours);
    }

    [TestMethod]
    [DynamicData(nameof(Two))]
    public void A_file_for_Keras_2_has_the_Keras_2_layout(int index, string name)
    {
        _ = index;
        string own = Golden("keras-2.3.1", $"{name}.h5"), ours = Temporary(".h5");
        using (Sequential model = Sequential.Load(own)) model.Save(ours);
        string[]? tree = Python.Run(Path.Combine(AppContext.BaseDirectory, "layout.py"), own),
            ourTree = Python.Run(Path.Combine(AppContext.BaseDirectory, "layout.py"), ours);
        if (tree is null) Assert.Inconclusive("There is no Python with h5py.");
        // Keras on TensorFlow 1 names its tensors with ":0"; the recording, on TensorFlow 2, does not. The
        // configurations are compared elsewhere.
        static string[] Lines(string[] lines) =>
            [.. lines.Where(l => !l.Contains("_config=", StringComparison.Ordinal))
                .Select(l => l.Replace(":0", "", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        CollectionAssert.AreEqual(Lines(tree!), Lines(ourTree!));
        File.Delete(ours);
    }

    public static IEnumerable<object[]> AllLayers => LayerTests.Models.Select(m => new object[] { m.Index, m.Name });

    [TestMethod]
    [DynamicData(nameof(AllLayers))]
    public void Every_layer_round_trips_through_every_format(int index, string name)
    {
        LayerTests.TestModel test = LayerTests.Models.Single(m => m.Index == index);
        using Sequential model = test.Make();
        NDArray x = test.Input(4);
        float[] expected = model.Predict(x).ToArray();
        foreach (string extension in new[] { ".keras", ".h5", ".hdf5" })
        {
            string file = Temporary(extension);
            if (name == "Lambda" && !IsNamed(model))
            {
                Assert.ThrowsExactly<InvalidOperationException>(() => model.Save(file));
                continue;
            }
            if (extension == ".keras" && model.ToJson().Contains("hard_sigmoid", StringComparison.Ordinal))
            {
                Assert.ThrowsExactly<NotSupportedException>(() => model.Save(file));
                continue;
            }
            model.Save(file);
            using Sequential loaded = Sequential.Load(file);
            CollectionAssert.AreEqual(expected, loaded.Predict(x).ToArray(), name + extension);
            File.Delete(file);
        }
        foreach (string extension in new[] { ".weights.h5", ".h5" })
        {
            string file = Temporary(extension);
            model.SaveWeights(file);
            using Sequential fresh = test.Make();
            fresh.SetWeights([.. fresh.GetWeights().Select(w => new NDArray(w.Shape.ToArray()))]);
            fresh.LoadWeights(file);
            CollectionAssert.AreEqual(expected, fresh.Predict(x).ToArray(), name + extension);
            File.Delete(file);
        }
    }

    [TestMethod]
    public void Accuracy_keeps_its_meaning_in_a_file_for_Keras_3()
    {
        using var model = new Sequential([new Dense(3, "sigmoid", inputShape: [2])]);
        model.Compile("adam", "binary_crossentropy", metrics: ["accuracy"], stepsPerExecution: 2);
        NDArray x = new float[,] { { 0.5f, 1 }, { -1, 2 } }, y = new float[,] { { 1, 0, 1 }, { 0, 0, 1 } };
        string path = Path.Combine(Directory.CreateTempSubdirectory("keras").FullName, "model.keras");
        model.Save(path);
        using Sequential loaded = Sequential.Load(path);
        Assert.AreEqual(model.Evaluate(x, y, verbose: 0)["accuracy"], loaded.Evaluate(x, y, verbose: 0)["accuracy"]);
        Assert.AreEqual(2, loaded.GetCompileConfig()!["steps_per_execution"]!.GetValue<int>());
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }

    [TestMethod]
    public void A_zip_can_be_compressed()
    {
        using var model = new Sequential([new Dense(3000, inputShape: [2000]), new Dense(2)]);
        // Rounded, so that they compress.
        model.SetWeights([.. model.GetWeights()
            .Select(w => new NDArray([.. w.ToArray().Select(v => MathF.Round(v * 4096) / 4096)], w.Shape.ToArray()))]);
        string file = Temporary(".keras"), packed = Temporary(".keras");
        model.Save(file);
        using (ZipArchive from = ZipFile.OpenRead(file), to = ZipFile.Open(packed, ZipArchiveMode.Create))
        {
            foreach (ZipArchiveEntry entry in from.Entries)
            {
                using Stream source = entry.Open(),
                    target = to.CreateEntry(entry.Name, CompressionLevel.Fastest).Open();
                source.CopyTo(target);
            }
        }
        Assert.IsTrue(new FileInfo(packed).Length < new FileInfo(file).Length);
        using (Sequential loaded = Sequential.Load(packed))
        {
            for (int i = 0; i < 4; i++)
                CollectionAssert.AreEqual(model.GetWeights()[i].ToArray(), loaded.GetWeights()[i].ToArray());
        }
        File.Delete(file);
        File.Delete(packed);
    }

    [TestMethod]
    [DataRow(".keras")]
    [DataRow(".h5")]
    public void Weights_that_are_read_in_parts_are_the_same(string extension)
    {
        using var model = new Sequential([new Embedding(3001, 700, inputLength: 2), new Flatten(), new Dense(900)]);
        string file = Temporary(extension);
        model.Save(file);
        using Sequential loaded = Sequential.Load(file);
        for (int i = 0; i < model.Weights.Count; i++)
            CollectionAssert.AreEqual(model.GetWeights()[i].ToArray(), loaded.GetWeights()[i].ToArray());
        File.Delete(file);
    }

    [TestMethod]
    public void Every_optimizer_round_trips_through_every_format()
    {
        NDArray x = new([.. Enumerable.Range(0, 32).Select(i => MathF.Sin(i))], 8, 4),
            y = new([.. Enumerable.Range(0, 8).Select(i => MathF.Cos(i))], 8, 1);
        Optimizer[] optimizers = ["sgd", new SGD(0.01, momentum: 0.9), new SGD(0.01, 0.9, nesterov: true), "rmsprop",
            "adagrad", "adadelta", "adam", new Adam(amsgrad: true), "adamax", "nadam", "adamw", "lion", "ftrl",
            "adafactor", "lamb", "muon", "schedulefreeadamw",
            new LossScaleOptimizer(new Adam { UseEma = true }, 256, 3),
            new MultiOptimizer(new OptimizerMap(new SGD(0.1, 0.9)) { [".*/kernel"] = new Adam(0.02) }, 8),
            new RMSprop { EpsilonInRoot = true, Momentum = 0.5, Centered = true, VariableClipnorm = 0.2 },
            new Adagrad { InitialAccumulatorValue = 0.1, EpsilonInRoot = true, WeightDecay = 0.1 },
            new Adam(0.01, amsgrad: true) { GradientAccumulationSteps = 2, UseEma = true, EmaOverwriteFrequency = 2 },
            new Nadam(0.01, scheduleDecay: 1) { GradientAccumulationSteps = 2, LossScaleFactor = 4 },
            new SGD(new ExponentialDecay(0.1, 2, 0.5), momentum: 0.5) { GlobalClipnorm = 0.3 }];
        CollectionAssert.AreEquivalent(OptimizerWeights.Known.ToArray(),
            optimizers.Select(o => o.GetType().Name).Distinct().ToArray());
        CollectionAssert.AreEquivalent(OptimizerRegistry.Known.Names.Order().ToArray(),
            OptimizerWeights.Known.Select(n => n.ToLowerInvariant()).ToArray());
        foreach (Optimizer optimizer in optimizers)
        {
            foreach (string extension in new[] { ".keras", ".h5" })
            {
                using var model =
                    new Sequential([new Dense(3, activation: "tanh", inputShape: [4]), new BatchNormalization(),
                        new Dense(1)]);
                model.Compile(optimizer, "mse");
                model.Fit(x, y, batchSize: 4, epochs: 2, shuffle: false, verbose: 0);
                string file = Temporary(extension);
                model.Save(file);
                using Sequential loaded = Sequential.Load(file);
                Assert.AreEqual(model.Optimizer!.Iterations, loaded.Optimizer!.Iterations);
                Assert.AreEqual(model.Optimizer.GetConfig().ToJsonString(),
                    loaded.Optimizer.GetConfig().ToJsonString());
                model.Fit(x, y, batchSize: 4, epochs: 2, shuffle: false, verbose: 0);
                loaded.Fit(x, y, batchSize: 4, epochs: 2, shuffle: false, verbose: 0);
                float[] expected = model.GetWeights()[0].ToArray(), actual = loaded.GetWeights()[0].ToArray();
                for (int i = 0; i < expected.Length; i++)
                    Assert.AreEqual(expected[i], actual[i], 1e-6, $"{optimizer.GetType().Name}{extension}");
                File.Delete(file);
            }
        }
    }

    [TestMethod]
    public void Incompatible_content_is_rejected_or_skipped()
    {
        string file = Temporary(".h5");
        using var model = new Sequential([new Dense(3, inputShape: [4], name: "a"), new Dense(2, name: "b")]);
        model.SaveWeights(file);
        using var fewer = new Sequential([new Dense(3, inputShape: [4], name: "a")]);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => fewer.LoadWeights(file)).Message,
            "2 layers into a model with 1 layers");
        fewer.LoadWeights(file, byName: true);
        CollectionAssert.AreEqual(model.GetWeights()[0].ToArray(), fewer.GetWeights()[0].ToArray());
        using var wider = new Sequential([new Dense(5, inputShape: [4], name: "a"), new Dense(2, name: "b")]);
        float[] before = wider.GetWeights()[0].ToArray();
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => wider.LoadWeights(file)).Message, "(4, 5)");
        wider.LoadWeights(file, byName: true, skipMismatch: true);
        CollectionAssert.AreEqual(before, wider.GetWeights()[0].ToArray());
        Assert.ThrowsExactly<InvalidDataException>(() => Sequential.Load(file));
        Assert.ThrowsExactly<IOException>(() => model.Save(file, overwrite: false));
        Assert.ThrowsExactly<NotSupportedException>(() => model.SaveWeights(Temporary(".keras")));
        File.WriteAllText(file, "no HDF5");
        Assert.ThrowsExactly<InvalidDataException>(() => Sequential.Load(file));
        Assert.ThrowsExactly<InvalidDataException>(() => model.LoadWeights(file));
        File.Delete(file);
    }

    /// <summary>What tf.keras writes instead of Keras' training_config.</summary>
    [TestMethod]
    public void The_training_of_tf_keras_is_understood()
    {
        using JsonDocument written = JsonDocument.Parse("""
            {"loss": {"class_name": "CategoricalCrossentropy", "config": {"reduction": "auto",
              "name": "categorical_crossentropy", "from_logits": true, "label_smoothing": 0}},
             "metrics": [[{"class_name": "MeanMetricWrapper", "config": {"name": "accuracy", "dtype": "float32",
               "fn": "categorical_accuracy"}},
                          {"class_name": "MeanMetricWrapper", "config": {"name": "mean_absolute_error",
                            "dtype": "float32", "fn": "mean_absolute_error"}}]],
             "weighted_metrics": null, "loss_weights": null,
             "optimizer_config": {"class_name": "Adam", "config": {"name": "Adam", "learning_rate": 0.01, "decay": 0.0,
               "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-07, "amsgrad": false}}}
            """);
        using var model = new Sequential([new Dense(3, inputShape: [2])]);
        model.CompileAs(new Saving.Config(Keras3Config.Training(written.RootElement), "training_config"));
        CollectionAssert.AreEqual(new[] { "loss", "accuracy", "mean_absolute_error" }, model.MetricsNames.ToArray());
        Assert.AreEqual(0.01, model.Optimizer!.LearningRate);

        // Keras 3's clipnorm limits each gradient by itself, and its global_clipnorm is Keras 2's clipnorm.
        Optimizer one = Read("\"clipnorm\": 1.0, \"global_clipnorm\": null, \"use_ema\": true"),
            all = Read("\"clipnorm\": null, \"global_clipnorm\": 2.0, \"use_ema\": false, \"weight_decay\": 0.1"),
            older = Read("\"clipnorm\": 3.0");
        Assert.AreEqual((1, null, true), (one.VariableClipnorm, one.Clipnorm, one.UseEma));
        Assert.AreEqual((null, 2, 0.1), (all.VariableClipnorm, all.Clipnorm, all.WeightDecay));
        Assert.AreEqual((null, 3, null), (older.VariableClipnorm, older.Clipnorm, older.WeightDecay));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() =>
            Read("\"clipnorm\": 1, \"global_clipnorm\": 2, \"use_ema\": false")).Message, "clipnorm");

        static Optimizer Read(string settings)
        {
            using JsonDocument other = JsonDocument.Parse(
                "{\"optimizer\": {\"class_name\": \"SGD\", \"config\": {\"learning_rate\": 0.1, " + settings
                + "}}, \"loss\": \"mse\"}");
            using var model = new Sequential([new Dense(3, inputShape: [2])]);
            model.CompileAs(new Saving.Config(Keras3Config.Training(other.RootElement), "compile_config"));
            return model.Optimizer!;
        }
    }

    [TestMethod]
    public void Functions_with_the_same_name_are_distinguished()
    {
        NDArray x = new([-2.8f, -1, 0, 1, 2.8f], 5, 1);
        string file = Temporary(".keras"), older = Temporary(".h5");
        using var three = new Sequential([new Activation("hardsigmoid", inputShape: [1])]);
        three.Save(file);
        Assert.AreEqual("hard_sigmoid",
            Json(file)["config"]!["layers"]![1]!["config"]!["activation"]!.GetValue<string>());
        using (Sequential loaded = Sequential.Load(file))
            CollectionAssert.AreEqual(three.Predict(x).ToArray(), loaded.Predict(x).ToArray());
        Assert.AreEqual(-2.8f / 6 + 0.5f, three.Predict(x)[0, 0], 1e-6);

        using var two = new Sequential([new Activation("hard_sigmoid", inputShape: [1])]);
        StringAssert.Contains(Assert.ThrowsExactly<NotSupportedException>(() => two.Save(file)).Message,
            "hard_sigmoid");
        two.Save(older);
        using (Sequential loaded = Sequential.Load(older))
            CollectionAssert.AreEqual(two.Predict(x).ToArray(), loaded.Predict(x).ToArray());
        File.Delete(file);
        File.Delete(older);
    }

    [TestMethod]
    [DataRow(".h5", 10_000)]
    [DataRow(".keras", 10_000)]
    public void Damaged_files_are_rejected(string extension, int files)
    {
        byte[][] seeds = [
            .. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Golden"), "*" + extension,
                SearchOption.AllDirectories).Select(File.ReadAllBytes)];
        string path = Temporary(extension);
        FuzzTests.Fuzz(files, seeds, FuzzTests.Damaged, bytes =>
        {
            File.WriteAllBytes(path, bytes);
            return Sequential.Load(path);
        }, LibraryBytes);
        File.Delete(path);
        Assert.IsLessThan(MostMemory, Environment.WorkingSet, "What is asked for and never used takes no memory.");
    }

    /// <summary>PureHDF allocates as many bytes as a damaged length says, at most 2 GiB, before it detects that the
    /// file has fewer.</summary>
    const long LibraryBytes = (2L << 30) + (512 << 20), MostMemory = 1 << 30;

    /// <summary>Whether all functions in a model have names, so that it has a configuration.</summary>
    static bool IsNamed(Sequential model)
    {
        try
        {
            return model.ToJson().Length > 0;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    static void GoesOn(JsonElement recorded, Sequential model, NDArray x, NDArray y)
    {
        if (recorded.Optional("then_train_on_batch") is not { } trained) return;
        // Only the loss: the recorded metrics include earlier batches, which no file contains.
        Assert.AreEqual(GoldenCase.Numbers(trained)[0], model.TrainOnBatch(x, y)["loss"], 1e-4);
        Close(recorded, "predict_after_that", model.Predict(x), 1e-3);
    }

    static void Close(JsonElement recorded, string key, NDArray actual, double tolerance)
    {
        float[] expected = GoldenCase.Array(recorded.GetProperty(key)).ToArray(), values = actual.ToArray();
        Assert.HasCount(expected.Length, values);
        for (int i = 0; i < expected.Length; i++) Assert.AreEqual(expected[i], values[i], tolerance, $"{key}[{i}]");
    }

    static JsonObject Json(string file)
    {
        using ZipArchive zip = ZipFile.OpenRead(file);
        using Stream stream = zip.GetEntry("config.json")!.Open();
        return JsonNode.Parse(stream)!.AsObject();
    }

    static string Unpacked(string file)
    {
        using ZipArchive zip = ZipFile.OpenRead(file);
        string path = Temporary(".h5");
        zip.GetEntry("model.weights.h5")!.ExtractToFile(path);
        return path;
    }

    static string Temporary(string extension) => Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}{extension}");
}
