using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Layers;

namespace Guide;

/// <summary>The example of docs/guide/sequential.md.</summary>
[TestClass]
public sealed class SequentialExample
{
    [TestMethod]
    public void Runs()
    {
        #region example
        K.SetRandomSeed(1);                                         // the same results in every run
        var x = new NDArray(90, 4);
        var y = new NDArray(90, 3);
        var random = new Random(1);
        for (int i = 0; i < 90; i++)
        {
            y[i, i % 3] = 1;
            for (int j = 0; j < 4; j++) x[i, j] = random.NextSingle() + (j == i % 3 ? 1 : 0);
        }

        using var model = new Sequential([
            new Dense(16, activation: "relu", inputShape: [4]),
            new Dropout(0.1),
            new Dense(3, activation: "softmax"),
        ]);
        model.Compile("adam", "categorical_crossentropy", metrics: ["accuracy"]);

        History history = model.Fit(x, y, batchSize: 16, epochs: 60, verbose: 0, validationSplit: 0.2,
            classWeight: new Dictionary<int, double> { [0] = 1, [1] = 1, [2] = 2 });
        Console.WriteLine($"loss: {history["loss"][0]:0.00} to {history["loss"][^1]:0.00}");
        Console.WriteLine($"validation accuracy: {history["val_accuracy"][^1]:P0}");

        Evaluation result = model.Evaluate(x, y, verbose: 0);
        Console.WriteLine($"{result["loss"]:0.00}, {result["accuracy"]:P0}; by position {result[1]:P0}");
        NDArray classes = model.PredictClasses(x);
        model.Summary();
        #endregion
        Assert.IsGreaterThan(0.8, result["accuracy"]);
        Assert.AreEqual(90, classes.Size);
    }
}
