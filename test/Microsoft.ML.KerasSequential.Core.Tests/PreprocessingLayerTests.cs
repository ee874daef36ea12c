using System.Text.Json;
using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>What preprocessing layers learn from data, and how models follow it.</summary>
[TestClass]
public sealed class PreprocessingLayerTests
{
    [TestMethod]
    [DynamicData(nameof(Adapted))]
    public void Statistics_of_data_are_those_that_Keras_computes(string name)
    {
        JsonElement c = Load(name);
        using Sequential model = Sequential.FromJson(c.GetProperty("config").GetRawText());
        NDArray data = GoldenCase.Array(c.GetProperty("adapted"));
        if (model.Layers[0] is Discretization)
        {
            JsonElement settings = c.GetProperty("config").GetProperty("config").GetProperty("layers")[1]
                .GetProperty("config");
            var layer = new Discretization(numBins: settings.GetProperty("num_bins").GetInt32(),
                epsilon: settings.GetProperty("epsilon").GetDouble());
            layer.Adapt(data);
            Close(layer.BinBoundaries!, GoldenCase.Numbers(settings.GetProperty("bin_boundaries")));
            return;
        }
        List<NDArray> weights = GoldenCase.Arrays(c.GetProperty("weights"));
        ((Normalization)model.Layers[0]).Adapt(data);
        for (int i = 0; i < 2; i++)
            GoldenCase.AssertClose(model.GetWeights()[i].Span, weights[i].Span, 1e-5, 1e-6, $"{name}, weight {i}");
        NDArray x = GoldenCase.Array(c.GetProperty("x")), y = GoldenCase.Array(c.GetProperty("output"));
        GoldenCase.AssertClose(model.Predict(x).Span, y.Span, 1e-4, 1e-5, name);
    }

    [TestMethod]
    public void Boundaries_of_batches_are_those_that_Keras_computes()
    {
        JsonElement c = Load("discretization-adapted-batches");
        JsonElement settings = c.GetProperty("config").GetProperty("config").GetProperty("layers")[1]
            .GetProperty("config");
        var layer = new Discretization(numBins: 6, epsilon: 0.02);
        layer.Adapt(GoldenCase.Arrays(c.GetProperty("batches")).Select(x => new Batch(x)));
        Close(layer.BinBoundaries!, GoldenCase.Numbers(settings.GetProperty("bin_boundaries")));
        // Only some of the batches.
        var first = new Discretization(numBins: 6, epsilon: 0.02);
        first.Adapt(GoldenCase.Arrays(c.GetProperty("batches")).Select(x => new Batch(x)), steps: 1);
        CollectionAssert.AreNotEqual(layer.BinBoundaries!.ToArray(), first.BinBoundaries!.ToArray());
    }

    [TestMethod]
    public void Batches_of_different_sizes_give_the_statistics_of_all_data()
    {
        var random = new Random(1);
        float[] values = [.. Enumerable.Range(0, 60).Select(_ => random.NextSingle() * 5 + 100)];
        var whole = new NDArray(values, 20, 3);
        var layer = new Normalization();
        layer.Adapt([whole.Slice(0, 3), whole.Slice(3, 12), whole.Slice(15, 5)]);
        for (int k = 0; k < 3; k++)
        {
            double mean = Enumerable.Range(0, 20).Average(i => (double)whole[i, k]);
            double variance = Enumerable.Range(0, 20).Average(i => Math.Pow(whole[i, k] - mean, 2));
            GoldenCase.AssertClose(layer.Mean!.Span[k], mean, 1e-6, 0, "mean");
            GoldenCase.AssertClose(layer.Variance!.Span[k], variance, 1e-6, 0, "variance");
        }
    }

    [TestMethod]
    public void The_examples_of_Keras_hold()
    {
        var all = new Normalization([]);
        all.Adapt(new float[] { 1, 2, 3, 4, 5 });
        using var one = new Sequential([all]);
        GoldenCase.AssertClose(one.Predict(new float[] { 1, 2, 3 }).Span, [-1.4142135f, -0.70710677f, 0], 1e-6,
            1e-7, "");

        var inverse = new Normalization(invert: true);
        inverse.Adapt(new float[,] { { 0, 7, 4 }, { 2, 9, 6 }, { 0, 7, 4 }, { 2, 9, 6 } });
        using var back = new Sequential([inverse]);
        CollectionAssert.AreEqual(new float[] { 2, 10, 8 }, back.Predict(new float[,] { { 1, 2, 3 } }).ToArray());
    }

