using System.Numerics;
using System.Text.Json;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Preprocessing;
using Microsoft.ML.KerasSequential.Utils;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Preprocessing and utilities against recorded Keras results.</summary>
[TestClass]
public sealed class PreprocessingTests
{
    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void A_recorded_call_gives_the_same_result(int index, string function)
    {
        JsonElement c = All[index], args = c.GetProperty("args"), result = c.GetProperty("result");
        switch (function)
        {
            case "pad_sequences":
                AssertSame(
                    result, Sequence.PadSequences(Lists(args.GetProperty("sequences")),
                        args.Optional("maxlen")?.GetInt32(), args.GetProperty("padding").GetString()!,
                        args.GetProperty("truncating").GetString()!, args.GetProperty("value").GetDouble()));
                break;
            case "TimeseriesGenerator":
                var generator = new TimeseriesGenerator(GoldenCase.Array(args.GetProperty("data")),
                    GoldenCase.Array(args.GetProperty("targets")), args.GetProperty("length").GetInt32(),
                    args.GetProperty("sampling_rate").GetInt32(), args.GetProperty("stride").GetInt32(),
                    args.GetProperty("start_index").GetInt32(), args.Optional("end_index")?.GetInt32(),
                    reverse: args.GetProperty("reverse").GetBoolean(),
                    batchSize: args.GetProperty("batch_size").GetInt32());
                Assert.AreEqual(result.GetArrayLength(), generator.Count);
                for (int i = 0; i < generator.Count; i++)
                {
                    AssertSame(result[i][0], generator[i].X);
                    AssertSame(result[i][1], generator[i].Y!);
                }
                break;
            case "Tokenizer":
                CheckTokenizer(args, result);
                break;
            case "text_to_word_sequence":
                CollectionAssert.AreEqual(Strings(result),
                    Text.TextToWordSequence(args.GetProperty("text").GetString()!).ToArray());
                break;
            case "hashing_trick":
                CollectionAssert.AreEqual(Numbers(result),
                    Text.HashingTrick(args.GetProperty("text").GetString()!, args.GetProperty("n").GetInt32())
                    .ToArray());
                break;
            case "to_categorical":
                AssertSame(
                    result, NpUtils.ToCategorical(GoldenCase.Array(args.GetProperty("y")),
                        args.Optional("num_classes")?.GetInt32()));
                break;
            case "normalize":
                AssertSame(
                    result, NpUtils.Normalize(GoldenCase.Array(args.GetProperty("x")),
                        args.GetProperty("axis").GetInt32(), args.GetProperty("order").GetDouble()));
                break;
            case "make_sampling_table":
                AssertSame(result, Sequence.MakeSamplingTable(args.GetProperty("size").GetInt32()));
                break;
            default:
                Assert.Fail($"{function} has no test");
                break;
        }
    }

