using Microsoft.ML;
using Microsoft.ML.Data;

namespace Samples.Tests;

/// <summary>What the samples that need ML.NET promise.</summary>
[TestClass]
public sealed class MLNetSampleTests
{
    [TestMethod]
    public void The_main_job_trains_saves_loads_and_evaluates_a_pipeline()
    {
        string output = SampleTests.Run();
        foreach (string expected
            in new[] { "Epoch 25/25", "saved and loaded", "digits not used in training", "the same with Keras",
                "is read as" }) Assert.Contains(expected, output);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    public void The_pipeline_reads_at_least_97_percent_of_the_digits(int seed)
    {
        var ml = new MLContext(seed);
        string csv = Pipeline.Unpack("digits.csv.gz");
        (ITransformer model, IDataView test) = Pipeline.Train(ml, csv, verbose: false);
        MulticlassClassificationMetrics metrics = ml.MulticlassClassification.Evaluate(model.Transform(test));
        Assert.IsGreaterThanOrEqualTo(0.97, metrics.MicroAccuracy);
        File.Delete(csv);
    }

    [TestMethod]
    [DataRow("cross-validation", "network          accuracy: 0.9")]
    [DataRow("data-frame", "virginica")]
    public void Every_sample_runs_and_reports(string name, string expected) =>
        Assert.Contains(expected, SampleTests.Run(name, "7"));

    [TestMethod]
    public async Task The_service_answers_over_HTTP()
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync(ServiceProcess.Built);
        await service.AssertAnswersAsync();
    }

#if OPENTELEMETRY
    [TestMethod]
    public async Task The_service_shows_what_it_measures_on_the_console()
    {
        await using ServiceProcess service =
            await ServiceProcess.StartAsync(ServiceProcess.Built, "--telemetry-seconds", "1");
        await service.AssertAnswersAsync();
        string[] expected =
        [
            "keras.training.steps", "keras.training.samples", "keras.training.step.duration",
                "keras.training.throughput",
            "keras.training.loss", "keras.training.queue.wait", "keras.memory.usage", "keras.prediction.duration",
            "keras.prediction.batch.size", "keras.prediction\nActivity.Kind", "keras.training.epoch", "Trained ",
        ];
        var clock = System.Diagnostics.Stopwatch.StartNew();
        while (clock.Elapsed.TotalSeconds < 20
            && !expected.All(e => service.Output.Contains(e, StringComparison.Ordinal))) await Task.Delay(100);
        foreach (string name in expected) Assert.Contains(name, service.Output);

        await using ServiceProcess silent =
            await ServiceProcess.StartAsync(ServiceProcess.Built, "--telemetry-seconds", "1", "--telemetry", "none");
        await silent.AssertAnswersAsync();
        await Task.Delay(1500);
        Assert.DoesNotContain("keras.", silent.Output);
    }
#endif
}
