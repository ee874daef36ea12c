using System.IO.Compression;
using System.Text.Json;
using Microsoft.ML.KerasSequential.Hdf5;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Files that Keras 3.15 wrote, with the outputs that it computed (<c>Golden/keras-3/real</c>).</summary>
[TestClass]
public sealed class RealKerasFileTests
{
    static readonly string s_folder = Path.Combine(AppContext.BaseDirectory, "Golden", "keras-3", "real");

    static IEnumerable<object[]> Models => GoldenCase(_ => true).Select(c => new object[] { c.Name });

    static IEnumerable<object[]> Files => Models.SelectMany(m => new[] { ".keras", ".h5" }
        .Where(e => File.Exists(Path.Combine(s_folder, m[0] + e))).Select(e => new object[] { m[0], e }));

    [TestMethod]
    [DynamicData(nameof(Files))]
    public void A_model_of_Keras_3_predicts_what_Keras_predicted(string name, string extension)
    {
        using Sequential model = Sequential.Load(Path.Combine(s_folder, name + extension));
        Check(model, name);
        // Written and read again, also without the arguments of compile.
        string again = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.keras");
        try
        {
            model.Save(again);
            using Sequential second = Sequential.Load(again);
            Check(second, name);
            using Sequential third = Sequential.Load(again, compile: false);
            Check(third, name);
        }
        finally
        {
            File.Delete(again);
        }
    }

    [TestMethod]
    [DynamicData(nameof(Models))]
    public void Weights_of_Keras_3_fit_the_model(string name)
    {
        using Sequential model = Sequential.Load(Path.Combine(s_folder, $"{name}.keras"), compile: false);
        model.SetWeights([.. model.GetWeights().Select(w => new NDArray(w.Shape.ToArray()))]);
        model.LoadWeights(Path.Combine(s_folder, $"{name}.weights.h5"));
        Check(model, name);
    }

    [TestMethod]
    [DynamicData(nameof(Files))]
    public void A_description_lists_layers_and_arrays(string name, string extension)
    {
        KerasFileDescription described = KerasFile.Describe(Path.Combine(s_folder, name + extension));
        Assert.IsTrue(described.CanLoad, described.ToString());
        Assert.AreEqual("Sequential", described.ModelClass);
        using Sequential model = Sequential.Load(Path.Combine(s_folder, name + extension), compile: false);
        CollectionAssert.AreEqual(model.Layers.Select(l => l.Name).ToArray(),
            described.Layers.Where(l => l.ClassName != "InputLayer").Select(l => l.Name).ToArray());
        long values = described.Arrays.Where(a => !a.Path.Contains("optimizer", StringComparison.Ordinal))
            .Sum(a => a.Shape.Aggregate(1L, (size, d) => size * d));
        Assert.IsGreaterThanOrEqualTo(model.CountParams(), values);
        string text = described.ToString();
        Assert.Contains($"Keras {described.KerasVersion}", text);
        foreach (KerasFileArray array in described.Arrays) Assert.Contains(array.Path, text);
    }

    /// <summary>Since 2.13, tf.keras writes modules too.</summary>
    [TestMethod]
    [DataRow("2.15.0", "hard_sigmoid")]
    [DataRow("3.15.1", "hardsigmoid")]
    public void The_version_in_a_file_decides_what_hard_sigmoid_means(string version, string meaning)
    {
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.keras");
        try
        {
            File.Copy(Path.Combine(s_folder, "hard_sigmoids.keras"), path);
            using (ZipArchive zip = ZipFile.Open(path, ZipArchiveMode.Update))
            {
                zip.GetEntry("metadata.json")!.Delete();
                using var writer = new StreamWriter(zip.CreateEntry("metadata.json").Open());
                writer.Write($$"""{"keras_version": "{{version}}"}""");
            }
            using Sequential model = Sequential.Load(path);
            Assert.AreEqual(meaning, model.Layers[0].GetConfig()["recurrent_activation"]!.ToString());
            Assert.AreEqual(meaning, model.Layers[1].GetConfig()["activation"]!.ToString());
            using Sequential again = Sequential.FromJson(
                $$"""{"keras_version": "{{version}}", {{Text(path)[1..]}}""");
            Assert.AreEqual(meaning, again.Layers[1].GetConfig()["activation"]!.ToString());
        }
        finally
        {
            File.Delete(path);
        }

        static string Text(string path)
        {
            using ZipArchive zip = ZipFile.OpenRead(path);
            using var reader = new StreamReader(zip.GetEntry("config.json")!.Open());
            return reader.ReadToEnd();
        }
    }

