using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Optimizers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Keras 3's arguments of Compile and Summary, and the arguments as a configuration.</summary>
[TestClass]
public sealed class CompileTests
{
    static readonly NDArray s_x = new float[,] { { 1 }, { 2 }, { 3 }, { 4 }, { 5 } },
        s_y = new float[,] { { 2 }, { 4 }, { 6 }, { 8 }, { 10 } };

    [TestMethod]
    [DataRow(1, "b0 e0 b1 e1 b2 e2 b3 e3 b4 e4")]
    [DataRow(2, "b0 e1 b2 e3 b4 e4")]
    [DataRow(3, "b0 e2 b3 e4")]
    [DataRow(9, "b0 e4")]
    public void Callbacks_are_called_once_per_execution(int steps, string expected)
    {
        using var model = Model();
        model.Compile("sgd", "mse", metrics: ["mae"], stepsPerExecution: steps);
        var trained = new Calls();
        model.Fit(s_x, s_y, batchSize: 1, verbose: 0, shuffle: false, callbacks: [trained]);
        Assert.AreEqual(expected, string.Join(" ", trained.Train));
        // A collection of batches and an enumeration of unknown length too.
        var batches = Enumerable.Range(0, 5).Select(i => new Batch(s_x.Slice(i, 1), s_y.Slice(i, 1)));
        var enumerated = new Calls();
        model.Fit(batches.ToList(), verbose: 0, callbacks: [enumerated]);
        Assert.AreEqual(expected, string.Join(" ", enumerated.Train));
        var others = new Calls();
        model.Evaluate(s_x, s_y, batchSize: 1, verbose: 0, callbacks: [others]);
        model.Predict(s_x, batchSize: 1, callbacks: [others]);
        Assert.AreEqual(expected, string.Join(" ", others.Test));
        Assert.AreEqual(expected, string.Join(" ", others.Predict));
    }

    [TestMethod]
    public void Weights_and_history_do_not_depend_on_the_steps_of_an_execution()
    {
        History Trained(int steps, out NDArray weight)
        {
            using var model = Model();
            model.SetWeights([new float[,] { { 0.5f } }, new float[] { 0 }]);
            model.Compile(new SGD(0.01), "mse", metrics: ["mae"], stepsPerExecution: steps);
            History history =
                model.Fit(s_x, s_y, batchSize: 2, epochs: 2, verbose: 0, shuffle: false, callbacks: [new Calls()]);
            weight = model.GetWeights()[0];
            return history;
        }
        History one = Trained(1, out NDArray first), three = Trained(3, out NDArray second);
        Assert.AreEqual(first.Span[0], second.Span[0]);
        CollectionAssert.AreEqual(one["loss"].ToArray(), three["loss"].ToArray());
        CollectionAssert.AreEqual(one["mae"].ToArray(), three["mae"].ToArray());
    }

    /// <summary>The loss at the end of an execution is the mean over its samples.</summary>
    [TestMethod]
    public void The_last_call_reports_the_mean_of_its_steps()
    {
        var losses = new Dictionary<int, List<double>>();
        foreach (int steps in new[] { 1, 5 })
        {
            using var model = Model();
            model.SetWeights([new float[,] { { 0.5f } }, new float[] { 0 }]);
            model.Compile(new SGD(0.01), "mse", stepsPerExecution: steps);
            List<double> seen = losses[steps] = [];
            model.Fit(s_x, s_y, batchSize: 1, verbose: 0, shuffle: false,
                callbacks: [new LambdaCallback(onBatchEnd: (_, logs) => seen.Add(logs["loss"]))]);
        }
        Assert.HasCount(1, losses[5]);
        Assert.AreEqual(losses[1].Average(), losses[5][0], 1e-5);
    }

