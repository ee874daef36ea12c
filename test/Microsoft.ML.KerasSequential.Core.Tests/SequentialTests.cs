using System.Text.Json;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Losses;
using Microsoft.ML.KerasSequential.Metrics;
using Microsoft.ML.KerasSequential.Optimizers;
using Microsoft.ML.KerasSequential.Utils;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>The model's API: building, naming, compiling, plans, text.</summary>
[TestClass]
public sealed class SequentialTests
{
    [TestMethod]
    public void A_model_without_input_shape_is_built_by_its_first_data()
    {
        using var model = new Sequential([new Dense(8, activation: "relu"), new Dense(2)]);
        Assert.IsFalse(model.Built);
        Assert.IsEmpty(model.Weights);
        model.Compile("adam", "mse", metrics: ["mae"]);
        model.Fit(new NDArray(5, 3), new NDArray(5, 2), verbose: 0);
        Assert.IsTrue(model.Built);
        CollectionAssert.AreEqual(new int?[] { null, 3 }, model.InputShape.ToArray());
        CollectionAssert.AreEqual(new[] { "loss", "mae" }, model.MetricsNames.ToArray());
        Assert.AreEqual(3 * 8 + 8 + 8 * 2 + 2, model.CountParams());
        using Sequential copy = Sequential.FromJson(model.ToJson());
        Assert.AreEqual(model.InputShape, copy.InputShape);
    }

    [TestMethod]
    public void Layers_are_numbered_by_class_and_the_input_is_named_after_the_first()
    {
        using var model =
            new Sequential([new Dense(2, inputShape: [3]), new Dropout(0.1), new Dense(1), new Dense(4, name: "mine")]);
        CollectionAssert.AreEqual(new[] { "dense_1", "dropout_1", "dense_2", "mine" },
            model.Layers.Select(l => l.Name).ToArray());
        Assert.AreEqual("dense_1_input", model.Inputs[0].Name);
        Assert.AreEqual(model.Layers[2], model.GetLayer("dense_2"));
        Assert.AreEqual(model.Layers[1], model.GetLayer("dense_2", index: 1));
        model.Pop();
        CollectionAssert.AreEqual(new int?[] { null, 1 }, model.OutputShape.ToArray());
    }

    [TestMethod]
    public void An_input_layer_gives_the_shape_and_is_not_listed()
    {
        using var model = new Sequential([new InputLayer(inputShape: [4]), new Dense(2)]);
        Assert.HasCount(1, model.Layers);
        Assert.AreEqual(10, model.CountParams());
        using Sequential copy = Sequential.FromJson(model.ToJson());
        Assert.AreEqual(10, copy.CountParams());
        model.Pop();
        model.Add(new Dense(3));
        Assert.AreEqual(15, model.CountParams());
    }

    [TestMethod]
    public void Recorded_summaries_are_printed_line_for_line()
    {
        string path = Path.Combine(AppContext.BaseDirectory, "Golden", "misc.json");
        using JsonDocument recorded = JsonDocument.Parse(File.ReadAllText(path));
        foreach (JsonElement c in recorded.RootElement.GetProperty("summaries").EnumerateArray())
        {
            using Sequential model = Sequential.FromConfig(c.GetProperty("config"));
            var lines = new List<string>();
            model.Summary(printFn: lines.Add);
            CollectionAssert.AreEqual(c.GetProperty("summary").EnumerateArray().Select(l => l.GetString()).ToArray(),
                lines);
        }
    }