    [TestMethod]
    public void An_adapted_layer_stays_adapted_when_data_that_does_not_fit_is_rejected()
    {
        var layer = new Normalization();
        layer.Adapt(new float[,] { { 1, 2 }, { 3, 6 } });
        using var model = new Sequential([layer, new Dense(1)]);
        model.Compile("sgd", "mse");
        Assert.ThrowsExactly<ArgumentException>(() => model.Fit(new float[,] { { 1, 2 } }, new float[2], verbose: 0));
        Assert.IsFalse(model.Built);
        model.Predict(new float[,] { { 1, 2 } });
        CollectionAssert.AreEqual(new float[] { 2, 4 }, layer.GetWeights()[0].ToArray());
        CollectionAssert.AreEqual(new float[] { 1, 4 }, layer.GetWeights()[1].ToArray());
    }

    [TestMethod]
    public void A_model_that_has_run_follows_a_layer_that_is_adapted_again()
    {
        var layer = new Discretization(numBins: 2, epsilon: 0.01);
        layer.Adapt(new float[] { 1, 2, 3, 4 });
        using var model = new Sequential([layer]);
        float[] Ranges() => model.Predict(new float[] { 0, 100 }).ToArray();
        CollectionAssert.AreEqual(new float[] { 0, layer.BinBoundaries!.Count }, Ranges());
        layer.Adapt(new float[] { 1000, 2000, 3000, 4000 });
        CollectionAssert.AreEqual(new float[] { 0, 0 }, Ranges());

        var lookup = new IntegerLookup();
        lookup.Adapt(new float[] { 5, 5, 7 });
        using var indices = new Sequential([lookup]);
        CollectionAssert.AreEqual(new float[] { 1, 2 }, indices.Predict(new float[] { 5, 7 }).ToArray());
        lookup.SetVocabulary([8, 7, 6]);
        CollectionAssert.AreEqual(new float[] { 0, 2 }, indices.Predict(new float[] { 5, 7 }).ToArray());
    }

    [TestMethod]
    public void The_size_of_an_output_does_not_change_under_a_model()
    {
        var layer = new IntegerLookup(vocabulary: null, outputMode: "multi_hot");
        layer.SetVocabulary([1, 2]);
        using var model = new Sequential([layer, new Dense(1)]);
        model.Predict(new float[,] { { 1 } });
        Assert.Contains("use a new layer",
            Assert.ThrowsExactly<InvalidOperationException>(() => layer.SetVocabulary([1, 2, 3])).Message);
        layer.SetVocabulary([3, 4]);
        var ranges = new Discretization(numBins: 2, outputMode: "one_hot");
        ranges.Adapt(new float[] { 1, 2, 3, 4 });
        using var other = new Sequential([ranges]);
        other.Predict(new float[] { 1 });
        Assert.ThrowsExactly<InvalidOperationException>(() => ranges.Adapt(new float[] { 5 }));
    }

    [TestMethod]
    public void Images_of_any_size_become_images_of_one_size()
    {
        using var model = new Sequential([
            new Resizing(4, 5, inputShape: [null, null, 2]), new CenterCrop(3, 3), new Flatten(), new Dense(1)]);
        CollectionAssert.AreEqual(new int?[] { null, 4, 5, 2 }, model.Layers[0].OutputShape!.ToArray());
        foreach (int[] size in new int[][] { [2, 6, 9, 2], [1, 2, 3, 2] })
            CollectionAssert.AreEqual(new[] { size[0], 1 }, model.Predict(new NDArray(size)).Shape.ToArray());
    }

    [TestMethod]
    public void The_nearest_pixel_is_found_without_rounding()
    {
        foreach ((int from, int to) in new[] { (3, 7), (7, 3), (10, 4), (49, 98), (1000, 3) })
        {
            using var model = new Sequential([new Resizing(1, to, "nearest")]);
            NDArray y = model.Predict(new NDArray([.. Enumerable.Range(0, from).Select(i => (float)i)], 1, 1, from, 1));
            CollectionAssert.AreEqual(
                Enumerable.Range(0, to).Select(i => (float)((2 * i + 1) * from / (2 * to))).ToArray(), y.ToArray());
        }
    }

