using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Optimizers;

namespace Guide;

/// <summary>The example of docs/guide/configuration.md.</summary>
[TestClass]
public sealed class ConfigurationExample
{
    [TestMethod]
    public void Runs()
    {
        #region example
        string folder = Directory.CreateTempSubdirectory().FullName;
        NDArray x = new float[,] { { 1, 2 }, { 3, 4 } }, y = new float[] { 1, 2 };
        using var model = new Sequential([new Dense(4, activation: "tanh", inputShape: [2]), new Dense(1)]);
        model.Compile(new Adam(0.01), "mse");
        model.Fit(x, y, epochs: 3, verbose: 0);

        string json = model.ToJson();                               // without weights
        using Sequential blank = Sequential.FromJson(json);

        model.Save(Path.Combine(folder, "model.zip"));              // with everything that training needs to go on
        using Sequential whole = Sequential.Load(Path.Combine(folder, "model.zip"));

        model.SaveWeights(Path.Combine(folder, "weights.safetensors"));
        blank.LoadWeights(Path.Combine(folder, "weights.safetensors"), byName: true);
        #endregion
        CollectionAssert.AreEqual(model.Predict(x).ToArray(), whole.Predict(x).ToArray());
        CollectionAssert.AreEqual(model.Predict(x).ToArray(), blank.Predict(x).ToArray());
        Assert.AreEqual(model.TrainOnBatch(x, y)["loss"], whole.TrainOnBatch(x, y)["loss"]);
        Directory.Delete(folder, recursive: true);
    }
}
