using System.Globalization;
using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Files with weights only: safetensors, and NumPy's npz.</summary>
[TestClass]
public sealed class WeightFileTests
{
    readonly string _folder = Directory.CreateTempSubdirectory("weights").FullName;

    [TestCleanup]
    public void Clean() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    [DataRow("w.npz")]
    [DataRow("w.NPZ")]
    [DataRow("w.safetensors")]
    public void Every_layer_gets_its_weights_back(string file)
    {
        string path = Path.Combine(_folder, file);
        foreach (LayerTests.TestModel made in LayerTests.Models)
        {
            using Sequential model = made.Make(), copy = made.Make();
            RandomModels.Randomize(model, new Random(3));
            model.SaveWeights(path);
            copy.LoadWeights(path);
            for (int i = 0; i < model.Weights.Count; i++)
                CollectionAssert.AreEqual(model.Weights[i].GetValue().ToArray(), copy.Weights[i].GetValue().ToArray(),
                    made.Name);
        }
    }

    [TestMethod]
    public void NumPy_reads_what_is_written_and_what_it_writes_is_read()
    {
        K.SetRandomSeed(1);
        using Sequential model = Model();
        string ours = Path.Combine(_folder, "ours.npz"), theirs = Path.Combine(_folder, "theirs.npz");
        model.SaveWeights(ours);
        string[]? lines = Python.Run("-c", $$"""
            import numpy as np
            read = np.load(r"{{ours}}")
            for name in read.files:
                print(name, read[name].dtype, read[name].shape, repr(float(read[name].astype("f8").sum())), sep=";")
            kernel, bias = read["dense_1/kernel"], read["dense_1/bias"]
            np.savez(r"{{theirs}}", **{
                "dense_1/kernel": np.asfortranarray(kernel.astype("f8") + 1), "dense_1/bias": (bias + 2).astype("f2"),
                "dense_2/kernel": np.arange(3, dtype="i8").reshape(3, 1), "dense_2/bias": np.array([-5], dtype="i1")})
            """);
        if (lines is null)
        {
            Assert.Inconclusive("There is no Python with NumPy.");
            return;
        }
        Assert.HasCount(4, lines);
        for (int i = 0; i < 4; i++)
        {
            string[] parts = lines[i].Split(';');
            NDArray value = model.Weights[i].GetValue();
            Assert.AreEqual(model.Weights[i].Name, parts[0]);
            Assert.AreEqual("float32", parts[1]);
            Assert.AreEqual(value.Rank == 1 ? $"({value.Shape[0]},)" : $"({value.Shape[0]}, {value.Shape[1]})",
                parts[2]);
            Assert.AreEqual(value.ToArray().Sum(v => (double)v),
                double.Parse(parts[3], CultureInfo.InvariantCulture), 1e-9);
        }
        using Sequential read = Model();
        read.LoadWeights(theirs);
        NDArray kernel = model.Weights[0].GetValue(), other = read.Weights[0].GetValue();
        for (int i = 0; i < kernel.Size; i++) Assert.AreEqual(kernel.Span[i] + 1, other.Span[i], 1e-6f);
        Assert.AreEqual(2f, read.Weights[1].GetValue().Span[0]);
        CollectionAssert.AreEqual(new float[] { 0, 1, 2 }, read.Weights[2].GetValue().ToArray());
        Assert.AreEqual(-5f, read.Weights[3].GetValue().Span[0]);
    }

    [TestMethod]
    [DataRow("w.npz")]
    [DataRow("w.safetensors")]
    public void Ten_thousand_damaged_files_are_read_or_rejected(string file)
    {
        string path = Path.Combine(_folder, file);
        using Sequential model = Model();
        model.SaveWeights(path);
        byte[] seed = File.ReadAllBytes(path);
        int refused = 0;
        float[][] before = [.. model.GetWeights().Select(w => w.ToArray())];
        for (int i = 0; i < 10_000; i++)
        {
            File.WriteAllBytes(path, FuzzTests.Damaged(new Random(i), seed));
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                model.LoadWeights(path);
                model.SetWeights(
                    [.. before.Select((w, k) => new NDArray(w, model.Weights[k].GetValue().Shape.ToArray()))]);
            }
            catch (Exception e) when (e is InvalidDataException or ArgumentException)
            {
                refused++;
                // Nothing was changed.
                CollectionAssert.AreEqual(before[0], model.Weights[0].GetValue().ToArray());
            }
            Assert.IsLessThan(64 << 20, GC.GetAllocatedBytesForCurrentThread() - allocated, $"file {i}");
        }
        Assert.IsGreaterThan(2_500, refused);
    }

    static Sequential Model() => new([new Dense(3, activation: "relu", inputShape: [2]), new Dense(1)]);

    [TestMethod]
    public void Training_continues_from_a_file_even_if_parts_of_a_layer_have_weights_with_the_same_name()
    {
        NDArray x = new([.. Enumerable.Range(0, 8 * 4 * 2).Select(i => MathF.Sin(i))], 8, 4, 2),
            y = new([.. Enumerable.Range(0, 8).Select(i => MathF.Cos(i))], 8, 1);
        string file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.zip");
        using var model = new Sequential([new Bidirectional(new LSTM(3), inputShape: [4, 2]), new Dense(1)]);
        model.Compile("adam", "mse");
        model.Fit(x, y, batchSize: 4, epochs: 3, shuffle: false, verbose: 0);
        model.Save(file);
        using Sequential once = Sequential.Load(file);
        // A loaded model that was not trained since is saved completely.
        once.Save(file);
        using Sequential twice = Sequential.Load(file);
        foreach (Sequential m in new[] { model, once, twice })
            m.Fit(x, y, batchSize: 4, epochs: 3, shuffle: false, verbose: 0);
        for (int i = 0; i < model.Weights.Count; i++)
        {
            CollectionAssert.AreEqual(model.GetWeights()[i].ToArray(), once.GetWeights()[i].ToArray());
            CollectionAssert.AreEqual(model.GetWeights()[i].ToArray(), twice.GetWeights()[i].ToArray());
        }
        File.Delete(file);
    }
}
