using Microsoft.ML.KerasSequential;

[assembly: DoNotParallelize]

namespace Samples.Tests;

/// <summary>What the samples promise, on their real data.</summary>
[TestClass]
public sealed class SampleTests
{
    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(4)]
    [DataRow(5)]
    public void Digits_are_read_with_at_least_97_percent_accuracy(int seed)
    {
        K.SetRandomSeed(seed);
        (Sequential model, NDArray testX, NDArray testY) = Digits.Train(seed, verbose: 0);
        using (model) Assert.IsGreaterThanOrEqualTo(0.97, model.Evaluate(testX, testY, verbose: 0)["accuracy"]);
    }

    [TestMethod]
    [DataRow("iris", "accuracy: ")]
    [DataRow("breast-cancer", "accuracy: ")]
    [DataRow("diabetes", "mean absolute error")]
    [DataRow("list", "digits")]
    public void Every_sample_runs_and_reports(string name, string expected) => Assert.Contains(expected, Run(name, "7"));

    [TestMethod]
    public void The_main_job_prints_summary_progress_result_and_confusion_table()
    {
        string output = Run();
        foreach (string expected in new[] { "Model: \"digits\"", "Total params", "Epoch 30/30", "val_accuracy: ", "digits never seen in training", "  accuracy: ", "digit (rows) read as (columns)" })
            Assert.Contains(expected, output);
    }

    [TestMethod]
    public void An_unknown_sample_is_refused() => Assert.DoesNotContain("seed", Run("no-such-sample"));

    static string Run(params string[] arguments)
    {
        TextWriter console = Console.Out;
        var output = new StringWriter();
        Console.SetOut(output);
        try
        {
            typeof(Table).Assembly.EntryPoint!.Invoke(null, [arguments]);
        }
        finally
        {
            Console.SetOut(console);
        }
        return output.ToString();
    }
}
