using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Optimizers;

namespace Guide;

/// <summary>The example of docs/guide/text.md.</summary>
[TestClass]
public sealed class TextExample
{
    [TestMethod]
    public void Runs()
    {
        K.SetRandomSeed(1);
        #region example
        string[] texts = ["A good film!", "good, good day", "a bad film", "what a bad, bad day"];
        float[] labels = [1, 1, 0, 0];

        var vectorize = new TextVectorization(maxTokens: 1000, outputSequenceLength: 8);
        vectorize.Adapt(texts);

        using var model = new Sequential([
            vectorize,
            new Embedding(vectorize.VocabularySize, 16, maskZero: true),
            new GlobalAveragePooling1D(),
            new Dense(1, activation: "sigmoid"),
        ]);
        model.Compile(new Adam(0.05), "binary_crossentropy");
        model.Fit(texts, labels, epochs: 100, verbose: 0, validationData: (texts, labels));
        NDArray p = model.Predict(["a good film", "a bad film"]);

        NDArray numbers = vectorize.Call(["a good day"]);       // indices, padded with 0
        #endregion
        Assert.IsTrue(p.Span[0] > 0.5 && p.Span[1] < 0.5);
        CollectionAssert.AreEqual(new[] { 1, 8 }, numbers.Shape.ToArray());
        Assert.AreEqual("good", vectorize.GetVocabulary()[(int)numbers[0, 1]]);
    }
}
