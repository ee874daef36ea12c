using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Callbacks;
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

        model.Save(Path.Combine(folder, "model.zip"));              // with everything needed to continue training
        using Sequential whole = Sequential.Load(Path.Combine(folder, "model.zip"));

        model.SaveWeights(Path.Combine(folder, "weights.safetensors"));
        blank.LoadWeights(Path.Combine(folder, "weights.safetensors"), byName: true);

        // To resume training after a crash, bit for bit, make the same call again.
        string state = Path.Combine(folder, "run.state");
        model.Fit(x, y, epochs: 5, verbose: 0, callbacks: [new TrainingCheckpoint(state, everySteps: 10)],
            resumeFrom: File.Exists(state) ? state : null);
        #endregion
        CollectionAssert.AreEqual(whole.Predict(x).ToArray(), blank.Predict(x).ToArray());
        whole.Fit(x, y, epochs: 5, verbose: 0, shuffle: false);
        Assert.AreEqual(model.History!["loss"][0], whole.History!["loss"][0]);
        Directory.Delete(folder, recursive: true);
    }
}
