using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Preprocessing;

namespace Microsoft.ML.KerasSequential.Tests.KerasSuite;

/// <summary>The requirements of Keras' own tests of texts.</summary>
[TestClass]
public sealed class TextPreprocessingSuite
{
    static readonly string[] s_texts =
        ["A red fox ran on the hill.", "A red hen ran to the barn.", "Foxes, hens and owls!"];

    [TestMethod]
    public void Hashed_words_stay_below_the_number_of_buckets()
    {
        foreach (IReadOnlyList<int> numbers in new[] { Text.OneHot(s_texts[0], 4), Text.HashingTrick(s_texts[0], 4) })
        {
            Assert.HasCount(7, numbers);
            Assert.IsTrue(numbers.All(n => n is >= 1 and <= 3));
        }
    }

    [TestMethod]
    [DataRow("hi! you ? there!", " ", new[] { "hi", "you", "there" })]
    [DataRow("hi!STEPyou?there", "step", new[] { "hi", "you", "there" })]
    [DataRow("Iğdır! ağrı? kırk", " ", new[] { "iğdır", "ağrı", "kırk" })]
    [DataRow("ağrı!upkırk?upelli", "up", new[] { "ağrı", "kırk", "elli" })]
    [DataRow("ΟΔΟΣ ΣΑΣ Σ ΑΣ'Α", " ", new[] { "οδος", "σας", "σ", "ασ'α" })]
    [DataRow("İZMİR", " ", new[] { "i\u0307zmi\u0307r" })]
    public void Words_are_split_at_separators_of_any_length_and_converted_to_lowercase_as_in_Python(
        string text, string split, string[] words) =>
        CollectionAssert.AreEqual(words, Text.TextToWordSequence(text, split: split).ToArray());

    [TestMethod]
    public void A_tokenizer_counts_words_of_texts_and_of_lists_and_makes_matrices_of_both()
    {
        string[][] lists = [["A", "fox", "sleeps"], ["THE", "owl", "sleeps"]];
        var tokenizer = new Tokenizer();
        tokenizer.FitOnTexts(s_texts);
        tokenizer.FitOnTexts(lists);
        Assert.AreEqual(5, tokenizer.DocumentCount);
        int columns = tokenizer.WordIndex.Count + 1;
        foreach (string mode in new[] { "binary", "count", "freq", "tfidf" })
        {
            CollectionAssert.AreEqual(new[] { 3, columns }, tokenizer.TextsToMatrix(s_texts, mode).Shape.ToArray());
            CollectionAssert.AreEqual(new[] { 2, columns }, tokenizer.TextsToMatrix(lists, mode).Shape.ToArray());
        }
        var few = new Tokenizer(numWords: 6);
        few.FitOnTexts(s_texts);
        IReadOnlyList<int>[] sequences = [.. few.TextsToSequencesGenerator(s_texts)];
        Assert.AreEqual((1, 5), (sequences.SelectMany(s => s).Min(), sequences.SelectMany(s => s).Max()));
        few.FitOnSequences(sequences);
        Assert.AreEqual(6, few.DocumentCount);
        CollectionAssert.AreEqual(new[] { 3, 6 }, few.TextsToMatrix(s_texts, "tfidf").Shape.ToArray());
    }

    [TestMethod]
    public void Words_are_counted_in_order_of_appearance()
    {
        static string Counts(Tokenizer tokenizer) =>
            string.Join(" ", tokenizer.WordCounts.Select(w => $"{w.Key}{w.Value}"));
        var byWord = new Tokenizer();
        byWord.FitOnTexts(s_texts[..2]);
        Assert.AreEqual("a2 red2 fox1 ran2 on1 the2 hill1 hen1 to1 barn1", Counts(byWord));
        var cased = new Tokenizer(lower: false);
        cased.FitOnTexts(["Go go GO go"]);
        Assert.AreEqual("Go1 go2 GO1", Counts(cased));
        var ofLists = new Tokenizer();
        ofLists.FitOnTexts([["Go", "GO!"], ["go"]]);
        Assert.AreEqual("go2 go!1", Counts(ofLists));
        var byCharacter = new Tokenizer(charLevel: true);
        byCharacter.FitOnTexts(["Ab a.", "B"]);
        Assert.AreEqual("a2 b2  1 .1", Counts(byCharacter));
        var turkish = new Tokenizer(numWords: 3);
        turkish.FitOnTexts(["on kırk elli", "on kırk on dokuz"]);
        Assert.HasCount(4, turkish.WordCounts);
    }

    [TestMethod]
    [DataRow(null, null, "this text has words")]
    [DataRow(null, "<?>", "this text has <?> <?> words")]
    [DataRow(3, null, "this text")]
    [DataRow(3, "<?>", "this <?> <?> <?> <?> <?>")]
    public void Texts_are_restored_without_unknown_or_rare_words(int? numWords, string? oovToken, string expected)
    {
        var tokenizer = new Tokenizer(numWords, oovToken: oovToken);
        tokenizer.FitOnTexts(["This text has only known words this text"]);
        IReadOnlyList<IReadOnlyList<int>> numbers = tokenizer.TextsToSequences(["This text has some unknown words"]);
        Assert.HasCount(expected.Split(' ').Length, numbers[0]);
        Assert.AreEqual(expected, tokenizer.SequencesToTexts(numbers)[0]);
        Assert.AreEqual(expected, string.Join(' ', numbers[0].Select(n => tokenizer.IndexWord[n])));
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void A_tokenizer_is_restored_from_JSON_also_if_it_was_fitted_on_sequences(bool isFitted)
    {
        var tokenizer = new Tokenizer(numWords: 50, oovToken: isFitted ? "?" : null);
        if (isFitted)
        {
            tokenizer.FitOnTexts(s_texts);
            tokenizer.FitOnSequences(tokenizer.TextsToSequences(s_texts));
        }
        Tokenizer read = Text.TokenizerFromJson(tokenizer.ToJson());
        Assert.IsTrue(JsonNode.DeepEquals(tokenizer.GetConfig(), read.GetConfig()));
        Assert.AreEqual(tokenizer.DocumentCount, read.DocumentCount);
        CollectionAssert.AreEqual(tokenizer.WordCounts.ToArray(), read.WordCounts.ToArray());
        CollectionAssert.AreEqual(tokenizer.WordDocs.ToArray(), read.WordDocs.ToArray());
        CollectionAssert.AreEqual(tokenizer.IndexDocs.ToArray(), read.IndexDocs.ToArray());
        CollectionAssert.AreEqual(tokenizer.IndexWord.ToArray(), read.IndexWord.ToArray());
        if (isFitted)
            CollectionAssert.AreEqual(tokenizer.TextsToMatrix(s_texts, "tfidf").ToArray(),
                read.TextsToMatrix(s_texts, "tfidf").ToArray());
    }
}