    [TestMethod]
    public void The_summary_is_printed_as_Keras_prints_it()
    {
        using var model = new Sequential([new Dense(8, inputShape: [5]), new ActivityRegularization(0.1), new Dense(3)],
            name: "model_0");
        model.Layers[2].Trainable = false;
        var lines = new List<string>();
        model.Summary(printFn: lines.Add);
        CollectionAssert.AreEqual(new[]
        {
            "Model: \"model_0\"",
            "_________________________________________________________________",
            "Layer (type)                 Output Shape              Param #   ",
            "=================================================================",
            "dense_1 (Dense)              (None, 8)                 48        ",
            "_________________________________________________________________",
            "activity_regularization_1 (A (None, 8)                 0         ",
            "_________________________________________________________________",
            "dense_2 (Dense)              (None, 3)                 27        ",
            "=================================================================",
            "Total params: 75",
            "Trainable params: 48",
            "Non-trainable params: 27",
            "_________________________________________________________________",
        }, lines);
    }

    [TestMethod]
    public void The_plan_is_fused_and_names_its_layers()
    {
        using var model = new Sequential(
            [new Dense(16, activation: "relu", inputShape: [8]), new Dropout(0.2),
                new Dense(3, activation: "softmax")]);
        model.Compile(new Adam(), "categorical_crossentropy", metrics: ["accuracy"]);
        model.TrainOnBatch(new NDArray(4, 8), new NDArray(4, 3));
        string plan = model.ExplainPlan();
        foreach (string expected in new[]
        {
            "── train", "dense_1/", "dropout_1/", "dense_2.gradient/MatMul", "loss/SoftmaxCrossentropy",
                "dense_1/kernel in place", "arena", "MatMul → Add → Relu", "batch",
        })
            Assert.Contains(expected, plan, StringComparison.Ordinal);
        // The whole update of Adam runs as epilogue of the product that gives the gradient.
        Assert.IsTrue(
            plan.Split(Environment.NewLine).Any(l => l.Contains("MatMul →", StringComparison.Ordinal)
                && l.Contains("Sqrt", StringComparison.Ordinal)), plan);
        Assert.IsFalse(plan.Contains("→ Identity", StringComparison.Ordinal), plan);
    }

    [TestMethod]
    public void Updates_that_read_each_other_swap()
    {
        Variable a = K.Variable(new float[] { 1, 2 }, "a"), b = K.Variable(new float[] { 3, 4 }, "b");
        using var step = Device.Cpu.Compile(new Graph([], [], [new(a, b), new(b, a * 10)]));
        step.Prepare(1);
        step.Run();
        CollectionAssert.AreEqual(new float[] { 3, 4 }, a.GetValue().ToArray());
        CollectionAssert.AreEqual(new float[] { 10, 20 }, b.GetValue().ToArray());
    }

    [TestMethod]
    public void An_update_with_a_product_of_itself_reads_the_old_value()
    {
        Variable a = K.Variable(new float[,] { { 1, 1 }, { 1, 0 } }, "a");
        using var step = Device.Cpu.Compile(new Graph([], [a * 1], [new(a, K.Dot(a, a) + a)]));
        step.Prepare(1);
        step.Run();
        CollectionAssert.AreEqual(new float[] { 3, 2, 2, 1 }, a.GetValue().ToArray());
    }

    [TestMethod]
    public void Metrics_are_chosen_and_named_as_Keras_does()
    {
        using var binary = new Sequential([new Dense(1, activation: "sigmoid", inputShape: [2])]);
        binary.Compile("sgd", "mse", metrics: ["acc", "acc", "ce"], weightedMetrics: ["acc"]);
        CollectionAssert.AreEqual(new[] { "loss", "acc", "ce", "acc_1" }, binary.MetricsNames.ToArray());
        Assert.IsInstanceOfType<BinaryAccuracy>(binary.Metrics[0]);
        using var sparse = new Sequential([new Dense(3, activation: "softmax", inputShape: [2])]);
        sparse.Compile("sgd", "sparse_categorical_crossentropy", metrics: ["accuracy"]);
        Assert.IsInstanceOfType<SparseCategoricalAccuracy>(sparse.Metrics[0]);
        sparse.Compile("sgd", "categorical_crossentropy", metrics: "accuracy");
        Assert.IsInstanceOfType<CategoricalAccuracy>(sparse.Metrics[0]);
    }

