using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Layers;

namespace Guide;

/// <summary>The example of docs/guide/publishing.md.</summary>
[TestClass]
public sealed class PublishingExample
{
    [TestMethod]
    public void Runs()
    {
        string before = Environment.CurrentDirectory, folder = Directory.CreateTempSubdirectory().FullName;
        Environment.CurrentDirectory = folder;
        using (var trained = new Sequential([new Dense(8, inputShape: [4]), new Dense(3, activation: "softmax")]))
            trained.Save("model.zip");
        #region example
        using Sequential model = Sequential.Load("model.zip");
        NDArray p = model.Predict(new float[,] { { 5.1f, 3.5f, 1.4f, 0.2f } });
        Console.WriteLine(string.Join(' ', p.ToArray()));
        #endregion
        Assert.AreEqual(1, p.ToArray().Sum(), 1e-6);
        Environment.CurrentDirectory = before;
        Directory.Delete(folder, recursive: true);
    }
}
