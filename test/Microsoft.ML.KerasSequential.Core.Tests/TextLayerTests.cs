using System.Text.Json;
using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>
/// Layers that take text. Keras runs them with TensorFlow only; the numbers are those of the examples in its
/// documentation and of its tests, and hashes are those of FarmHash's own code and of SipHash's publication.
/// </summary>
[TestClass]
public sealed class TextLayerTests
{
    [TestMethod]
    [DataRow(0, 0x9ae16a3b2f90404ful)]
    [DataRow(1, 0xb3454265b6df75e3ul)]
    [DataRow(3, 0x2d5b0cbcc48fdc6bul)]
    [DataRow(4, 0x7b803bc75cee3292ul)]
    [DataRow(7, 0xed26868869003b0aul)]
    [DataRow(8, 0x93b52af6d9b92820ul)]
    [DataRow(16, 0x38c4e979d97823acul)]
    [DataRow(17, 0xd67b9df2b84bf64aul)]
    [DataRow(32, 0x76b5af6cb0c26165ul)]
    [DataRow(33, 0x60275f32125d02aeul)]
    [DataRow(63, 0x15b61ef6725d5bebul)]
    [DataRow(64, 0x292fdb57c52053cful)]
    [DataRow(65, 0x98a03a9810f3e2b8ul)]
    [DataRow(100, 0xbc8c0803de2a8248ul)]
    [DataRow(128, 0xbbb2cd115a15f5b9ul)]
    [DataRow(129, 0xf1073e2db2221223ul)]
    [DataRow(200, 0x34cacdc047b73a38ul)]
    public void FarmHash_gives_the_fingerprints_of_its_authors(int length, ulong expected)
    {
        byte[] text = [.. Enumerable.Range(0, length).Select(i => (byte)('a' + (i * 7 + i / 11) % 26))];
        Assert.AreEqual(expected, TextHash.Farm(text));
    }

    [TestMethod]
    [DataRow(0, 0x726fdb47dd0e0e31ul)]
    [DataRow(1, 0x74f839c593dc67fdul)]
    [DataRow(7, 0xab0200f58b01d137ul)]
    [DataRow(8, 0x93f5f5799a932462ul)]
    [DataRow(15, 0xa129ca6149be45e5ul)]
    [DataRow(16, 0x3f2acc7f57c29bdbul)]
    [DataRow(63, 0x958a324ceb064572ul)]
    public void SipHash_gives_the_published_numbers(int length, ulong expected)
    {
        byte[] text = [.. Enumerable.Range(0, length).Select(i => (byte)i)];
        Assert.AreEqual(expected, TextHash.Sip(text, 0x0706050403020100, 0x0f0e0d0c0b0a0908));
    }

    [TestMethod]
    public void Texts_are_hashed_as_in_the_examples_of_Keras()
    {
        string[] letters = ["A", "B", "C", "D", "E"], names = ["omar", "stringer", "marlo", "wire", "skywalker"];
        NDArray numbers = new float[,] { { 0 }, { 1 }, { 2 }, { 3 }, { 4 } };
        Same([1, 0, 1, 1, 2], new Hashing(3).Call(letters));
        Same([1, 1, 0, 2, 2], new Hashing(3, maskValue: "").Call(["A", "B", "", "C", "D"]));
        Same([1, 2, 1, 0, 2], new Hashing(3, salt: [133, 137]).Call(letters));
        Same([0, 0, 2, 1, 0], new Hashing(3, salt: [133]).Call(letters));
        Same([0, 0, 0, 0, 0], new Hashing(1).Call(letters));
        Same([0, 0, 1, 0, 0], new Hashing(2).Call(names));
        Same([1, 1, 2, 1, 1], new Hashing(3, maskValue: "").Call(names));
        Same([0, 1, 2, 1, 1], new Hashing(3, maskValue: "omar").Call(names));
        Same([0, 1, 0, 1, 0], new Hashing(2, salt: [133, 137]).Call(names));
        Same([1, 0, 1, 0, 1], new Hashing(2, salt: [211, 137]).Call(names));
        Same([1, 0, 1, 0, 2], new Hashing(3).Call(numbers));
        Same([1, 1, 2, 0, 1], new Hashing(3, salt: [133, 137]).Call(numbers));
        using var model = new Sequential([new Hashing(3, outputMode: "one_hot")]);
        Same([0, 1, 0, 1, 0, 0, 0, 1, 0], model.Predict(["A", "B", "C"]));
        var counts = new Hashing(3, outputMode: "count");
        using var other = new Sequential([counts]);
        Same([1, 2, 0, 0, 2, 1], other.Predict(counts.Call([["A", "B", "C"], ["D", "E", "D"]])));
    }

