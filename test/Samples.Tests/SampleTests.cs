using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Onnx;
using Microsoft.ML.KerasSequential.Tests;

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
    [DataRow(OnnxWeights.Float32, 1.0)]
    [DataRow(OnnxWeights.Float16, 0.999)]
    [DataRow(OnnxWeights.Int8, 0.99)]
    public void Exported_networks_read_the_same_digits(OnnxWeights weights, double agreement)
    {
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.onnx");
        K.SetRandomSeed(1);
        (Sequential plain, NDArray x, _) = Digits.Train(1, verbose: 0);
        (Sequential images, NDArray places, _) = DigitsCnn.Train(1, verbose: 0);
        foreach ((Sequential model, NDArray input) in new[] { (plain, x), (images, places) })
        {
            model.ToOnnx(path, new() { Weights = weights });
            NDArray ours = model.Predict(input), theirs = OnnxEngine.Run(path, [input]).Values[0];
            int Class(NDArray scores, int row) =>
                scores.Slice(row, 1).ToArray() is var values ? Array.IndexOf(values, values.Max()) : 0;
            int rows = input.Shape[0], same = Enumerable.Range(0, rows).Count(i => Class(ours, i) == Class(theirs, i));
            Assert.IsGreaterThanOrEqualTo(agreement, same / (double)rows);
            model.Dispose();
        }
        File.Delete(path);
    }

    [TestMethod]
    [DataRow("iris", "accuracy: ")]
    [DataRow("breast-cancer", "accuracy: ")]
    [DataRow("diabetes", "mean absolute error")]
    [DataRow("digits-cnn", "accuracy: ")]
    [DataRow("sentences", "The film was not very good.")]
    [DataRow("forecast", "the network")]
    [DataRow("auto-encoder", "mean squared error")]
    [DataRow("digits-mpi", "on 1 rank;")]
#if AUTOML
    [DataRow("automl", "test accuracy: 0.9")]
#else
    [DataRow("automl", "the package Microsoft.ML.AutoML was not on the feeds")]
#endif
    [DataRow("list", "digits")]
    public void Every_sample_runs_and_reports(string name, string expected) =>
        Assert.Contains(expected, Run(name, "7"));

    [TestMethod]
    public void Convolutions_read_the_digits_better()
    {
        K.SetRandomSeed(1);
        (Sequential model, NDArray testX, NDArray testY) = DigitsCnn.Train(1, verbose: 0);
        using (model) Assert.IsGreaterThanOrEqualTo(0.97, model.Evaluate(testX, testY, verbose: 0)["accuracy"]);
    }

    [TestMethod]
    public void Sentences_are_classified_by_word_order()
    {
        K.SetRandomSeed(1);
        (Sequential model, _, NDArray testX, NDArray testY) = Sentences.Train(1, verbose: 0);
        using (model) Assert.IsGreaterThanOrEqualTo(0.97, model.Evaluate(testX, testY, verbose: 0)["accuracy"]);
    }

    [TestMethod]
    public void The_forecast_is_better_than_simple_rules()
    {
        K.SetRandomSeed(1);
        (double model, double lastHour, double lastDay) = Forecast.Errors(1, verbose: 0);
        Assert.IsLessThan(0.8 * Math.Min(lastHour, lastDay), model);
    }

    [TestMethod]
    public void Eight_numbers_preserve_most_of_a_digit()
    {
        K.SetRandomSeed(1);
        (Sequential encoder, Sequential model, NDArray test, double mean) = AutoEncoder.Train(1, verbose: 0);
        using (encoder)
        using (model) Assert.IsLessThan(0.35 * mean, model.Evaluate(test, test, verbose: 0)["loss"]);
    }

    [TestMethod]
    public void The_digits_print_summary_progress_result_and_confusion_table()
    {
        string output = Run("digits");
        foreach (string expected
            in new[] { "Model: \"digits\"", "Total params", "Epoch 30/30", "val_accuracy: ",
                "digits not used in training", "  accuracy: ", "digit (rows) read as (columns)" })
            Assert.Contains(expected, output);
    }

#if PLOTS
    [TestMethod]
    public void The_plots_are_written_to_the_given_folder()
    {
        string folder = Path.Combine(Path.GetTempPath(), $"plots-{Guid.NewGuid():N}");
        string output = Run("plots", folder);
        string[] files = Directory.GetFiles(folder);
        Assert.HasCount(11, files);
        foreach (string file in files) Assert.Contains(file, output);
        Directory.Delete(folder, recursive: true);
    }
#endif

    [TestMethod]
    public void An_unknown_sample_is_rejected() => Assert.DoesNotContain("seed", Run("no-such-sample"));

    internal static string Run(params string[] arguments)
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
