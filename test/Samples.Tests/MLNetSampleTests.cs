using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Samples.Tests;

/// <summary>What the samples promise that need ML.NET.</summary>
[TestClass]
public sealed class MLNetSampleTests
{
    [TestMethod]
    public void The_main_job_trains_saves_loads_and_evaluates_a_pipeline()
    {
        string output = SampleTests.Run();
        foreach (string expected in new[] { "Epoch 25/25", "saved and loaded", "digits never seen in training", "the same by Keras", "is read as" }) Assert.Contains(expected, output);
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
    public void Every_sample_runs_and_reports(string name, string expected) => Assert.Contains(expected, SampleTests.Run(name, "7"));

    [TestMethod]
    public async Task The_service_answers_over_HTTP()
    {
        string service = Path.Combine(AppContext.BaseDirectory, "Service", "Samples.Service.dll");
        using var process = Process.Start(new ProcessStartInfo("dotnet", [service, "--urls", "http://127.0.0.1:0"])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = Path.GetDirectoryName(service),
        })!;
        try
        {
            string? line;
            do line = await process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60));
            while (line is not null && !line.Contains("Now listening on:", StringComparison.Ordinal));
            Assert.IsNotNull(line, "The service ended before it listened.");
            using var client = new HttpClient { BaseAddress = new Uri(line[(line.IndexOf("http:", StringComparison.Ordinal))..].Trim()) };

            JsonElement[] answers = await Task.WhenAll(Enumerable.Range(0, 32).Select(async i =>
            {
                float[] flower = i % 2 == 0 ? [5.1f, 3.5f, 1.4f, 0.2f] : [6.7f, 3.3f, 5.7f, 2.5f];
                HttpResponseMessage response = await client.PostAsJsonAsync("/predict", new { features = flower });
                Assert.AreEqual(HttpStatusCode.OK, response.StatusCode, await response.Content.ReadAsStringAsync());
                return await response.Content.ReadFromJsonAsync<JsonElement>();
            }));
            for (int i = 0; i < answers.Length; i++)
            {
                Assert.AreEqual(i % 2 == 0 ? "setosa" : "virginica", answers[i].GetProperty("species").GetString());
                Assert.AreEqual(1, answers[i].GetProperty("probabilities").EnumerateArray().Sum(p => p.GetDouble()), 1e-5);
            }
            HttpResponseMessage wrong = await client.PostAsJsonAsync("/predict", new { features = new[] { 1f } });
            Assert.AreEqual(HttpStatusCode.BadRequest, wrong.StatusCode);
            Assert.Contains("4 features", await wrong.Content.ReadAsStringAsync());
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }
}
