using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Losses;
using Microsoft.ML.KerasSequential.Optimizers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>The requirements of Keras' own tests of saving, in Keras' formats.</summary>
[TestClass]
public sealed class SavingSuite
{
    readonly string _folder = Directory.CreateTempSubdirectory("suite").FullName;

    [TestCleanup]
    public void Clean() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    [DataRow(".h5")]
    [DataRow(".hdf5")]
    [DataRow(".keras")]
    [DataRow(".zip")]
    public void A_model_is_saved_to_files_and_streams_and_continues_training_identically(string extension)
    {
        NDArray x = Values(4, 3), y = Values(4, 3, 3);
        using var model =
            new Sequential([new Dense(2, inputShape: [3]), new RepeatVector(3), new TimeDistributed(new Dense(3))]);
        // Keras 3 files do not contain temporal sample weights.
        model.Compile(new RMSprop(0.0001), new MeanSquaredError(), metrics: ["categorical_accuracy"],
            sampleWeightMode: extension == ".keras" ? null : "temporal");
        model.TrainOnBatch(x, y);
        string path = Path.Combine(_folder, $"m{extension}");
        model.Save(path);
        using var stream = new MemoryStream();
        model.Save(stream, extension);
        stream.Position = 0;
        using FileStream file = File.OpenRead(path);
        using var behind = new MemoryStream([9, 9, .. stream.ToArray()]) { Position = 2 };
        using var oneWay = new OneWay(stream.ToArray());
        File.WriteAllBytes(Path.Combine(_folder, $"s{extension}"), stream.ToArray());
        float[] expected = model.Predict(x).ToArray();
        Sequential[] loaded = [Sequential.Load(path), Sequential.Load(stream), Sequential.Load(file),
            Sequential.Load(behind), Sequential.Load(oneWay), Sequential.Load(Path.Combine(_folder, $"s{extension}"))];
        model.TrainOnBatch(x, y);
        float[] after = model.Predict(x).ToArray();
        foreach (Sequential one in loaded)
        {
            CollectionAssert.AreEqual(expected, one.Predict(x).ToArray());
            one.TrainOnBatch(x, y);
            float[] own = one.Predict(x).ToArray();
            for (int i = 0; i < own.Length; i++) Assert.AreEqual(after[i], own[i], 1e-6f);
            one.Dispose();
        }
        Assert.IsTrue(stream.CanRead && file.CanRead);
    }

    [TestMethod]
    public void Streams_without_a_model_are_rejected()
    {
        using var model = new Sequential([new Dense(2, inputShape: [3])]);
        string weights = Path.Combine(_folder, "w.h5");
        model.SaveWeights(weights);
        Assert.Contains("model_config",
            Assert.ThrowsExactly<InvalidDataException>(() =>
                Sequential.Load(new MemoryStream(File.ReadAllBytes(weights)))).Message);
        using var stream = new MemoryStream();
        model.Save(stream, ".h5");
        Assert.ThrowsExactly<InvalidDataException>(() => Sequential.Load(new MemoryStream(stream.ToArray()[..100])));
        using var other = new Sequential([new Activation("hard_sigmoid", inputShape: [1])]);
        using var untouched = new MemoryStream();
        Assert.ThrowsExactly<NotSupportedException>(() => other.Save(untouched, ".keras"));
        Assert.AreEqual(0, untouched.Length);
    }

    [TestMethod]
    [DataRow("w.h5", false)]
    [DataRow("w.h5", true)]
    [DataRow("w.weights.h5", false)]
    public void Weights_of_a_different_shape_are_accepted_only_on_request(string file, bool byName)
    {
        string path = Path.Combine(_folder, file);
        using var model =
            new Sequential([new Conv2D(2, 1, inputShape: [1, 1, 1], name: "a"), new Flatten(),
                new Dense(3, name: "b")]);
        bool isTree = file.Contains(".weights.", StringComparison.Ordinal);
        // Keras 3 identifies layers by class and order.
        using Sequential other = isTree
            ? new([new Conv2D(2, 1, inputShape: [1, 1, 1]), new Flatten(), new Reshape([1, 1, 2]), new Dense(3)])
            : new([new Conv2D(2, 1, inputShape: [1, 1, 1], name: "a"), new Conv2D(3, 1, name: "b")]);
        RandomModels.Randomize(model, new Random(2));
        model.SaveWeights(path);
        if (!isTree) Assert.ThrowsExactly<ArgumentException>(() => other.LoadWeights(path, byName));
        other.LoadWeights(path, byName, reshape: true);
        for (int i = 0; i < 4; i++)
            CollectionAssert.AreEqual(model.GetWeights()[i].ToArray(), other.GetWeights()[i].ToArray());
        NDArray x = Values(1, 1, 1, 1);
        CollectionAssert.AreEqual(model.Predict(x).ToArray(), other.Predict(x).ToArray());

        using var wide =
            new Sequential([new Conv2D(10, 1, inputShape: [1, 1, 1], name: "a"), new Flatten(),
                new Dense(3, name: "b")]);
        float[] before = wide.GetWeights()[0].ToArray();
        Assert.ThrowsExactly<ArgumentException>(() => wide.LoadWeights(path, byName, reshape: true));
        CollectionAssert.AreEqual(before, wide.GetWeights()[0].ToArray());
        if (!byName) return;
        using var few =
            new Sequential([new Conv2D(2, 1, useBias: false, inputShape: [1, 1, 1], name: "a"), new Flatten(),
                new Dense(3, name: "b")]);
        before = few.GetWeights()[0].ToArray();
        foreach (bool names in new[] { false, true })
            Assert.ThrowsExactly<ArgumentException>(() => few.LoadWeights(path, names));
        few.LoadWeights(path, byName: true, skipMismatch: true);
        CollectionAssert.AreEqual(before, few.GetWeights()[0].ToArray());
        CollectionAssert.AreEqual(model.GetWeights()[2].ToArray(), few.GetWeights()[1].ToArray());
    }

