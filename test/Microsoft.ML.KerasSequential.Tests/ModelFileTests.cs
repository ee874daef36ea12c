using System.IO.Compression;
using System.Runtime.InteropServices;
using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Model files of earlier versions, and damaged ones.</summary>
[TestClass]
public sealed class ModelFileTests
{
    static readonly MLContext s_ml = new(seed: 1);

    static string Kept(string name) => Path.Combine(AppContext.BaseDirectory, "Kept", name);

    /// <summary>A file that version 0.1 of this library wrote; it is never rewritten.</summary>
    [TestMethod]
    [DataRow("iris-multiclass-1")]
    [DataRow("cancer-binary-1")]
    public void A_file_of_an_older_version_is_read(string name)
    {
        IDataView data = name.StartsWith("iris", StringComparison.Ordinal) ? DataSets.Iris(s_ml)
            : DataSets.BreastCancer(s_ml);
        ITransformer model = s_ml.Model.Load(Kept($"{name}.zip"), out _);
        float[] expected = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(Kept($"{name}.scores"))).ToArray();
        CollectionAssert.AreEqual(expected, FreshProcess.Scores(model.Transform(data), "Score"), new Near(1e-5f));
    }

    [TestMethod]
    public void A_later_version_is_rejected()
    {
        string file = Changed("Scorer.json",
            bytes => [
                .. System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.UTF8.GetString(bytes)
                    .Replace("\"version\":1", "\"version\":2", StringComparison.Ordinal))]);
        StringAssert.Contains(Innermost(file).Message, "version 2");
        File.Delete(file);
    }

    [TestMethod]
    [DataRow("Scorer.json")]
    [DataRow("Network.zip")]
    public void A_file_with_a_missing_part_is_rejected(string part)
    {
        string file = Changed(part, _ => null);
        StringAssert.Contains(Innermost(file).Message, part);
        File.Delete(file);
    }

    [TestMethod]
    public void A_damaged_model_is_an_error_that_a_program_can_catch()
    {
        var random = new Random(1);
        int refused = 0;
        for (int i = 0; i < 400; i++)
        {
            string file = Changed(i % 2 == 0 ? "Scorer.json" : "Network.zip", bytes =>
            {
                if (random.Next(4) == 0) return bytes[..random.Next(bytes.Length)];
                for (int c = 1 + random.Next(8); c > 0; c--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                return bytes;
            });
            try
            {
                new MLContext().Model.Load(file, out _);
            }
            catch (Exception e)
            {
                refused++;
                Exception cause = Innermost(e);
                Assert.IsTrue(cause is InvalidDataException or ArgumentException or NotSupportedException or IOException
                    or FormatException, cause.ToString());
            }
            File.Delete(file);
        }
        Assert.IsTrue(refused > 200);
    }

    [TestMethod]
    public void A_loss_that_files_cannot_store_is_omitted_and_reported()
    {
        IDataView data = DataSets.Iris(s_ml);
        KerasSequentialTransformer transformer = s_ml.Transforms.KerasSequential([new Dense(4)],
            new()
            {
                LabelColumnName = "Features",
                Loss = (Func<Tensor, Tensor, Tensor>)((t, p) => K.Mean(K.Square(t - p), axis: -1))
            }).Fit(data);
        string file = Path.GetTempFileName();
        s_ml.Model.Save(transformer, data.Schema, file);
        ITransformer loaded = s_ml.Model.Load(file, out _);
        CollectionAssert.AreEqual(FreshProcess.Scores(transformer.Transform(data), "Score"),
            FreshProcess.Scores(loaded.Transform(data), "Score"));
        var own = (KerasSequentialTransformer)loaded;
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => own.Evaluate(data)).Message,
            "not compiled");
        own.Model.Compile("sgd", "mse");
        Assert.AreEqual(transformer.Evaluate(data)["loss"], own.Evaluate(data)["loss"], 1e-6);
        File.Delete(file);
    }

    [TestMethod]
    public void Metrics_with_the_same_name_are_all_evaluated_and_restored_from_files()
    {
        IDataView data = DataSets.Iris(s_ml);
        KerasSequentialTransformer transformer =
            s_ml.MulticlassClassification.Trainers.KerasSequential([new Dense(3, activation: "softmax")], new()
            {
                LabelColumnName = "Number",
                Loss = "categorical_crossentropy",
                Metrics = [new Metrics.TopKCategoricalAccuracy(k: 1), new Metrics.TopKCategoricalAccuracy(k: 3),
                "accuracy"],
                WeightedMetrics = ["accuracy"],
                ValidationSplit = 0.2,
                Epochs = 1,
            }).Fit(data);
        string[] names = ["loss", "top_k_categorical_accuracy", "top_k_categorical_accuracy_1", "accuracy",
            "accuracy_1"];
        Evaluation evaluation = transformer.Evaluate(data);
        CollectionAssert.AreEqual(names, evaluation.Keys.ToArray());
        Assert.AreEqual(evaluation["accuracy"], evaluation["top_k_categorical_accuracy"], 1e-6);
        Assert.AreEqual(1, evaluation["top_k_categorical_accuracy_1"], 1e-6);
        CollectionAssert.AreEquivalent(names.Concat(names.Select(n => $"val_{n}")).ToArray(),
            transformer.History!.Keys.ToArray());
        using var file = new MemoryStream();
        s_ml.Model.Save(transformer, data.Schema, file);
        file.Position = 0;
        var loaded = (KerasSequentialTransformer)s_ml.Model.Load(file, out _);
        CollectionAssert.AreEqual(names, loaded.Model.MetricsNames.ToArray());
        CollectionAssert.AreEqual(evaluation.Values.ToArray(), loaded.Evaluate(data).Values.ToArray());
    }

    /// <summary>The kept file with one part changed or removed.</summary>
    static string Changed(string part, Func<byte[], byte[]?> change)
    {
        string file = Path.GetTempFileName();
        File.Copy(Kept("iris-multiclass-1.zip"), file, overwrite: true);
        using ZipArchive zip = ZipFile.Open(file, ZipArchiveMode.Update);
        ZipArchiveEntry entry = zip.Entries.Single(e => e.Name == part);
        var bytes = new MemoryStream();
        using (Stream stream = entry.Open()) stream.CopyTo(bytes);
        string name = entry.FullName;
        entry.Delete();
        if (change(bytes.ToArray()) is not { } changed) return file;
        using Stream target = zip.CreateEntry(name).Open();
        target.Write(changed);
        return file;
    }

    static Exception Innermost(string file) => Innermost(Assert.Throws<Exception>(() => s_ml.Model.Load(file, out _)));

    static Exception Innermost(Exception e)
    {
        while (e.InnerException is { } inner && e is not InvalidDataException) e = inner;
        return e;
    }
}
