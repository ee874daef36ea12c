using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Losses;

namespace Guide;

/// <summary>The example of docs/guide/losses.md.</summary>
[TestClass]
public sealed class LossesExample
{
    [TestMethod]
    public void Runs()
    {
        #region example
        using var model = new Sequential([new Dense(3, inputShape: [2])]);
        NDArray x = new float[,] { { 1, 0 }, { 0, 1 } };
        NDArray y = new float[,] { { 1, 0, 0 }, { 0, 0, 1 } };

        model.Compile("sgd", "mse");                                                                // by name
        model.Compile("sgd", Loss.CategoricalCrossentropy(fromLogits: true, labelSmoothing: 0.1));  // with settings
        model.Compile("sgd", Loss.Huber(delta: 0.5, reduction: Reduction.Sum));
        double summed = model.TrainOnBatch(x, y)["loss"];
        model.Compile("sgd", (t, p) => K.Mean(K.Square(t - p), axis: -1));                          // custom
        double own = model.TrainOnBatch(x, y)["loss"];
        #endregion
        Assert.IsGreaterThan(0, summed);
        Assert.IsGreaterThan(0, own);
    }
}