    /// <summary>As in Keras, what is due within an execution is saved at its end, and the next interval starts
    /// there.</summary>
    [TestMethod]
    [DataRow(1, 2, "2 4 6 8 10")]
    [DataRow(1, 3, "3 6 9")]
    [DataRow(2, 1, "2 4 5 7 9 10")]
    [DataRow(2, 3, "4 7 10")]
    [DataRow(3, 2, "3 5 8 10")]
    [DataRow(9, 4, "5 10")]
    public void Checkpoints_within_an_execution_are_written_at_its_end(int steps, int every, string expected)
    {
        string folder = Directory.CreateTempSubdirectory("execution").FullName;
        try
        {
            string state = Path.Combine(folder, "state"), backup = Path.Combine(folder, "backup", "latest.training");
            Dictionary<string, List<ulong>> seen = new() { [state] = [], [backup] = [] };
            using var model = Model();
            model.Compile("sgd", "mse", stepsPerExecution: steps);
            model.Fit(s_x, s_y, batchSize: 1, epochs: 2, verbose: 0, callbacks: [
                new TrainingCheckpoint(state, every), new BackupAndRestore(Path.Combine(folder, "backup"), every,
                    deleteCheckpoint: false),
                new ModelCheckpoint(Path.Combine(folder, "{epoch}-{batch}.model")) { SaveFreq = every },
                new LambdaCallback(onBatchEnd: (_, _) => Look(), onTrainEnd: _ => Look())]);
            Assert.AreEqual(expected, string.Join(" ", seen[state]));
            Assert.AreEqual(expected, string.Join(" ", seen[backup]));
            IEnumerable<int> models = Directory.GetFiles(folder, "*.model")
                .Select(f => Path.GetFileNameWithoutExtension(f)
                .Split('-')).Select(p => (int.Parse(p[0], null) - 1) * 5 + int.Parse(p[1], null));
            Assert.AreEqual(expected, string.Join(" ", models.Order()));

            // After an execution, the file of the one before is there.
            void Look()
            {
                foreach ((string file, List<ulong> at) in seen)
                {
                    if (!File.Exists(file)) continue;
                    at.Add(Saving.TrainingState.Read(file).Random.Steps);
                    File.Delete(file);
                }
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    public void Eager_mode_is_refused_and_wrong_steps_too()
    {
        using var model = Model();
        Assert.Contains("runEagerly", Assert.ThrowsExactly<ArgumentException>(
            () => model.Compile("sgd", "mse", runEagerly: true)).Message);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => model.Compile("sgd", "mse", stepsPerExecution: 0));
        Assert.IsNull(model.Optimizer);
        Assert.IsNull(model.GetCompileConfig());
        model.Compile("sgd", "mse", jitCompile: true, autoScaleLoss: false);
    }

    [TestMethod]
    [DataRow(3, "categorical_accuracy")]
    [DataRow(1, "binary_accuracy")]
    public void Accuracy_in_arguments_of_Keras_3_depends_on_the_output_alone(int outputs, string meaning)
    {
        NDArray x = new float[,] { { 0.5f }, { -1 } }, y = new NDArray(2, outputs);
        y.Span[0] = 1;
        using Sequential ours = Classifier(), three = Classifier(), explicitly = Classifier();
        ours.Compile("sgd", "binary_crossentropy", metrics: ["accuracy"]);
        explicitly.Compile("sgd", "binary_crossentropy",
            metrics: new[] { meaning, "binary_accuracy" }.Distinct().ToArray());
        JsonObject arguments = ours.GetCompileConfig()!;
        ours.CompileFromConfig(arguments);
        var settings = (JsonObject)arguments["optimizer"]!["config"]!;
        (settings["use_ema"], settings["global_clipnorm"]) = (false, null);
        three.CompileFromConfig(arguments);
        Evaluation expected = explicitly.Evaluate(x, y, verbose: 0);
        Assert.AreEqual("accuracy", three.MetricsNames[1]);
        Assert.AreEqual(expected[meaning], three.Evaluate(x, y, verbose: 0)["accuracy"]);
        Assert.AreEqual(expected["binary_accuracy"], ours.Evaluate(x, y, verbose: 0)["accuracy"]);
        using var again = Classifier();
        again.CompileFromConfig(three.GetCompileConfig()!);
        Assert.AreEqual(expected[meaning], again.Evaluate(x, y, verbose: 0)["accuracy"]);

        Sequential Classifier() => new([new Dense(outputs, "sigmoid", inputShape: [1], kernelInitializer: "ones",
            biasInitializer: new Constant(1))]);
    }

    [TestMethod]
    public void The_arguments_survive_as_a_configuration()
    {
        using var model = Model();
        model.Compile(new SGD(0.3, momentum: 0.5), "mae", metrics: ["mse"], lossWeights: 2.0, stepsPerExecution: 4);
        JsonObject config = model.GetCompileConfig()!;
        Assert.AreEqual(4, config["steps_per_execution"]!.GetValue<int>());
        Assert.AreEqual("SGD", config["optimizer"]!["class_name"]!.GetValue<string>());
        using var other = Model();
        other.CompileFromConfig(config);
        Assert.AreEqual(config.ToJsonString(), other.GetCompileConfig()!.ToJsonString());
        CollectionAssert.AreEqual(model.MetricsNames.ToArray(), other.MetricsNames.ToArray());
        Assert.Contains("ada", Assert.ThrowsExactly<ArgumentException>(
            () => other.CompileFromConfig(new JsonObject { ["optimizer"] = "adda" })).Message);
        Assert.AreEqual(config.ToJsonString(), other.GetCompileConfig()!.ToJsonString());
    }

    [TestMethod]
    public void A_summary_shows_nested_layers_what_is_trainable_and_a_range()
    {
        using var model = new Sequential([new Dense(2, inputShape: [3], name: "first"),
            new Sequential(
                [new Dense(2, name: "inner"), new Sequential([new Dense(1, name: "innermost")], name: "deep")],
                name: "nested"),
            new Dense(1, name: "last", trainable: false)], name: "model");
        string Text(bool nested = false, bool trainable = false, (string, string)? range = null)
        {
            var lines = new List<string>();
            model.Summary(printFn: lines.Add, expandNested: nested, showTrainable: trainable, layerRange: range);
            return string.Join("\n", lines);
        }
        Assert.DoesNotContain("inner", Text());
        string all = Text(nested: true, trainable: true);
        StringAssert.Matches(all, new(@"\n └ inner \(Dense\) +\(None, 2\) +6 +Y"));
        StringAssert.Matches(all, new(@"\n   └ innermost \(Dense\) +\(None, 1\) +3 +Y"));
        StringAssert.Matches(all, new(@"\nlast \(Dense\) +\(None, 1\) +2 +N"));
        Assert.Contains("Total params: 19", all);
        Assert.IsTrue(all.Split('\n').All(l => l.Length <= 65), all);
        string cut = Text(range: ("nest", "last"));
        Assert.DoesNotContain("first", cut);
        Assert.Contains("nested", cut);
        Assert.AreEqual(cut, Text(range: ("last", "n.*")));
        Assert.Contains("first, nested, last", Assert.ThrowsExactly<ArgumentException>(
            () => Text(range: ("first", "end"))).Message);
        Assert.ThrowsExactly<ArgumentException>(() => model.Summary(positions: [0.4, 0.8, 1], showTrainable: true));
        Assert.AreEqual(2, model.CountParams(trainable: false));
        Assert.AreEqual(17, model.CountParams(trainable: true));
    }

    static Sequential Model() => new([new Dense(1, inputShape: [1])]);

    /// <summary>Which batches began (b) and ended (e).</summary>
    sealed class Calls : Callback
    {
        public List<string> Train { get; } = [];

        public List<string> Test { get; } = [];

        public List<string> Predict { get; } = [];

        public override void OnTrainBatchBegin(int batch, IReadOnlyDictionary<string, double> logs) =>
            Train.Add($"b{batch}");

        public override void OnTrainBatchEnd(int batch, IReadOnlyDictionary<string, double> logs) =>
            Train.Add($"e{batch}");

        public override void OnTestBatchBegin(int batch, IReadOnlyDictionary<string, double> logs) =>
            Test.Add($"b{batch}");

        public override void OnTestBatchEnd(int batch, IReadOnlyDictionary<string, double> logs) =>
            Test.Add($"e{batch}");

        public override void OnPredictBatchBegin(int batch, IReadOnlyDictionary<string, double> logs) =>
            Predict.Add($"b{batch}");

        public override void OnPredictBatchEnd(int batch, IReadOnlyDictionary<string, double> logs) =>
            Predict.Add($"e{batch}");
    }
}