    [TestMethod]
    public void Texts_are_looked_up_as_in_the_examples_of_Keras()
    {
        string[] vocabulary = ["a", "b", "c", "d"];
        string[][] data = [["a", "c", "d"], ["d", "z", "b"]];
        Same([1, 3, 4, 4, 0, 2], new StringLookup(vocabulary: vocabulary).Call(data));
        var learned = new StringLookup();
        learned.Adapt(data);
        CollectionAssert.AreEqual(new[] { "[UNK]", "d", "z", "c", "b", "a" }, learned.GetVocabulary().ToArray());
        Same([5, 3, 1, 1, 2, 4], learned.Call(data));
        Same([2, 4, 5, 0, 1, 3],
            new StringLookup(numOovIndices: 2, vocabulary: vocabulary).Call([["a", "c", "d"], ["m", "z", "b"]]));
        using var oneHot = new Sequential([new StringLookup(vocabulary: vocabulary, outputMode: "one_hot")]);
        Same([0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0],
            oneHot.Predict(["a", "b", "c", "d", "z"]));
        string[][] more = [["a", "c", "d", "d"], ["d", "z", "b", "z"]];
        foreach ((string mode, float[] expected) in new (string, float[])[]
        {
            ("multi_hot", [0, 1, 0, 1, 1, 1, 0, 1, 0, 1]),
            ("count", [0, 1, 0, 1, 2, 2, 0, 1, 0, 1]),
        })
        {
            var layer = new StringLookup(vocabulary: vocabulary, outputMode: mode);
            using var model = new Sequential([layer]);
            Same(expected, model.Predict(layer.Call(more)));
        }
        foreach ((string[] tokens, double[] weights, float[] expected) in new (string[], double[], float[])[]
        {
            (vocabulary, [0.25, 0.75, 0.6, 0.4], [0, 0.25f, 0, 0.6f, 0.8f, 1, 0, 0.75f, 0, 0.4f]),
            (["[UNK]", .. vocabulary], [0.9, 0.25, 0.75, 0.6, 0.4], [0, 0.25f, 0, 0.6f, 0.8f, 1.8f, 0, 0.75f, 0, 0.4f]),
        })
        {
            var layer = new StringLookup(outputMode: "tf_idf");
            layer.SetVocabulary(tokens, weights);
            using var model = new Sequential([layer]);
            GoldenCase.AssertClose(model.Predict(layer.Call(more)).Span, expected, 1e-6, 0, "tf_idf");
            using Sequential again = Sequential.FromJson(model.ToJson());
            Same(model.Predict(layer.Call(more)).ToArray(), again.Predict(layer.Call(more)));
        }
        CollectionAssert.AreEqual(new[] { "a", "c", "d", "d", "[UNK]", "b" },
            new StringLookup(vocabulary: vocabulary, invert: true).Call(new float[] { 1, 3, 4, 4, 0, 2 }));
        // A mask token has index 0, or adds nothing.
        Same([0, 2, 1], new StringLookup(maskToken: "-", vocabulary: vocabulary).Call(["-", "a", "z"]));
        Same([-1, 1, 0],
            new StringLookup(maskToken: "-", vocabulary: vocabulary, outputMode: "count").Call(["-", "a", "z"]));
    }

