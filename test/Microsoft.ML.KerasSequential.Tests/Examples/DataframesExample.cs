using Microsoft.Data.Analysis;
using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Layers;

namespace Guide;

/// <summary>The example of docs/guide/dataframes.md.</summary>
[TestClass]
public sealed class DataframesExample
{
    [TestMethod]
    public void Runs()
    {
        #region example
        var rooms = new DataFrame(
            new SingleDataFrameColumn("width", [3f, 4, 5, 2, 6]),
            new SingleDataFrameColumn("length", [4f, 4, 6, 3, 5]),
            new DoubleDataFrameColumn("area", [12.0, 16, 30, 6, 30]));

        using var model = new Sequential([new Dense(16, activation: "relu", inputShape: [2]), new Dense(1)]);
        model.Compile("adam", "mse", ["mae"]);
        History history = model.Fit(rooms, features: ["width", "length"], labels: ["area"], epochs: 20, verbose: 0);

        DataFrame predicted = model.Predict(rooms, features: ["width", "length"]);  // the same columns and "Prediction"
        DataFrame epochs = history.ToDataFrame();                                   // epoch, loss, mae
        NDArray x = NDArray.FromDataFrame(rooms, "width", "length");                // an array for everything else
        #endregion
        Assert.AreEqual(4, predicted.Columns.Count);
        Assert.AreEqual(20L, epochs.Rows.Count);
        CollectionAssert.AreEqual(new[] { 5, 2 }, x.Shape.ToArray());
    }
}
