using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Preprocessing;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>What a tokenizer learns from indices and words, and how it is saved.</summary>
[TestClass]
public sealed class TokenizerTests
{
    /// <summary>In the format of Keras' to_json: tables are strings, and so are all their keys.</summary>
    const string Written = """
        {"class_name": "Tokenizer", "config": {"num_words": 4, "filters": ".,", "lower": true, "split": " ",
          "char_level": false, "oov_token": "<oov>",
        "document_count": 2, "word_counts": "{\"the\": 3, \"caf\\u00e9\": 1, \"dog\": 1}",
        "word_docs": "{\"caf\\u00e9\": 1, \"the\": 2, \"dog\": 1}",
        "index_docs": "{\"3\": 1, \"2\": 2, \"4\": 1}",
        "index_word": "{\"1\": \"<oov>\", \"2\": \"the\", \"3\": \"caf\\u00e9\", \"4\": \"dog\"}",
        "word_index": "{\"<oov>\": 1, \"the\": 2, \"caf\\u00e9\": 3, \"dog\": 4}"}}
        """;

    static readonly string[] s_texts = ["The café, the", "the dog."];

    [TestMethod]
    public void A_tokenizer_of_Keras_is_read_and_can_be_fitted_further()
    {
        Tokenizer read = Text.TokenizerFromJson(Written);
        Check(read.TextsToSequences(s_texts), [2, 3, 2], [2, 1]);
        Assert.AreEqual(((int?)4, ".,", true, " ", false, (string?)"<oov>", 2),
            (read.NumWords, read.Filters, read.Lower, read.Split, read.CharLevel, read.OovToken, read.DocumentCount));
        Assert.AreEqual("café", read.IndexWord[3]);
        Assert.AreEqual(2, read.IndexDocs[2]);
        read.FitOnTexts(["dog dog dog dog"]);
        Assert.AreEqual(2, read.WordIndex["dog"]);
        Assert.AreEqual(5, read.WordCounts["dog"]);
        Assert.AreEqual(2, read.IndexDocs[2]);
        Assert.AreEqual(3, read.DocumentCount);
    }

    [TestMethod]
    public void A_tokenizer_is_written_as_Keras_writes_it()
    {
        var tokenizer = new Tokenizer(4, ".,", oovToken: "<oov>");
        tokenizer.FitOnTexts(s_texts);
        JsonNode expected = JsonNode.Parse(Written)!, actual = JsonNode.Parse(tokenizer.ToJson())!;
        Assert.AreEqual("Tokenizer", actual["class_name"]!.GetValue<string>());
        JsonObject settings = expected["config"]!.AsObject(), given = actual["config"]!.AsObject();
        CollectionAssert.AreEqual(settings.Select(e => e.Key).ToArray(), given.Select(e => e.Key).ToArray());
        foreach ((string key, JsonNode? value) in settings)
        {
            bool isTable = key.Contains("word_", StringComparison.Ordinal)
                || key.Contains("index_", StringComparison.Ordinal);
            JsonNode? wanted = isTable ? JsonNode.Parse(value!.GetValue<string>()) : value,
                had = isTable ? JsonNode.Parse(given[key]!.GetValue<string>()) : given[key];
            Assert.IsTrue(JsonNode.DeepEquals(wanted, had), $"{key}: {had}");
        }
        Assert.AreEqual(tokenizer.ToJson(), Tokenizer.FromJson(tokenizer.ToJson()).ToJson());
        Assert.AreEqual(new Tokenizer().ToJson(),
            Tokenizer.FromConfig(JsonSerializer.SerializeToElement(new Tokenizer().GetConfig())).ToJson());
        Assert.IsNull(new Tokenizer().GetConfig()["num_words"]);
    }

    [TestMethod]
    [DataRow("{", "not JSON")]
    [DataRow("[]", "tokenizer")]
    [DataRow("""{"class_name": "Dense", "config": {}}""", "Dense")]
    [DataRow("""{"class_name": "Tokenizer", "config": {}}""", "word_counts")]
    [DataRow("""{"class_name": "Tokenizer"}""", "word_index")]
    [DataRow("""{"class_name": "Tokenizer", "config": {"word_counts": "{"}}""", "word_counts")]
    [DataRow("""{"class_name": "Tokenizer", "config": {"word_counts": "{\"a\": \"b\"}"}}""", "word_counts")]
    [DataRow(
        """{"class_name": "Tokenizer", "config": {"word_counts": "{}", "word_docs": "{}", "index_docs": "{\"\":1}"}}""",
        "index_docs")]
    public void JSON_of_anything_but_a_tokenizer_is_rejected(string json, string named) =>
        Assert.Contains(named, Assert.ThrowsExactly<ArgumentException>(() => Tokenizer.FromJson(json)).Message);

    /// <summary>1 is in both lists, 2 and 3 in one: (1 + ln count)·ln(1 + 2/(1 + lists)).</summary>
    [TestMethod]
    public void Sequences_are_counted_by_how_many_contain_each_index()
    {
        var tokenizer = new Tokenizer(numWords: 4);
        tokenizer.FitOnSequences([[1, 2], [1, 1, 3]]);
        Assert.AreEqual(2, tokenizer.DocumentCount);
        CollectionAssert.AreEquivalent(new[] { (1, 2), (2, 1), (3, 1) },
            tokenizer.IndexDocs.Select(e => (e.Key, e.Value)).ToArray());
        float[] row = tokenizer.SequencesToMatrix([[1, 1, 2]], "tfidf").ToArray();
        double[] expected = [0, (1 + Math.Log(2)) * Math.Log(1 + 2 / 3.0), Math.Log(2), 0];
        for (int i = 0; i < 4; i++) Assert.AreEqual(expected[i], row[i], 1e-6);
        Assert.ThrowsExactly<ArgumentException>(() => tokenizer.FitOnSequences([[1], null!]));
        Assert.AreEqual(2, tokenizer.DocumentCount);
        Assert.ThrowsExactly<InvalidOperationException>(() => new Tokenizer(4).SequencesToMatrix([[1]], "tfidf"));
    }

    [TestMethod]
    public void Texts_that_are_already_split_are_only_converted_to_lowercase()
    {
        var tokenizer = new Tokenizer(oovToken: "?");
        string[][] texts = [["New York", "is", "BIG."], ["is"]];
        tokenizer.FitOnTexts(texts);
        CollectionAssert.AreEquivalent(new[] { "?", "is", "new york", "big." }, tokenizer.WordIndex.Keys.ToArray());
        Check(tokenizer.TextsToSequences(texts), [3, 2, 4], [2]);
        Check(tokenizer.TextsToSequences(["New York"]), [1, 1]);
        Check([.. tokenizer.TextsToSequencesGenerator(texts)], [3, 2, 4], [2]);
        CollectionAssert.AreEqual(new[] { "new york is", "? big." },
            tokenizer.SequencesToTextsGenerator([[3, 2], [9, 4]]).ToArray());
        CollectionAssert.AreEqual(new float[] { 0, 0, 1, 1, 1 }, tokenizer.TextsToMatrix([texts[0]]).ToArray());
        tokenizer.FitOnTexts([]);
        Assert.AreEqual(2, tokenizer.DocumentCount);
    }

    static void Check(IReadOnlyList<IReadOnlyList<int>> actual, params int[][] expected)
    {
        Assert.HasCount(expected.Length, actual);
        for (int i = 0; i < expected.Length; i++) CollectionAssert.AreEqual(expected[i], actual[i].ToArray());
    }
}
