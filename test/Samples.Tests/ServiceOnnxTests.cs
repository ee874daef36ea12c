namespace Samples.Tests;

/// <summary>The service on ONNX Runtime without CUDA.</summary>
[TestClass]
public sealed class ServiceOnnxTests
{
    [TestMethod]
    public async Task The_service_writes_an_ONNX_file_runs_it_and_says_where()
    {
        string folder = Directory.CreateTempSubdirectory("service").FullName, file = Path.Combine(folder, "iris.onnx");
        await using (ServiceProcess first = await ServiceProcess.StartAsync(ServiceProcess.Built, "--onnx", file))
        {
            Assert.Contains("iris.onnx did not exist; a pipeline was trained and written to it.", first.Output);
            Assert.Contains("iris.onnx runs on CPU: it fell back from GPU 0, because this ONNX Runtime is built",
                first.Output);
            await first.AssertAnswersAsync();
        }
        await using (ServiceProcess second = await ServiceProcess.StartAsync(ServiceProcess.Built, "--onnx", file))
        {
            Assert.DoesNotContain("trained", second.Output);
            Assert.Contains("iris.onnx runs on CPU", second.Output);
            await second.AssertAnswersAsync();
            Assert.AreEqual("", second.Errors);
        }
        Directory.Delete(folder, recursive: true);
    }
}
