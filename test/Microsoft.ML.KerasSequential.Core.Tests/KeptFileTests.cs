using System.Text.Json;
using Microsoft.ML.KerasSequential.Callbacks;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Files that earlier versions of the library wrote stay readable. Each version of a format has its own files
/// here; they are never rewritten.</summary>
[TestClass]
public sealed class KeptFileTests
{
    static string Kept(string name) => Path.Combine(AppContext.BaseDirectory, "Golden", "kept", name);

    static (NDArray X, NDArray Y, float[] Predictions) Recorded()
    {
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(Kept("predictions-1.json")));
        float[] Numbers(string key) =>
            [.. json.RootElement.GetProperty(key).EnumerateArray().Select(v => v.GetSingle())];
        return (new(Numbers("x"), 8, 4, 2), new(Numbers("y"), 8, 2), Numbers("predictions"));
    }

    [TestMethod]
    public void A_model_of_version_1_predicts_and_continues_training()
    {
        (NDArray x, NDArray y, float[] predictions) = Recorded();
        using Sequential model = Sequential.Load(Kept("model-1.zip"));
        Same(predictions, model);
        Assert.AreEqual(6, model.Optimizer!.Iterations);
        CollectionAssert.AreEqual(new[] { "loss", "mae" }, model.MetricsNames.ToArray());
        model.Fit(x, y, verbose: 0);
        Assert.AreEqual(7, model.Optimizer.Iterations);
    }

    [TestMethod]
    [DataRow("weights-1.safetensors")]
    [DataRow("weights-1.npz")]
    public void Weights_of_version_1_are_read(string file)
    {
        using Sequential model = Sequential.Load(Kept("model-1.zip"));
        model.SetWeights([.. model.GetWeights().Select(w => new NDArray(w.Shape.ToArray()))]);
        model.LoadWeights(Kept(file));
        Same(Recorded().Predictions, model);
    }

    [TestMethod]
    public void An_ONNX_file_of_version_1_can_be_imported()
    {
        using Sequential model = Sequential.FromOnnx(Kept("model-1.onnx"));
        Assert.AreEqual("kept", model.Name);
        Same(Recorded().Predictions, model);
    }

    [TestMethod]
    public void A_training_run_of_version_1_resumes()
    {
        // Saved after the fifth of six steps; the last one runs here.
        (NDArray x, NDArray y, float[] predictions) = Recorded();
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.state");
        using Sequential model = Sequential.Load(Kept("model-1.zip"));
        model.Fit(x, y, batchSize: 4, epochs: 3, verbose: 0, callbacks: [new TrainingCheckpoint(path, 1000)],
            resumeFrom: Kept("training-1.state"));
        Same(predictions, model);
        Assert.HasCount(3, model.History!["loss"]);
    }

    static void Same(float[] expected, Sequential model) =>
        GoldenCase.AssertClose(model.Predict(Recorded().X).Span, expected, 1e-5, 1e-5, "predictions");
}
