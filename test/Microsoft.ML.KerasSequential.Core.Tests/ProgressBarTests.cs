using System.Text.RegularExpressions;
using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Utils;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>The progress bar in windows of any width, and where there is none.</summary>
[TestClass]
public sealed class ProgressBarTests
{
    static readonly string[] s_names = ["loss", "accuracy", "val_loss", "val_accuracy",
        "mean_absolute_percentage_error"];

    static Dictionary<string, double> Logs(int names) => s_names.Take(names).ToDictionary(n => n, _ => 0.123456);

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(20)]
    [DataRow(40)]
    [DataRow(80)]
    [DataRow(100)]
    [DataRow(200)]
    public void No_line_reaches_the_last_column_of_the_window(int columns)
    {
        foreach (int? target in new int?[] { null, 1, 99999 })
        {
            for (int names = 0; names <= s_names.Length; names++)
            {
                var output = new StringWriter { NewLine = "\n" };
                var bar = new Progbar(target, () => columns, output, interval: 0);
                bar.Update(1, Logs(names).Select(l => (l.Key, l.Value)));
                bar.Update(1, Logs(names), s_names);
                bar.Finish(Logs(names), s_names);
                string[] drawn = output.ToString().Split('\r', '\n');
                Assert.IsGreaterThan(2, drawn.Length);
                foreach (string line in drawn) Assert.IsLessThanOrEqualTo(Math.Max(1, columns - 1), line.Length, line);
                Assert.AreEqual(target == 1 ? 2 : 1, output.ToString().Count(c => c == '\n'), "one line at the end");
            }
        }
    }

    [TestMethod]
    [DataRow(200, @"^1000/1000 \[={30}\] - 0s \d+us/sample - loss: 0\.1235 - accuracy: 0\.1235 "
        + @"- val_loss: 0\.1235 - val_accuracy: 0\.1235$")]
    [DataRow(120, @"^1000/1000 \[={5,20}\] - 0s \d+us/sample - loss: 0\.1235 - accuracy: 0\.1235 "
        + @"- val_loss: 0\.1235 - val_accuracy: 0\.1235$")]
    [DataRow(100, @"^1000/1000 - 0s - loss: 0\.1235 - accuracy: 0\.1235 - val_loss: 0\.1235 - val_accuracy: 0\.1235$")]
    [DataRow(80, @"^1000/1000 - 0s - loss: 0\.1235 - accuracy: 0\.1235 - val_loss: 0\.1235 …$")]
    [DataRow(20, @"^1000/1000 - 0s …$")]
    public void Where_room_is_short_the_bar_shrinks_first_and_values_go_last(int columns, string expected)
    {
        var output = new StringWriter();
        var bar = new Progbar(1000, () => columns, output, perStep: false);
        bar.Finish(Logs(4), s_names);
        Assert.IsTrue(Regex.IsMatch(output.ToString().Trim('\r', '\n'), expected), output.ToString());
    }

    [TestMethod]
    public void A_window_that_becomes_narrower_is_heeded_at_the_next_drawing()
    {
        int columns = 120;
        var output = new StringWriter();
        var bar = new Progbar(1000, () => columns, output, interval: 0);
        bar.Update(10, Logs(3), s_names);
        columns = 30;
        bar.Update(20, Logs(3), s_names);
        string[] drawn = output.ToString().Split('\r');
        Assert.IsGreaterThan(60, drawn[1].Length);
        Assert.IsLessThanOrEqualTo(29, drawn[2].Length);
    }

    [TestMethod]
    public void Redirected_output_gets_one_whole_line_an_epoch()
    {
        var output = new StringWriter { NewLine = "\n" };
        TextWriter console = Console.Out;
        Console.SetOut(output);
        try
        {
            using Sequential model = Model();
            model.Fit(new NDArray(64, 2), new NDArray(64, 1), epochs: 3, batchSize: 8,
                callbacks: new ProgbarLogger(output: output));
        }
        finally
        {
            Console.SetOut(console);
        }
        string text = output.ToString();
        Assert.HasCount(
            6, Regex.Matches(text, @"64/64 \[={30}\] - \d+s \d+[mu]s/sample - loss: 0\.0000 - mae: 0\.0000\n"));
    }

    [TestMethod]
    [DataRow(20)]
    [DataRow(80)]
    [DataRow(100)]
    [DataRow(200)]
    public void A_training_in_a_window_draws_each_epoch_on_one_line(int columns)
    {
        var output = new StringWriter { NewLine = "\n" };
        using Sequential model = Model();
        NDArray x = new(640, 2), y = new(640, 1);
        model.Fit(x, y, epochs: 2, batchSize: 8, verbose: 0, validationData: (x, y), callbacks: new Shown(() => columns,
            output));
        string[] lines = output.ToString().TrimEnd('\n').Split('\n');
        Assert.HasCount(4, lines);
        foreach (string drawn in lines.SelectMany(line => line.Split('\r'))) Assert.IsLessThan(columns, drawn.Length,
            drawn);
        StringAssert.StartsWith(lines[3].Split('\r')[^1], "640/640");
    }

    /// <summary>The bar of a training that is silent itself.</summary>
    sealed class Shown(Func<int> columns, TextWriter output) : Callback
    {
        readonly ProgbarLogger _bar = new(columns, output);

        public override void OnEpochBegin(int epoch)
        {
            _bar.Attach(Model, Params with { Verbose = 1 });
            _bar.OnEpochBegin(epoch);
        }

        public override void OnBatchEnd(int batch, IReadOnlyDictionary<string, double> logs) =>
            _bar.OnTrainBatchEnd(batch, logs);

        public override void OnEpochEnd(int epoch, IDictionary<string, double> logs) => _bar.OnEpochEnd(epoch, logs);
    }

    static Sequential Model()
    {
        var model = new Sequential([new Dense(1, useBias: false, kernelInitializer: "zeros", inputShape: [2])]);
        model.Compile("sgd", "mse", metrics: ["mae"]);
        return model;
    }
}