    [TestMethod]
    public void Integers_are_looked_up_as_in_the_examples_of_Keras()
    {
        long[] vocabulary = [12, 36, 1138, 42];
        static float[] Of(Layer layer, NDArray x) => new Sequential([layer]).Predict(x).ToArray();
        NDArray data = new float[,] { { 12, 1138, 42 }, { 42, 1000, 36 } };
        CollectionAssert.AreEqual(new float[] { 1, 3, 4, 4, 0, 2 },
            Of(new IntegerLookup(vocabulary: vocabulary), data));
        var learned = new IntegerLookup();
        learned.Adapt(data);
        CollectionAssert.AreEqual(new long[] { -1, 42, 1138, 1000, 36, 12 }, learned.GetVocabulary().ToArray());
        CollectionAssert.AreEqual(new float[] { 5, 2, 1, 1, 3, 4 }, Of(learned, data));
        // Unknown ones by their remainder.
        CollectionAssert.AreEqual(new float[] { 2, 4, 5, 1, 0, 3 }, Of(new IntegerLookup(numOovIndices: 2,
            vocabulary: vocabulary), new float[,] { { 12, 1138, 42 }, { 37, 1000, 36 } }));
        CollectionAssert.AreEqual(new float[] { 2, 1, 0, 2 }, Of(new IntegerLookup(numOovIndices: 3,
            vocabulary: [100]), new float[,] { { -1, -2, -3, 16777214 } }));
        NDArray more = new float[,] { { 12, 1138, 42, 42 }, { 42, 7, 36, 7 } };
        CollectionAssert.AreEqual(new float[] { 0, 1, 0, 1, 1, 1, 0, 1, 0, 1 },
            Of(new IntegerLookup(vocabulary: vocabulary, outputMode: "multi_hot"), more));
        CollectionAssert.AreEqual(new float[] { 0, 1, 0, 1, 2, 2, 0, 1, 0, 1 },
            Of(new IntegerLookup(vocabulary: vocabulary, outputMode: "count"), more));
        GoldenCase.AssertClose(Of(new IntegerLookup(vocabulary: vocabulary, idfWeights: [0.25, 0.75, 0.6, 0.4],
            outputMode: "tf_idf"), more), [0, 0.25f, 0, 0.6f, 0.8f, 1, 0, 0.75f, 0, 0.4f], 1e-6, 0, "tf_idf");
        GoldenCase.AssertClose(Of(new IntegerLookup(vocabulary: [-1, .. vocabulary],
            idfWeights: [0.9, 0.25, 0.75, 0.6, 0.4], outputMode: "tf_idf"), more),
            [0, 0.25f, 0, 0.6f, 0.8f, 1.8f, 0, 0.75f, 0, 0.4f], 1e-6, 0, "tf_idf with a weight for unknown ones");
        CollectionAssert.AreEqual(new float[] { 12, 1138, 42, 42, -1, 36, -1, -1 },
            Of(new IntegerLookup(vocabulary: vocabulary, invert: true),
                new float[,] { { 1, 3, 4, 4 }, { 0, 2, 9, -5 } }));
        // A mask token has index 0, or adds nothing.
        CollectionAssert.AreEqual(new float[] { 0, 2, 1 },
            Of(new IntegerLookup(maskToken: 9, vocabulary: vocabulary), new float[,] { { 9, 12, 8 } }));
        CollectionAssert.AreEqual(new float[] { 1, 1, 0, 0, 0 },
            Of(new IntegerLookup(maskToken: 9, vocabulary: vocabulary, outputMode: "count"),
                new float[,] { { 9, 12, 8 } }));
        CollectionAssert.AreEqual(new float[] { 1, 0, 0, 0, 0, 0 },
            Of(new IntegerLookup(maxTokens: 6, numOovIndices: 0, maskToken: 9, vocabulary: vocabulary,
                outputMode: "count", padToMaxTokens: true), new float[,] { { 9, 12 } }));
    }

    [TestMethod]
    public void Weights_of_documents_are_computed_as_in_Keras()
    {
        var layer = new IntegerLookup(outputMode: "tf_idf");
        layer.Adapt(new float[,] { { 1, 1, 2 }, { 1, 3, 3 }, { 1, 1, 1 } });
        CollectionAssert.AreEqual(new long[] { 1, 3, 2 }, layer.GetVocabulary(false).ToArray());
        double frequent = Math.Log(1 + 3.0 / 4), rare = Math.Log(1 + 3.0 / 2);
        using var model = new Sequential([layer]);
        NDArray y = model.Predict(new float[,] { { 1, 1, 2 }, { 9, 3, 3 } });
        float[] expected = [0, (float)(2 * frequent), 0, (float)rare,
            (float)((frequent + 2 * rare) / 3), 0, (float)(2 * rare), 0];
        GoldenCase.AssertClose(y.Span, expected, 1e-6, 0, "weights");
    }