    /// <summary>Keras rejects an integer as the weight of a loss.</summary>
    [TestMethod]
    [DataRow(1.0, "\"loss_weights\":null")]
    [DataRow(2.0, "\"loss_weights\":2.0,")]
    [DataRow(0.5, "\"loss_weights\":0.5,")]
    public void The_weight_of_the_loss_is_written_as_Keras_reads_it(double weight, string expected)
    {
        using var model = new Sequential([new Layers.Dense(1, inputShape: [2])]);
        model.Compile("sgd", "mse", lossWeights: weight);
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.keras");
        try
        {
            model.Save(path);
            using (ZipArchive zip = ZipFile.OpenRead(path))
            using (var reader = new StreamReader(zip.GetEntry("config.json")!.Open()))
                Assert.Contains(expected, reader.ReadToEnd());
            using Sequential again = Sequential.Load(path);
            Assert.AreEqual(weight, again.GetCompileConfig()!["loss_weights"]!.GetValue<double>());
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    public void A_description_says_what_cannot_be_loaded()
    {
        KerasFileDescription described = KerasFile.Describe(Path.Combine(s_folder, "functional.keras"));
        Assert.IsFalse(described.CanLoad);
        Assert.AreEqual("3.15.1", described.KerasVersion);
        Assert.Contains("class Functional", described.Problem!);
        Assert.Contains("cannot be loaded: ", described.ToString());
        KerasFileDescription weights = KerasFile.Describe(Path.Combine(s_folder, "dense.weights.h5"));
        Assert.IsEmpty(weights.Layers);
        KerasFileArray kernel = weights.Arrays.Single(a => a.Path == "layers/dense/vars/0");
        CollectionAssert.AreEqual(new long[] { 4, 3 }, kernel.Shape.ToArray());

        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "no file of Keras");
            Assert.ThrowsExactly<InvalidDataException>(() => KerasFile.Describe(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    static void Check(Sequential model, string name)
    {
        (_, NDArray x, NDArray output, int parameters) = GoldenCase(n => n == name).Single();
        Assert.AreEqual(parameters, model.CountParams());
        float[] got = model.Predict(x).ToArray(), expected = output.ToArray();
        Assert.HasCount(expected.Length, got);
        for (int i = 0; i < got.Length; i++) Assert.AreEqual(expected[i], got[i], 1e-5 + 1e-4 * Math.Abs(expected[i]));
    }

    static IEnumerable<(string Name, NDArray X, NDArray Output, int Parameters)> GoldenCase(Func<string, bool> wanted)
    {
        using JsonDocument index = JsonDocument.Parse(File.ReadAllText(Path.Combine(s_folder, "index.json")));
        foreach (JsonElement c in index.RootElement.GetProperty("cases").EnumerateArray())
        {
            string name = c.GetProperty("name").GetString()!;
            if (wanted(name))
                yield return (name, Array(c.GetProperty("x")), Array(c.GetProperty("output")),
                    c.GetProperty("parameters").GetInt32());
        }

        static NDArray Array(JsonElement e) => new(
            [.. e.GetProperty("data").EnumerateArray().Select(v => (float)v.GetDouble())],
            [.. e.GetProperty("shape").EnumerateArray().Select(v => v.GetInt32())]);
    }
}
