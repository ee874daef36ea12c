using System.Text.RegularExpressions;
using Microsoft.ML.KerasSequential.Hdf5;
using Microsoft.ML.KerasSequential.Layers;
using PureHDF;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Weights of nested layers are matched by name, whatever was frozen when they were written or is frozen when
/// they are read.</summary>
[TestClass]
public sealed class FrozenLayerFileTests
{
    readonly string _folder = Directory.CreateTempSubdirectory("frozen").FullName;

    /// <summary>Nested layers, whose weights of equal shapes could be confused.</summary>
    static readonly (string Name, Func<Sequential> Make)[] s_models =
    [
        ("nested",
            () => new([new Sequential([new Dense(3, name: "a", inputShape: [3]), new Dense(3, name: "b")], "inner"),
                new Dense(1, name: "out")])),
        ("unnamed",
            () => new([new Sequential([new Dense(3, inputShape: [3]), new Dense(3), new Dense(3)]), new Dense(3)])),
        ("normalized",
            () => new([
                new Sequential([new Dense(3, name: "a", inputShape: [3]), new BatchNormalization(name: "n"),
                    new Dense(3, name: "b"), new BatchNormalization(name: "m")], "inner")])),
        ("deep",
            () => new([
                new Sequential([new Dense(3, name: "a", inputShape: [3]),
                    new Sequential([new Dense(3, name: "a", inputShape: [3]), new Dense(3, name: "c")], "core"),
                    new Dense(3, name: "c")], "inner")])),
        ("wrapped",
            () => new([
                new TimeDistributed(
                    new Sequential([new Dense(3, name: "a", inputShape: [3]), new BatchNormalization(name: "n"),
                        new Dense(3, name: "b")], "each"), inputShape: [2, 3])])),
        ("bidirectional", () => new([new Bidirectional(new LSTM(3), inputShape: [2, 3]), new Dense(1)])),
        ("branches",
            () => new([
                new Branches([new Dense(3), new Dense(3), new Sequential([new Dense(3, inputShape: [3])])],
                    "concatenate", inputShape: [3])])),
        ("residual", () => new([new Residual([new Dense(3, name: "a"), new Dense(3, name: "b")], inputShape: [3])])),
    ];

    static readonly string[] s_weightFiles = ["w.h5", "w.hdf5", "w.weights.h5", "w.safetensors", "w.npz"];

    public static IEnumerable<object[]> Names => s_models.Select(m => new object[] { m.Name });

    /// <summary>Without those whose configuration cannot specify what is frozen: both directions are created from
    /// one.</summary>
    public static IEnumerable<object[]> Configured => Names.Where(n => n[0] is not "bidirectional");