    [TestMethod]
    public void Bad_arguments_say_what_is_wrong()
    {
        Wrong<ArgumentException>(() => new Normalization(mean: 1), "together", "variance");
        Wrong<ArgumentException>(() => new Normalization(mean: new float[] { 1, 2 }, variance: 1), "same shape",
            "(2,)");
        Wrong<ArgumentException>(() => new Normalization([], mean: new float[] { 1 }, variance: new float[] { 1 }),
            "0 axes");
        Wrong<ArgumentException>(() => new Normalization(axis: 3).Adapt(new float[,] { { 1 } }), "axis 3");
        Wrong<ArgumentException>(() => new Normalization().Adapt(new NDArray(0, 2)), "empty");
        Wrong<ArgumentException>(() => new Normalization().Adapt(Array.Empty<Batch>()), "no batches");
        Wrong<ArgumentException>(() => new Normalization().Adapt([new NDArray(2, 2), new NDArray(2, 3)]), "(2, 3)");
        Wrong<InvalidOperationException>(() => new Normalization(mean: 1, variance: 1).Adapt(new float[] { 1 }),
            "constructor");
        Wrong<ArgumentException>(() => new Sequential([new Normalization(inputShape: [null, 3], axis: 1)]), "axis 1");
        Wrong<ArgumentException>(() => new Discretization(), "binBoundaries", "numBins");
        Wrong<ArgumentException>(() => new Discretization([1, 0]), "ascending");
        Wrong<ArgumentException>(() => new Discretization([1], outputMode: "tf_idf"), "tf_idf", "one_hot");
        Wrong<InvalidOperationException>(() => new Discretization([1]).Adapt(new float[] { 1 }), "numBins");
        Wrong<ArgumentException>(() => new Discretization(numBins: 2).Adapt(new float[] { float.NaN }), "NaN");
        Wrong<InvalidOperationException>(() => new Sequential([new Discretization(numBins: 2, inputShape: [1])]),
            "Adapt");
        Wrong<ArgumentException>(() => new CategoryEncoding(3, "int"), "\"int\"", "multi_hot");
        Wrong<ArgumentException>(() => new Sequential([new CategoryEncoding(3)]).Predict(new float[,] { { 3 } }),
            "from 0 to 2", "3");
        Wrong<ArgumentException>(() => new Resizing(2, 2, "area"), "area", "lanczos5");
        Wrong<ArgumentException>(() => new Resizing(2, 2, cropToAspectRatio: true, padToAspectRatio: true), "Only one");
        Wrong<ArgumentException>(() => new Resizing(2, 2, fillMode: "reflect"), "constant");
        Wrong<ArgumentException>(() => new Rescaling(double.NaN), "finite");
        Wrong<ArgumentException>(() => new Sequential([new Rescaling(new float[] { 1, 2 }, inputShape: [1])]),
            "broadcast");
        Wrong<ArgumentException>(() => new IntegerLookup(vocabulary: [1, 1]), "more than once", "1");
        Wrong<ArgumentException>(() => new IntegerLookup(vocabulary: [1L << 30]), "float32", "StringLookup");
        Wrong<ArgumentException>(() => new IntegerLookup(maxTokens: 2, vocabulary: [1, 2]), "maxTokens");
        Wrong<ArgumentException>(() => new IntegerLookup(vocabulary: [1], outputMode: "tf_idf"), "idfWeights");
        Wrong<ArgumentException>(() => new IntegerLookup(vocabulary: [1], idfWeights: [1]), "idfWeights", "tf_idf");
        Wrong<ArgumentException>(() => new IntegerLookup(invert: true, outputMode: "count"), "invert");
        Wrong<ArgumentException>(() => new IntegerLookup(padToMaxTokens: true), "maxTokens");
        Wrong<ArgumentException>(() => new IntegerLookup(maskToken: 0, vocabulary: [1, 0]), "reserved", "0");
        Wrong<InvalidOperationException>(() => new IntegerLookup(vocabulary: [1]).Adapt(new float[] { 1 }),
            "constructor");
        Wrong<ArgumentException>(() => new IntegerLookup().Adapt(new float[] { 0.5f }), "0.5");
        Wrong<ArgumentException>(
            () => new Sequential([new IntegerLookup(numOovIndices: 0, vocabulary: [1])])
                .Predict(new float[,] { { 2 } }),
            "integer_lookup");
    }

    static void Wrong<T>(Func<object> make, params string[] words) where T : Exception =>
        Wrong<T>(new Action(() => _ = make()), words);

    static void Wrong<T>(Action act, params string[] words) where T : Exception
    {
        string message = Assert.ThrowsExactly<T>(act).Message;
        foreach (string word in words) Assert.Contains(word, message);
    }

    static void Close(IReadOnlyList<double> actual, double[] expected)
    {
        Assert.HasCount(expected.Length, actual);
        for (int i = 0; i < expected.Length; i++)
            GoldenCase.AssertClose(actual[i], expected[i], 1e-6, 1e-6, $"boundary {i}");
    }

    static JsonElement Load(string name) => Cases.Single(c => c.GetProperty("name").GetString() == name);

    static List<JsonElement> Cases => GoldenCase.Load(Path.Combine("keras3", "layers-preprocessing.json"));

    static IEnumerable<object[]> Adapted => Cases.Where(c => c.TryGetProperty("adapted", out _))
        .Select(c => new object[] { c.GetProperty("name").GetString()! });
}
