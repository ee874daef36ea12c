using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Layers;

namespace Guide;

/// <summary>The example of docs/guide/callbacks.md.</summary>
[TestClass]
public sealed class CallbacksExample
{
    [TestMethod]
    public void Runs()
    {
        #region example
        string folder = Directory.CreateTempSubdirectory().FullName;
        NDArray x = new float[,] { { 1, 2 }, { 3, 4 }, { 5, 6 } }, y = new float[] { 1, 2, 3 };
        using var model = new Sequential([new Dense(1, inputShape: [2])]);
        model.Compile("adam", "mse");

        model.Fit(x, y, epochs: 5, verbose: 0, validationData: (x, y), callbacks: [
            new EarlyStopping(patience: 3, restoreBestWeights: true),
            new ModelCheckpoint(Path.Combine(folder, "model.{epoch:02d}-{val_loss:.2f}.zip"), saveBestOnly: true),
            new CSVLogger(Path.Combine(folder, "log.csv")),
            new TensorBoard(Path.Combine(folder, "logs"), histogramFreq: 1),
            new LambdaCallback(onEpochEnd: (epoch, logs) => Console.WriteLine($"{epoch}: {logs["loss"]:0.000}")),
        ]);

        string newest = Directory.GetFiles(folder, "*.zip").Order().Last();
        using Sequential loaded = Sequential.Load(newest);
        loaded.Fit(x, y, verbose: 0);                                  // continues with the saved optimizer state
        #endregion
        Assert.AreEqual(6, loaded.Optimizer!.Iterations);
        Directory.Delete(folder, recursive: true);
    }
}