    [TestCleanup]
    public void Clean() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Weights_are_matched_by_name_whatever_is_frozen_in_file_and_model(string name)
    {
        Func<Sequential> make = s_models.Single(m => m.Name == name).Make;
        int layers = Inside(make()).Count;
        // A model without a name is numbered per process, so no file can identify it by name.
        bool isNamed = name is not ("unnamed" or "branches");
        foreach (string file in s_weightFiles)
        {
            foreach (bool byName in !isNamed || file.EndsWith(".weights.h5", StringComparison.Ordinal) ? [false]
                : new[] { false, true })
            {
                for (int written = -1; written < layers; written++)
                {
                    for (int read = -1; read < layers; read++)
                    {
                        using Sequential model = Made(make, written), copy = Made(make, read);
                        RandomModels.Randomize(model, new Random(5));
                        string path = Path.Combine(_folder, file);
                        model.SaveWeights(path);
                        copy.LoadWeights(path, byName);
                        AssertSame(model, copy, $"{file}, by name: {byName}, frozen: {written} and {read}");
                    }
                }
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(Configured))]
    public void A_model_is_read_with_its_weights_and_frozen_layers_and_continues_training(string name)
    {
        Func<Sequential> make = s_models.Single(m => m.Name == name).Make;
        for (int frozen = -1; frozen < Inside(make()).Count; frozen++)
        {
            foreach (string file in new[] { "m.h5", "m.keras", "m.zip" })
            {
                using Sequential model = Made(make, frozen);
                RandomModels.Randomize(model, new Random(6));
                int[] sizes = [.. model.InputShape.Skip(1).Select(d => d!.Value)],
                    outputs = [.. model.OutputShape!.Skip(1).Select(d => d!.Value)];
                NDArray x = Waves([8, .. sizes]), y = Waves([8, .. outputs]);
                model.Compile("adam", "mse");
                model.Fit(x, y, batchSize: 4, epochs: 1, shuffle: false, verbose: 0);
                string path = Path.Combine(_folder, file);
                model.Save(path);
                using Sequential loaded = Sequential.Load(path);
                AssertSame(model, loaded, $"{file}, frozen: {frozen}");
                Assert.HasCount(model.TrainableWeights.Count, loaded.TrainableWeights, $"{file}, frozen: {frozen}");
                foreach (Sequential one in new[] { model, loaded })
                    one.Fit(x, y, batchSize: 4, epochs: 1, shuffle: false, verbose: 0);
                AssertSame(model, loaded, $"{file}, frozen: {frozen}, trained on", 1e-6f);
            }
        }
    }

    [TestMethod]
    public void A_frozen_layer_does_not_swap_weights_in_a_file_written_by_Keras()
    {
        // Keras writes the names without the model's, trainable ones first.
        string path = Keras(["b/kernel:0", "b/bias:0", "a/kernel:0", "a/bias:0"]);
        foreach (string? frozen in new[] { null, "a", "b" })
        {
            using Sequential model = Pair("a", "b", frozen);
            model.LoadWeights(path);
            AssertFilled(model, "a/kernel", 2);
            AssertFilled(model, "a/bias", 3);
            AssertFilled(model, "b/kernel", 0);
            AssertFilled(model, "b/bias", 1);
        }
    }

    [TestMethod]
    public void Completely_different_names_leave_the_order_as_in_Keras()
    {
        using Sequential model = Pair("p", "q");
        model.LoadWeights(Keras(["a/kernel:0", "a/bias:0", "b/kernel:0", "b/bias:0"]));
        AssertFilled(model, "p/kernel", 0);
        AssertFilled(model, "q/bias", 3);
    }

    [TestMethod]
    public void Differently_numbered_names_are_the_same_layers()
    {
        using Sequential model = Pair("dense_1", "dense_2");
        model.LoadWeights(Keras(["dense_9/kernel:0", "dense_9/bias:0", "dense_10/kernel:0", "dense_10/bias:0"]));
        AssertFilled(model, "dense_1/kernel", 0);
        AssertFilled(model, "dense_2/kernel", 2);
        // One name is that of another layer: still, all are identified by their numbers, and the order may agree.
        using Sequential same = Pair("dense_2", "dense_3");
        same.LoadWeights(Keras(["dense_1/kernel:0", "dense_1/bias:0", "dense_2/kernel:0", "dense_2/bias:0"]));
        AssertFilled(same, "dense_2/kernel", 0);
    }

    [TestMethod]
    public void Arrays_that_NumPy_numbered_are_in_the_order_of_get_weights()
    {
        using Sequential model = Pair("a", "b", "a"), named = Pair("a", "b", "a");
        RandomModels.Randomize(model, new Random(7));
        string path = Path.Combine(_folder, "arr.npz");
        using (var stream = File.Create(path))
            Saving.Npz.Write(stream, [.. model.GetWeights().Select((w, i) => KeyValuePair.Create($"arr_{i}", w))]);
        named.LoadWeights(path);
        AssertSame(model, named, "npz");
    }

    [TestMethod]
    [DataRow("w.npz")]
    [DataRow("w.safetensors")]
    public void Files_in_another_order_are_read_by_their_names(string file)
    {
        using Sequential model = Pair("a", "b"), copy = Pair("a", "b");
        RandomModels.Randomize(model, new Random(8));
        string path = Path.Combine(_folder, file);
        using (var stream = File.Create(path))
        {
            List<KeyValuePair<string, NDArray>> values = [.. model.Layers[0].NamedWeights().Reverse()
                .Select(w => KeyValuePair.Create($"inner/{w.Path}", w.Weight.GetValue()))];
            if (file.EndsWith("npz", StringComparison.Ordinal)) Saving.Npz.Write(stream, values);
            else Saving.Safetensors.Write(stream, values);
        }
        copy.LoadWeights(path);
        AssertSame(model, copy, file);
    }

    static Sequential Pair(string first, string second, string? frozen = null) =>
        new([
            new Sequential([new Dense(3, name: first, inputShape: [3], trainable: first != frozen),
                new Dense(3, name: second, trainable: second != frozen)], "inner")]);

    /// <summary>A file of one layer, as Keras writes it: kernels and biases filled with their indices in it.</summary>
    string Keras(string[] names)
    {
        var group = new H5Group();
        group.Attributes["weight_names"] = names;
        for (int i = 0; i < names.Length; i++)
        {
            float[] values = new float[names[i].Contains("kernel", StringComparison.Ordinal) ? 9 : 3];
            values.AsSpan().Fill(i);
            H5.Put(group, names[i],
                values.Length == 9 ? H5.Dataset(new NDArray(values, 3, 3)) : H5.Dataset(new NDArray(values, 3)));
        }
        var file = new H5File { ["inner"] = group };
        file.Attributes["layer_names"] = new[] { "inner" };
        string path = Path.Combine(_folder, $"{Guid.NewGuid():N}.h5");
        file.Write(path);
        return path;
    }

    static void AssertFilled(Sequential model, string name, float value) =>
        Assert.IsTrue(model.Layers[0].NamedWeights().Single(w => w.Path == name).Weight.GetValue().ToArray()
            .All(v => v == value), name);

    static Sequential Made(Func<Sequential> make, int frozen)
    {
        Sequential model = make();
        if (frozen >= 0) Inside(model)[frozen].Trainable = false;
        return model;
    }

    /// <summary>All layers with weights at every depth, except the model.</summary>
    static List<Layer> Inside(Layer layer) =>
        [.. layer.Inner.Distinct().SelectMany(l => Inside(l).Prepend(l))
            .Where(l => l is not Cell && l.Weights.Count > 0)];

    static void AssertSame(Sequential expected, Sequential actual, string what, float delta = 0)
    {
        Dictionary<string, Variable> own = Named(actual);
        foreach ((string path, Variable weight) in Named(expected))
            foreach ((float value, float read) in weight.GetValue().ToArray().Zip(own[path].GetValue().ToArray()))
                Assert.AreEqual(value, read, delta, $"{what}: {path}");
    }

    /// <summary>The weights by their paths; models without a name are numbered per process, so their numbers mean
    /// nothing.</summary>
    static Dictionary<string, Variable> Named(Sequential model) =>
        model.Layers.SelectMany(l => l.NamedWeights().Select(w => ($"{l.Name}/{w.Path}", w.Weight)))
        .ToDictionary(w => Regex.Replace(w.Item1, "sequential_[0-9]+", "sequential"), w => w.Weight);

    static NDArray Waves(int[] sizes) =>
        new([.. Enumerable.Range(0, sizes.Aggregate(1, (p, d) => p * d)).Select(i => MathF.Sin(i * 1.7f))], sizes);
}
