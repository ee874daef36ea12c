using Microsoft.ML.KerasSequential.Layers;
using Samples.Tests;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>The device on which models run with the CUDA package, on machines with and without a GPU.</summary>
[TestClass]
public sealed class DeviceTests
{
    /// <summary>Whether models run on the GPU here.</summary>
    static bool IsOnGpu => Machine.Gpus > 0 && Machine.HasNewDriver && Machine.Missing.Length == 0;

    [TestMethod]
    public void A_model_runs_on_an_available_GPU_and_otherwise_reports_why_not()
    {
        using Sequential model = Model();
        NDArray x = RandomModels.Input(new Random(1), 9, [8, 8, 3]);
        List<string> told = [];
        using OnnxScorer scorer = OnnxScorer.From(model, options: new() { Log = told.Add });
        AssertDevice(scorer.Device, scorer.DeviceReason);
        CollectionAssert.AreEqual(new[] { $"the model runs on {scorer.Device}: {scorer.DeviceReason}." }, told);
        AssertClose(model.Predict(x), scorer.Predict(x));
    }

    [TestMethod]
    public void A_GPU_index_that_does_not_exist_falls_back()
    {
        using Sequential model = Model();
        NDArray x = RandomModels.Input(new Random(1), 9, [8, 8, 3]);
        using OnnxScorer scorer = OnnxScorer.From(model, options: new() { DeviceId = 99 });
        Assert.AreEqual("CPU", scorer.Device);
        Assert.StartsWith("it fell back from GPU 99, because ", scorer.DeviceReason);
        string reason = $"there is no GPU 99: the NVIDIA driver reports {Machine.Gpus}, numbered from 0";
        if (Machine.Gpus > 0) Assert.EndsWith(reason, scorer.DeviceReason);
        AssertClose(model.Predict(x), scorer.Predict(x));
    }

    [TestMethod]
    public void The_CPU_runs_a_model_on_request()
    {
        using Sequential model = Model();
        using OnnxScorer scorer = OnnxScorer.From(model, options: new() { UseGpu = false });
        Assert.AreEqual(("CPU", "the options ask for it"), (scorer.Device, scorer.DeviceReason));
    }

    [TestMethod]
    public async Task The_service_reports_where_it_runs_and_writes_no_errors()
    {
        string folder = Directory.CreateTempSubdirectory("service").FullName, file = Path.Combine(folder, "iris.onnx");
        await using (ServiceProcess running = await ServiceProcess.StartAsync(ServiceProcess.Built, "--onnx", file))
        {
            string[] lines = running.Output.Split('\n');
            string line = lines.Single(l => l.Contains("iris.onnx runs on ", StringComparison.Ordinal));
            string[] parts = line.Split("iris.onnx runs on ")[1].TrimEnd('.').Split(": ", 2);
            AssertDevice(parts[0], parts[1]);
            await running.AssertAnswersAsync();
            Assert.AreEqual("", running.Errors);
        }
        Directory.Delete(folder, recursive: true);
    }

    static void AssertDevice(string device, string reason)
    {
        Assert.AreEqual(IsOnGpu ? "CUDA" : "CPU", device, reason);
        if (IsOnGpu)
        {
            Assert.AreEqual("GPU 0", reason);
            return;
        }
        Assert.StartsWith("it fell back from GPU 0, because ", reason);
        if (Machine.Gpus == 0) Assert.Contains("NVIDIA driver", reason);
        else if (Machine.Missing.Length == 0) Assert.Contains("driver version", reason);
        else Assert.IsTrue(Machine.Missing.Any(Names), $"{reason}; missing: {string.Join(", ", Machine.Missing)}");

        // "libcudnn.so.9" is also looked up by shorter names, and the last one is reported.
        bool Names(string library) =>
            reason.Contains(library.Split(".so")[0].Split("64_")[0], StringComparison.Ordinal);
    }

    static Sequential Model()
    {
        K.SetRandomSeed(3);
        return new([
            new Conv2D(4, [3, 3], activation: "relu", inputShape: [8, 8, 3]),
            new Flatten(),
            new Dense(3, activation: "softmax"),
        ]);
    }

    // A GPU adds in a different order.
    static void AssertClose(NDArray expected, NDArray actual)
    {
        CollectionAssert.AreEqual(expected.Shape.ToArray(), actual.Shape.ToArray());
        for (int i = 0; i < expected.Size; i++) Assert.AreEqual(expected.Span[i], actual.Span[i], 1e-5f);
    }
}
