using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Onnx;

[assembly: DoNotParallelize]

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Exported models on the real ONNX Runtime, with its C# package.</summary>
[TestClass]
public sealed class OnnxScorerTests
{
    static readonly OnnxScorerOptions s_oneThread = new() { Threads = 1 };

    [TestMethod]
    public void Random_models_match_Predict()
    {
        for (int seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            using Sequential model = RandomModels.Make(random, out int[] sample);
            NDArray x = RandomModels.Input(random, random.Next(1, 20), sample);
            using OnnxScorer scorer = OnnxScorer.From(model,
                new() { Opset = random.Next(OnnxOptions.MinOpset, OnnxOptions.MaxOpset + 1) }, s_oneThread);
            NDArray scores = scorer.Predict(x, random.Next(2) == 0 ? null : 7);
            AssertClose(model.Predict(x), scores, RandomModels.Describe(model), scorer.Device);
        }
    }

    [TestMethod]
    public void Names_shapes_and_the_device_are_exposed()
    {
        string? told = null;
        using Sequential model = Model();
        using OnnxScorer scorer = OnnxScorer.From(model, options: new() { UseGpu = false, Log = line => told = line });
        Assert.AreEqual(("dense_1_input", "dense_2", "CPU"), (scorer.InputName, scorer.OutputName, scorer.Device));
        CollectionAssert.AreEqual(new int?[] { null, 4 }, scorer.InputShape.ToArray());
        CollectionAssert.AreEqual(new int?[] { null, 3 }, scorer.OutputShape.ToArray());
        Assert.AreEqual("the model runs on CPU: the options ask for it.", told);
        using OnnxScorer any = OnnxScorer.From(model, options: new() { Log = line => told = line });
        Assert.AreEqual($"the model runs on {any.Device}: {any.DeviceReason}.", told);
    }

    [TestMethod]
    public void Sequences_of_any_length_and_outputs_of_free_sizes_are_accepted()
    {
        using var model = new Sequential([new LSTM(3, returnSequences: true, inputShape: [null, 2]), new Dense(2)]);
        using OnnxScorer scorer = OnnxScorer.From(model, options: s_oneThread);
        foreach (int steps in new[] { 1, 5, 9 })
        {
            NDArray x = RandomModels.Input(new Random(1), 10, [steps, 2]);
            AssertClose(model.Predict(x), scorer.Predict(x, 4), "sequences");
        }
    }

    [TestMethod]
    public void Several_threads_share_a_scorer()
    {
        using Sequential model = Model();
        using OnnxScorer scorer = OnnxScorer.From(model, options: s_oneThread);
        NDArray[] inputs = [.. Enumerable.Range(0, 8).Select(i => RandomModels.Input(new Random(i), 5 + i, [4]))];
        NDArray[] expected = [.. inputs.Select(x => model.Predict(x))];
        Parallel.For(0, 400, i => AssertClose(expected[i % 8], scorer.Predict(inputs[i % 8], 3), "in parallel"));
    }

    [TestMethod]
    public void Files_with_external_data_are_read()
    {
        string folder = Directory.CreateTempSubdirectory("scorer").FullName, path = Path.Combine(folder, "model.onnx");
        using Sequential model = new([new Dense(200, inputShape: [40]), new Dense(2)]);
        model.ToOnnx(path, new() { ExternalDataFrom = 0 });
        NDArray x = RandomModels.Input(new Random(1), 5, [40]);
        using (var scorer = new OnnxScorer(path, s_oneThread))
            AssertClose(model.Predict(x), scorer.Predict(x), "external data");
        Directory.Delete(folder, recursive: true);
    }

    [TestMethod]
    public void Invalid_input_is_rejected()
    {
        using Sequential model = Model();
        OnnxScorer scorer = OnnxScorer.From(model, options: s_oneThread);
        Assert.Contains("(None, 4)",
            Assert.ThrowsExactly<ArgumentException>(() => scorer.Predict(new NDArray(2, 5))).Message);
        Assert.ThrowsExactly<ArgumentException>(() => scorer.Predict(new NDArray(4)));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => scorer.Predict(new NDArray(2, 4), 0));
        CollectionAssert.AreEqual(new[] { 0, 3 }, scorer.Predict(new NDArray(0, 4)).Shape.ToArray());
        scorer.Dispose();
        scorer.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => scorer.Predict(new NDArray(1, 4)));
        Assert.ThrowsExactly<InvalidDataException>(() => new OnnxScorer([1, 2, 3]));
        Assert.ThrowsExactly<FileNotFoundException>(() =>
            new OnnxScorer(Path.Combine(Path.GetTempPath(), "nowhere.onnx")).Dispose());
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
            OnnxScorer.From(model, options: new() { Threads = -1 }));

        // A word that the table does not have: ONNX Runtime detects it at run time, and the scorer stays usable. (On a
        // GPU, it uses zeros for the word.)
        using var words = new Sequential([new Embedding(5, 2, inputLength: 3)]);
        using OnnxScorer lookup = OnnxScorer.From(words, options: s_oneThread with { UseGpu = false });
        Assert.Contains("ONNX Runtime",
            Assert.ThrowsExactly<InvalidOperationException>(() =>
                lookup.Predict(new float[,] { { 1, 2, 77 } })).Message);
        AssertClose(words.Predict(new float[,] { { 1, 2, 4 } }), lookup.Predict(new float[,] { { 1, 2, 4 } }),
            "after an error");
    }

    static Sequential Model()
    {
        K.SetRandomSeed(3);
        return new([new Dense(6, activation: "relu", inputShape: [4]), new Dense(3, activation: "softmax")]);
    }

    // Deep models on a GPU: its exponentials and logarithms are less accurate, and it adds in a different order.
    static void AssertClose(NDArray expected, NDArray actual, string what, string device = "CPU")
    {
        float tolerance = device == "CPU" ? 1e-5f : 1e-4f;
        CollectionAssert.AreEqual(expected.Shape.ToArray(), actual.Shape.ToArray(), what);
        float largest = expected.ToArray().Select(MathF.Abs).DefaultIfEmpty(0).Max();
        for (int i = 0; i < expected.Size; i++)
            Assert.AreEqual(expected.Span[i], actual.Span[i],
                tolerance * (MathF.Abs(expected.Span[i]) + MathF.Max(1, largest)), what);
    }
}
