using Microsoft.Extensions.Logging;
using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Loading weights in order while layers that do not fit are skipped.</summary>
[TestClass]
public sealed class SkipMismatchTests
{
    readonly string _folder = Directory.CreateTempSubdirectory("skip").FullName;

    [TestCleanup]
    public void Clean() => Directory.Delete(_folder, recursive: true);

    static Sequential Model(int units = 3, bool bias = true, string prefix = "x") => new([
        new Dense(4, inputShape: [2], name: prefix + "1"), new Dense(units, useBias: bias, name: prefix + "2"),
        new BatchNormalization(name: prefix + "3")]);

    [TestMethod]
    [DataRow("w.safetensors")]
    [DataRow("w.npz")]
    public void Layers_with_other_shapes_are_skipped_with_a_warning(string file)
    {
        string path = Path.Combine(_folder, file);
        using Sequential saved = Model(3);
        RandomModels.Randomize(saved, new Random(3));
        saved.SaveWeights(path);
        foreach (string prefix in new[] { "x", "other" })
        {
            using Sequential model = Model(5, prefix: prefix);
            var log = new ListLogger();
            model.Logger = log;
            float[][] before = [.. model.GetWeights().Select(w => w.ToArray())];
            Assert.ThrowsExactly<ArgumentException>(() => model.LoadWeights(path));
            Assert.IsEmpty(log.Entries);
            model.LoadWeights(path, skipMismatch: true);
            IReadOnlyList<NDArray> now = model.GetWeights();
            for (int i = 0; i < now.Count; i++)
                CollectionAssert.AreEqual(i < 2 ? saved.GetWeights()[i].ToArray() : before[i], now[i].ToArray(),
                    $"{i}");
            Assert.HasCount(2, log.Entries);
            Assert.AreEqual($"The weights of layer {prefix}2 are not loaded: it has 2 of shapes (4, 5), (5,), but "
                + $"{path} has 2 of shapes (4, 3), (3,).", log.Entries[0].Text);
            Assert.AreEqual((LogLevel.Warning, 11), (log.Entries[0].Level, log.Entries[0].Id));
            Assert.Contains($"layer {prefix}3", log.Entries[1].Text);
        }
    }

    [TestMethod]
    public void Layers_with_another_number_of_weights_are_skipped()
    {
        string path = Path.Combine(_folder, "w.safetensors");
        using Sequential saved = Model(3, bias: false), model = Model(3);
        RandomModels.Randomize(saved, new Random(3));
        saved.SaveWeights(path);
        var log = new ListLogger();
        model.Logger = log;
        float[] before = model.Layers[1].GetWeights()[0].ToArray();
        model.LoadWeights(path, skipMismatch: true);
        CollectionAssert.AreEqual(before, model.Layers[1].GetWeights()[0].ToArray());
        foreach (int i in new[] { 0, 2 })
            CollectionAssert.AreEqual(saved.Layers[i].GetWeights()[0].ToArray(),
                model.Layers[i].GetWeights()[0].ToArray());
        Assert.Contains("it has 2 of shapes (4, 3), (3,), but", log.Lines.Single());
        Assert.Contains("one of shape (4, 3).", log.Lines.Single());
    }

    [TestMethod]
    public void Everything_fits_without_a_warning_and_other_errors_remain()
    {
        string path = Path.Combine(_folder, "w.npz");
        using Sequential saved = Model(), model = Model();
        RandomModels.Randomize(saved, new Random(3));
        saved.SaveWeights(path);
        var log = new ListLogger();
        model.Logger = log;
        model.LoadWeights(path, skipMismatch: true);
        for (int i = 0; i < saved.Weights.Count; i++)
            CollectionAssert.AreEqual(saved.GetWeights()[i].ToArray(), model.GetWeights()[i].ToArray());
        Assert.IsEmpty(log.Entries);

        using var fewer = new Sequential([new Dense(4, inputShape: [2])]);
        Assert.Contains("3 layers into a model with 1 layers",
            Assert.ThrowsExactly<ArgumentException>(() => fewer.LoadWeights(path, skipMismatch: true)).Message);
        Assert.ThrowsExactly<FileNotFoundException>(() => model.LoadWeights(path + "x", skipMismatch: true));
        File.WriteAllText(path, "no zip");
        Assert.ThrowsExactly<InvalidDataException>(() => model.LoadWeights(path, skipMismatch: true));
    }

    [TestMethod]
    public void Numbered_arrays_are_cut_by_the_layers_of_the_model()
    {
        string path = Path.Combine(_folder, "w.npz");
        using Sequential saved = Model(3), model = Model(5);
        RandomModels.Randomize(saved, new Random(3));
        using (FileStream stream = File.Create(path))
            Saving.Npz.Write(stream, [.. saved.GetWeights().Select((w, i) => KeyValuePair.Create($"arr_{i}", w))]);
        float[] before = model.GetWeights()[2].ToArray();
        model.LoadWeights(path, skipMismatch: true);
        CollectionAssert.AreEqual(saved.GetWeights()[0].ToArray(), model.GetWeights()[0].ToArray());
        CollectionAssert.AreEqual(before, model.GetWeights()[2].ToArray());
        using var fewer = new Sequential([new Dense(4, inputShape: [2])]);
        Assert.ThrowsExactly<ArgumentException>(() => fewer.LoadWeights(path, skipMismatch: true));
    }
}