    [TestMethod]
    public void Texts_are_split_as_in_the_examples_of_Keras()
    {
        var layer = new TextVectorization(maxTokens: 5000, outputSequenceLength: 4);
        layer.Adapt(["foo bar", "bar baz", "baz bada boom"]);
        CollectionAssert.AreEqual(new[] { "", "[UNK]", "baz", "bar", "foo", "boom", "bada" },
            layer.GetVocabulary().ToArray());
        Same([4, 1, 3, 0, 1, 2, 0, 0], layer.Call(["foo qux bar", "qux baz"]));
        var given = new TextVectorization(vocabulary: ["earth", "wind", "and", "fire"]);
        CollectionAssert.AreEqual(new[] { "", "[UNK]", "earth", "wind", "and", "fire" },
            given.GetVocabulary().ToArray());
        CollectionAssert.AreEqual(new[] { "earth", "wind", "and", "fire" }, given.GetVocabulary(false).ToArray());
        Assert.AreEqual(6, given.VocabularySize);
        // Case and punctuation go, other characters stay; each text is padded to the longest.
        NDArray y = given.Call(["Earth, WIND & fire!", " \t and\n", ""]);
        CollectionAssert.AreEqual(new[] { 3, 3 }, y.Shape.ToArray());
        Same([2, 3, 5, 4, 0, 0, 0, 0, 0], y);
        CollectionAssert.AreEqual(new[] { 1, 1 }, given.Call([""]).Shape.ToArray());
    }

    [TestMethod]
    public void Each_step_of_the_splitting_can_be_chosen()
    {
        static string[] Tokens(TextVectorization layer, string text)
        {
            layer.Adapt([text]);
            return [.. layer.GetVocabulary(false)];
        }
        CollectionAssert.AreEqual(new[] { "É", "it's" }, Tokens(new(standardize: "lower"), "It's É"));
        CollectionAssert.AreEqual(new[] { "É", "Its" }, Tokens(new(standardize: "strip_punctuation"), "It's É"));
        CollectionAssert.AreEqual(new[] { "It's", "A" }, Tokens(new(standardize: null), "It's A"));
        CollectionAssert.AreEqual(new[] { "It's A" }, Tokens(new(standardize: null, split: null), "It's A"));
        CollectionAssert.AreEqual(new[] { "a", "\U0001F600", "b" },
            Tokens(new(split: "character"), "aab\U0001F600a\U0001F600"));
        CollectionAssert.AreEqual(new[] { "c", "b c", "b", "a b", "a" }, Tokens(new(ngrams: 2), "a b c"));
        CollectionAssert.AreEqual(new[] { "b c", "a b" }, Tokens(new(ngrams: new[] { 2, 5 }), "a b c"));
        CollectionAssert.AreEqual(new[] { "y", "x" },
            Tokens(new(standardizeFunction: t => t.Trim('<', '>'), splitFunction: t => t.Split('|')), "<x|y>"));
        // Larger than any character of UTF-16 without surrogates.
        CollectionAssert.AreEqual(new[] { "\U0001F600", "\uFFFD" }, Tokens(new(), "\uFFFD \U0001F600"));
        // The order of ngrams: all of the first length, then all of the second.
        var joined = new TextVectorization(ngrams: 2, vocabulary: ["a", "b", "a b"]);
        Same([2, 3, 4], joined.Call(["a b"]));
    }

    [TestMethod]
    public void Documents_become_vectors()
    {
        string[] texts = ["a a b", "c", ""];
        foreach ((string mode, float[] expected) in new (string, float[])[]
        {
            ("multi_hot", [0, 1, 1, 1, 0, 0, 0, 0, 0]),
            ("count", [0, 2, 1, 1, 0, 0, 0, 0, 0]),
        })
        {
            using var model = new Sequential([new TextVectorization(outputMode: mode, vocabulary: ["a", "b"])]);
            Same(expected, model.Predict(texts));
        }
        using var padded = new Sequential([new TextVectorization(maxTokens: 5, outputMode: "count",
            padToMaxTokens: true, vocabulary: ["a", "b"])]);
        Same([0, 2, 1, 0, 0], padded.Predict(["a a b"]));
        using var oneHot = new Sequential([new TextVectorization(outputMode: "one_hot", vocabulary: ["a", "b"])]);
        Same([0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0], oneHot.Predict(["a c", "b"]));
        var weighted = new TextVectorization(outputMode: "tf_idf");
        weighted.Adapt(["a a b", "a c", "a"]);
        using var vectors = new Sequential([weighted]);
        double a = Math.Log(1 + 3.0 / 4), b = Math.Log(1 + 3.0 / 2);
        GoldenCase.AssertClose(vectors.Predict(["a a c z"]).Span,
            [(float)((a + 2 * b) / 3), (float)(2 * a), (float)b, 0], 1e-6, 0, "tf_idf");
    }

