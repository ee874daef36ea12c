using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Preprocessing;
using Microsoft.ML.KerasSequential.Utils;

namespace Guide;

/// <summary>The example of docs/guide/preprocessing.md.</summary>
[TestClass]
public sealed class PreprocessingExample
{
    [TestMethod]
    public void Runs()
    {
        #region example
        string[] texts = ["The cat sat on the mat.", "A dog ran."];
        var tokenizer = new Tokenizer(oovToken: "<unknown>");
        tokenizer.FitOnTexts(texts);
        NDArray x = Sequence.PadSequences(tokenizer.TextsToSequences(texts), maxlen: 5);
        NDArray counts = tokenizer.TextsToMatrix(["the bird sat on the cat"], mode: "count");

        NDArray classes = NpUtils.ToCategorical(new float[] { 2, 0, 1 });

        NDArray series = new NDArray(100, 1);
        var windows = new TimeseriesGenerator(series, series, length: 10, batchSize: 32);
        #endregion
        CollectionAssert.AreEqual(new[] { 2, 5 }, x.Shape.ToArray());
        Assert.AreEqual(2, counts[0, tokenizer.WordIndex["the"]]);
        CollectionAssert.AreEqual(new float[] { 0, 0, 1, 1, 0, 0, 0, 1, 0 }, classes.ToArray());
        Assert.AreEqual(3, windows.Count);
    }
}