    [TestMethod]
    public void Skipgrams_are_near_pairs_and_random_ones()
    {
        int[] text = [1, 2, 3, 0, 4, 5];
        (IReadOnlyList<(int Word, int Context)> couples, IReadOnlyList<int> labels) =
            Sequence.Skipgrams(text, 10, windowSize: 1, seed: 3);
        (int, int)[] near = [(1, 2), (2, 1), (2, 3), (3, 2), (4, 5), (5, 4)];
        CollectionAssert.AreEquivalent(near, couples.Where((_, i) => labels[i] == 1).ToArray());
        Assert.HasCount(12, couples);
        Assert.IsTrue(couples.All(c => c.Context is > 0 and < 10));
        CollectionAssert.AreEqual(couples.ToArray(),
            Sequence.Skipgrams(text, 10, windowSize: 1, seed: 3).Couples.ToArray());
        Assert.HasCount(6, Sequence.Skipgrams(text, 10, windowSize: 1, negativeSamples: 0, shuffle: false).Couples);
        Assert.HasCount(0, Sequence.Skipgrams(text, 10, samplingTable: new NDArray(10)).Couples);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Sequence.Skipgrams(text, 5));
    }

    [TestMethod]
    public void Wrong_arguments_are_named()
    {
        Assert.Contains(
            "middle", Assert.ThrowsExactly<ArgumentException>(
                () => Sequence.PadSequences(new[] { new[] { 1 } }, padding: "middle")).Message);
        Assert.Contains(
            "0 to 2", Assert.ThrowsExactly<ArgumentException>(() => NpUtils.ToCategorical(new float[] { 0, 3 }, 3))
            .Message);
        Assert.Contains(
            "0.5", Assert.ThrowsExactly<ArgumentException>(() => NpUtils.ToCategorical(new float[] { 0.5f })).Message);
        Assert.Contains("same length",
            Assert.ThrowsExactly<ArgumentException>(() => new TimeseriesGenerator(new NDArray(5, 1), new NDArray(4), 2))
            .Message);
        Assert.Contains("end_index",
            Assert.ThrowsExactly<ArgumentException>(() => new TimeseriesGenerator(new NDArray(5, 1), new NDArray(5), 5))
            .Message);
        foreach (double many in new[] { double.PositiveInfinity, 1e300, 2e9, double.NaN, -1 })
            Assert.AreEqual("negativeSamples",
                Assert.ThrowsExactly<ArgumentOutOfRangeException>(
                    () => Sequence.Skipgrams([1, 2], 3, negativeSamples: many)).ParamName);
        Assert.ThrowsExactly<InvalidOperationException>(() => new Tokenizer().TextsToMatrix(["a"]));
        Assert.Contains(
            "idf", Assert.ThrowsExactly<ArgumentException>(() => new Tokenizer(5).SequencesToMatrix([], "idf"))
            .Message);
        CollectionAssert.AreEqual(new[] { 1, 2 },
            Text.HashingTrick("a b", 5, word => word == "a" ? BigInteger.Zero : new BigInteger(-3)).ToArray());
        CollectionAssert.AreEqual(Text.OneHot("some text", 50).ToArray(), Text.HashingTrick("some text", 50).ToArray());
    }

    [TestMethod]
    public void A_model_trains_on_windows_of_a_series()
    {
        K.SetRandomSeed(3);
        var series = new NDArray(200, 1);
        for (int i = 0; i < 200; i++) series[i, 0] = MathF.Sin(i * 0.3f);
        using var model = new Sequential([new GRU(8, inputShape: [10, 1]), new Dense(1)]);
        model.Compile(new Optimizers.Adam(0.02), "mse");
        History history = model.Fit(new TimeseriesGenerator(series, series, 10, batchSize: 16), epochs: 15, verbose: 0);
        Assert.IsTrue(history["loss"][^1] < 0.02, $"{history["loss"][^1]}");
    }

    static void CheckTokenizer(JsonElement args, JsonElement result)
    {
        var tokenizer = new Tokenizer(args.Optional("num_words")?.GetInt32(),
            args.Optional("filters")?.GetString() ?? Text.Filters, args.Optional("lower")?.GetBoolean() ?? true,
            args.Optional("split")?.GetString() ?? " ", args.Optional("char_level")?.GetBoolean() ?? false,
            args.Optional("oov_token")?.GetString());
        tokenizer.FitOnTexts(Strings(args.GetProperty("fit")));
        foreach (JsonProperty word in result.GetProperty("word_index").EnumerateObject())
            Assert.AreEqual(word.Value.GetInt32(), tokenizer.WordIndex[word.Name], word.Name);
        Assert.HasCount(result.GetProperty("word_index").EnumerateObject().Count(), tokenizer.WordIndex);
        foreach (JsonProperty word in result.GetProperty("word_counts").EnumerateObject())
            Assert.AreEqual(word.Value.GetInt32(), tokenizer.WordCounts[word.Name], word.Name);
        Assert.AreEqual(result.GetProperty("document_count").GetInt32(), tokenizer.DocumentCount);
        string[] texts = Strings(args.GetProperty("texts"));
        IReadOnlyList<IReadOnlyList<int>> sequences = tokenizer.TextsToSequences(texts);
        int[][] expected = Lists(result.GetProperty("sequences"));
        for (int i = 0; i < expected.Length; i++) CollectionAssert.AreEqual(expected[i], sequences[i].ToArray());
        CollectionAssert.AreEqual(Strings(result.GetProperty("back")), tokenizer.SequencesToTexts(sequences).ToArray());
        foreach (JsonProperty mode in result.Optional("matrix")?.EnumerateObject() ?? default)
            AssertSame(mode.Value, tokenizer.TextsToMatrix(texts, mode.Name));
    }

    static void AssertSame(JsonElement expected, NDArray actual)
    {
        NDArray array = GoldenCase.Array(expected);
        CollectionAssert.AreEqual(array.Shape.ToArray(), actual.Shape.ToArray());
        GoldenCase.AssertClose(actual.Span, array.Span, 1e-5, 1e-6, "result");
    }

    static List<JsonElement> All { get; } = GoldenCase.Load("misc.json");

    static IEnumerable<object[]> Cases =>
        All.Select((c, i) => new object[] { i, c.GetProperty("function").GetString()! });

    static int[] Numbers(JsonElement list) => [.. list.EnumerateArray().Select(v => v.GetInt32())];

    static int[][] Lists(JsonElement list) => [.. list.EnumerateArray().Select(Numbers)];

    static string[] Strings(JsonElement list) => [.. list.EnumerateArray().Select(v => v.GetString()!)];
}