    [TestMethod]
    public void Bad_arguments_say_what_is_wrong()
    {
        Wrong<ArgumentOutOfRangeException>(() => new Hashing(0), "numBins");
        Wrong<ArgumentException>(() => new Hashing(2, salt: [1, 2, 3]), "one or two");
        Wrong<ArgumentException>(() => new Hashing(2, outputMode: "tf_idf"), "tf_idf");
        Wrong<ArgumentException>(() => new Hashing(2).Call(["a", null!]), "Text 1");
        Wrong<ArgumentException>(() => new Hashing(2).Call([["a"], ["b", "c"]]), "sample 1");
        Wrong<ArgumentException>(() => new StringLookup(encoding: "latin-1"), "latin-1");
        Wrong<ArgumentException>(() => new StringLookup(vocabulary: []), "empty");
        Wrong<ArgumentException>(() => new StringLookup(vocabulary: ["a", "a"]), "more than once");
        Wrong<ArgumentException>(() => new StringLookup(invert: true, vocabulary: ["a", "[UNK]"]), "reserved", "[UNK]");
        Wrong<ArgumentException>(() => new StringLookup(outputMode: "tf_idf", vocabulary: ["a"], idfWeights: [1, 2]),
            "2 weights for 1");
        Wrong<InvalidOperationException>(() => new StringLookup().Call(["a"]), "no vocabulary");
        Wrong<InvalidOperationException>(() => new StringLookup(vocabulary: ["a"]).Adapt(["b"]), "constructor");
        Wrong<InvalidOperationException>(() => new StringLookup(vocabulary: ["a"]).Call(new float[] { 1 }), "invert");
        Wrong<InvalidOperationException>(() => new StringLookup(vocabulary: ["a"], invert: true).Call(["a"]), "array");
        Wrong<ArgumentException>(() => new StringLookup(numOovIndices: 0, vocabulary: ["a"]).Call(["b"]), "\"b\"");
        Wrong<ArgumentException>(() => new StringLookup().Adapt(Array.Empty<string>()), "no tokens");
        Wrong<ArgumentException>(() => new TextVectorization(standardize: "upper"), "upper");
        Wrong<ArgumentException>(() => new TextVectorization(split: "words"), "words");
        Wrong<ArgumentException>(() => new TextVectorization(ngrams: 0), "ngrams");
        Wrong<ArgumentException>(() => new TextVectorization(outputMode: "count", outputSequenceLength: 3), "int");
        Wrong<ArgumentOutOfRangeException>(() => new TextVectorization(maxTokens: 1), "maxTokens");
        Wrong<InvalidOperationException>(
            () => new Sequential([new TextVectorization(standardizeFunction: t => t)]).ToJson(), "function");
        Wrong<ArgumentException>(() => Layer.FromConfig(JsonDocument.Parse(
            """{"class_name": "IntegerLookup", "config": {"oov_method": "farmhash"}}""").RootElement), "StringLookup");
        Wrong<ArgumentException>(() => Layer.FromConfig(JsonDocument.Parse(
            """{"class_name": "StringLookup", "config": {"sparse": true, "output_mode": "count"}}""").RootElement),
            "sparse");
    }

    static void Wrong<T>(Func<object> make, params string[] words) where T : Exception =>
        Wrong<T>(new Action(() => _ = make()), words);

    static void Wrong<T>(Action act, params string[] words) where T : Exception
    {
        string message = Assert.ThrowsExactly<T>(act).Message;
        foreach (string word in words) Assert.Contains(word, message);
    }

    static void Same(float[] expected, NDArray actual) => CollectionAssert.AreEqual(expected, actual.ToArray());
}