    [TestMethod]
    public void Layers_between_those_of_a_file_stay_unchanged()
    {
        string path = Path.Combine(_folder, "names.h5");
        using var model = new Sequential([new Dense(2, inputShape: [3], name: "a"), new Dense(3, name: "b")]);
        model.SaveWeights(path);
        using var longer =
            new Sequential([new Dense(2, inputShape: [3], name: "a"), new Dense(3, name: "x"), new Dense(2, name: "y"),
                new Dense(3, name: "b")]);
        float[] x = longer.GetWeights()[2].ToArray();
        longer.LoadWeights(path, byName: true);
        CollectionAssert.AreEqual(model.GetWeights()[0].ToArray(), longer.GetWeights()[0].ToArray());
        CollectionAssert.AreEqual(x, longer.GetWeights()[2].ToArray());
        CollectionAssert.AreEqual(model.GetWeights()[2].ToArray(), longer.GetWeights()[6].ToArray());
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    public void Names_of_tens_of_thousands_of_letters_are_restored_from_a_file(int depth)
    {
        string name = new('x', 1 << 15), path = Path.Combine(_folder, "long.h5");
        Layer[] Inside() => [new Dense(2, inputShape: [2], name: "a"), new Dense(2, trainable: false, name: "b"),
            new Dense(2, name: name)];
        using Sequential model = new(depth == 1 ? Inside() : [new Sequential(Inside(), "inner"), new Dense(2)]);
        model.Compile("adam", "mse", metrics: ["acc"]);
        model.TrainOnBatch(Values(1, 2), Values(1, 2));
        model.Save(path);
        using Sequential loaded = Sequential.Load(path);
        CollectionAssert.AreEqual(model.Predict(Values(1, 2)).ToArray(), loaded.Predict(Values(1, 2)).ToArray());
    }

    [TestMethod]
    [DataRow(".h5")]
    [DataRow(".keras")]
    public void Given_values_of_an_initializer_and_recurrent_layers_without_bias_are_restored_from_a_file(
        string extension)
    {
        string path = Path.Combine(_folder, $"c{extension}");
        using var model =
            new Sequential([new LSTM(3, useBias: false, recurrentActivation: "sigmoid", inputShape: [4, 2]),
            new Dense(2, kernelInitializer: new Initializers.Constant(new float[,] { { 1, 2 }, { 3, 4 }, { 5, 6 } })),
            new Dense(3)]);
        model.Compile("sgd", "mse", metrics: ["acc"]);
        model.Save(path);
        using Sequential loaded = Sequential.Load(path);
        CollectionAssert.AreEqual(model.Predict(Values(2, 4, 2)).ToArray(), loaded.Predict(Values(2, 4, 2)).ToArray());
        using Sequential fresh = Sequential.FromJson(loaded.ToJson());
        CollectionAssert.AreEqual(new float[] { 1, 2, 3, 4, 5, 6 }, fresh.Layers[1].GetWeights()[0].ToArray());
    }

    static NDArray Values(params int[] shape) =>
        new([.. Enumerable.Range(0, shape.Aggregate(1, (p, d) => p * d)).Select(i => MathF.Sin(1 + i))], shape);

    /// <summary>A forward-only stream.</summary>
    sealed class OneWay(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;

        public override long Position
        {
            get => throw new NotSupportedException(); set =>
            throw new NotSupportedException();
        }
    }
}
