using Microsoft.Data.Analysis;
using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.Tests;

[TestClass]
public sealed class DataFrameTests
{
    static DataFrame Frame => new(
        new SingleDataFrameColumn("a", [1f, 2, 3, 4]), new DoubleDataFrameColumn("b", [0.5, null, 1.5, 2]),
        new Int32DataFrameColumn("n", [1, 2, 3, 4]), new BooleanDataFrameColumn("yes", [true, false, true, false]),
        new StringDataFrameColumn("text", ["w", "x", "y", "z"]),
        new VBufferDataFrameColumn<float>("v",
            [new(2, [1f, 2]), new(2, 1, [5f], [1]), new(2, [3f, 4]), new(2, [0f, 0])]));

    [TestMethod]
    public void Columns_become_an_array()
    {
        NDArray x = NDArray.FromDataFrame(Frame, "a", "b", "yes", "v", "n");
        CollectionAssert.AreEqual(new[] { 4, 6 }, x.Shape.ToArray());
        CollectionAssert.AreEqual(new float[] { 1, 0.5f, 1, 1, 2, 1, 2, float.NaN, 0, 0, 5, 2 }, x.ToArray()[..12]);
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => NDArray.FromDataFrame(Frame, "text")).Message,
            "\"text\" contains String");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => NDArray.FromDataFrame(Frame, "c")).Message,
            "no column \"c\"");
        CollectionAssert.AreEqual(new[] { 4, 2 },
            NDArray.FromDataFrame(new DataFrame(Frame["a"], Frame["n"])).Shape.ToArray());
    }

    [TestMethod]
    public void A_network_learns_from_a_frame_and_predicts_into_one()
    {
        float[] xs = [.. Enumerable.Range(0, 64).Select(i => i / 64f)];
        var frame = new DataFrame(new SingleDataFrameColumn("x", xs),
            new SingleDataFrameColumn("y", xs.Select(v => 2 * v + 1)),
            new SingleDataFrameColumn("w", xs.Select(_ => 1f)));
        using var model = new Sequential([new Dense(1, inputShape: [1])]);
        model.Compile(new Optimizers.Adam(0.1), "mse", ["mae"]);
        History history = model.Fit(frame, ["x"], ["y"], batchSize: 16, epochs: 60, verbose: 0, validationData: frame,
            sampleWeight: "w", validationFreq: 2);
        Assert.IsTrue(model.Evaluate(frame, ["x"], ["y"], verbose: 0)["mae"] < 0.05);
        DataFrame predicted = model.Predict(frame, ["x"]);
        CollectionAssert.AreEqual(new[] { "x", "y", "w", "Prediction" },
            predicted.Columns.Select(c => c.Name).ToArray());
        CollectionAssert.AreEqual(model.Predict(new NDArray(xs, 64, 1)).ToArray(),
            ((SingleDataFrameColumn)predicted["Prediction"]).Select(v => v!.Value).ToArray());
        Assert.AreEqual(3, frame.Columns.Count);

        DataFrame table = history.ToDataFrame();
        CollectionAssert.AreEquivalent(new[] { "epoch", "loss", "mae", "val_loss", "val_mae" },
            table.Columns.Select(c => c.Name).ToArray());
        Assert.AreEqual(60, table.Rows.Count);
        Assert.IsNull(table["val_loss"][0]);
        Assert.AreEqual(history["val_loss"][0], table["val_loss"][1]);
        Assert.AreEqual(history["loss"][59], table["loss"][59]);
    }

    [TestMethod]
    public void Several_outputs_are_several_columns()
    {
        using var model = new Sequential([new Dense(3, inputShape: [2])]);
        CollectionAssert.AreEqual(new[] { "Prediction.0", "Prediction.1", "Prediction.2" },
            model.Predict(Frame, ["v"]).Columns.Skip(6).Select(c => c.Name).ToArray());
        CollectionAssert.AreEqual(new[] { "p", "q", "r" },
            model.Predict(Frame, ["v"], ["p", "q", "r"]).Columns.Skip(6).Select(c => c.Name).ToArray());
        Assert.ThrowsExactly<ArgumentException>(() => model.Predict(Frame, ["v"], ["p"]));
        Assert.ThrowsExactly<ArgumentException>(() => model.Predict(Frame, ["v"], ["p", "q", "a"]));
    }

    [TestMethod]
    public void A_frame_passes_through_a_pipeline_and_back()
    {
        var ml = new MLContext(seed: 1);
        var frame = new DataFrame(Frame["a"], Frame["n"], Frame["yes"]);
        IEstimator<ITransformer> pipeline =
            ml.BinaryClassification.Trainers.KerasSequential([new Dense(1, activation: "sigmoid")],
                new() { LabelColumnName = "yes", FeatureColumnNames = ["a", "n"] });
        DataFrame scored = pipeline.Fit(frame).Transform(frame).ToDataFrame("a", "Probability", "PredictedLabel");
        Assert.AreEqual(4, scored.Rows.Count);
        Assert.IsTrue(((PrimitiveDataFrameColumn<float>)scored["Probability"]).All(p => p is > 0 and < 1));
    }
}