    [TestMethod]
    public void Losses_and_metrics_can_be_functions()
    {
        using var model = new Sequential([new Dense(1, inputShape: [2], kernelInitializer: "ones")]);
        model.Compile("sgd", Loss.FromFunction((yTrue, yPred) => K.Mean(K.Square(yTrue - yPred), axis: -1)),
            metrics: [Metric.FromFunction((yTrue, yPred) => K.Mean(K.Abs(yTrue - yPred), axis: -1), "distance"),
                "mse"]);
        Evaluation e = model.Evaluate(new float[,] { { 1, 2 }, { 3, 4 } }, new float[] { 2, 10 }, verbose: 0);
        Assert.AreEqual((1.0 + 9) / 2, e["loss"], 1e-6);
        Assert.AreEqual(2.0, e["distance"], 1e-6);
        Assert.AreEqual(e["loss"], e["mse"], 1e-6);
        Assert.AreEqual(e[0], e["loss"]);
    }

    [TestMethod]
    public void Compiling_again_keeps_the_weights_and_resets_the_optimizer()
    {
        using var model = new Sequential([new Dense(1, inputShape: [2])]);
        var adam = new Adam();
        model.Compile(adam, "mse");
        model.Fit(new float[,] { { 1, 2 } }, new float[] { 1 }, epochs: 5, verbose: 0);
        Assert.AreEqual(5L, adam.Iterations);
        float[] weights = model.GetWeights()[0].ToArray();
        model.Compile(adam, "mse");
        Assert.AreEqual(0L, adam.Iterations);
        CollectionAssert.AreEqual(weights, model.GetWeights()[0].ToArray());
    }

    [TestMethod]
    public void Predictions_of_no_samples_are_empty_and_classes_are_indices()
    {
        using var model =
            new Sequential([new Dense(3, inputShape: [3], useBias: false, kernelInitializer: "identity")]);
        CollectionAssert.AreEqual(new[] { 0, 3 }, model.Predict(new NDArray(0, 3)).Shape.ToArray());
        CollectionAssert.AreEqual(new float[] { 2, 0 },
            model.PredictClasses(new float[,] { { 1, 2, 3 }, { 5, 4, 3 } }).ToArray());
        CollectionAssert.AreEqual(new float[] { 1, 2, 3 },
            model.PredictOnBatch(new float[,] { { 1, 2, 3 } }).ToArray());
        NDArray nan = model.Predict(new float[,] { { float.NaN, 2, 3 } });
        Assert.IsTrue(float.IsNaN(nan.Span[0]));
    }

    [TestMethod]
    public void A_progress_bar_looks_like_that_of_Keras()
    {
        var output = new StringWriter();
        var bar = new Progbar(100, perStep: false, output: output);
        bar.Update(40, new Dictionary<string, double> { ["loss"] = 0.5 }, ["loss"]);
        bar.Finish(new Dictionary<string, double> { ["loss"] = 0.25, ["accuracy"] = 0.9, ["val_loss"] = 0.0001234 },
            ["loss", "accuracy", "val_loss"]);
        StringAssert.Matches(output.ToString(), new System.Text.RegularExpressions.Regex(
            @"^100/100 \[={30}\] - \d+s \d+(us|ms|s)/sample - loss: 0\.2500 - accuracy: 0\.9000 "
            + @"- val_loss: 1\.2340e-04\r?\n$"));
        output = new StringWriter();
        new Progbar(10, verbose: 2, output: output).Finish(new Dictionary<string, double> { ["loss"] = 1 }, ["loss"]);
        StringAssert.Matches(output.ToString(),
            new System.Text.RegularExpressions.Regex(@"^ - \d+s - loss: 1\.0000\r?\n$"));
        output = new StringWriter();
        new Progbar(10, verbose: 0, output: output).Finish(new Dictionary<string, double>(), []);
        Assert.AreEqual("", output.ToString());
    }
}
