using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Losses;
using Microsoft.ML.KerasSequential.Metrics;
using Microsoft.ML.KerasSequential.Optimizers;
using Microsoft.ML.KerasSequential.Utils;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Errors that can be detected before training are reported before it, and nothing changes.</summary>
[TestClass]
public sealed class CallbackCheckTests
{
    static readonly NDArray s_x = new float[,] { { 1, 2 }, { 3, 4 }, { 5, 6 }, { 7, 8 } },
        s_y = new float[] { 1, 0, 1, 0 };

    readonly string _folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    [TestCleanup]
    public void CleanUp()
    {
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
    }

    static Sequential Model(bool lambda = false, Optimizer? optimizer = null)
    {
        Sequential model = lambda ? new([new Dense(1, inputShape: [2]), new Lambda(x => 2 * x)])
            : new([new Dense(1, inputShape: [2])]);
        model.Compile(optimizer ?? "sgd", "mse", metrics: ["mae"]);
        return model;
    }

    static T Refused<T>(Sequential model, Callback callback, ValidationData? validation = null,
        ValidationFreq? freq = null) where T : Exception
    {
        float[] before = model.Built ? model.GetWeights()[0].ToArray() : [];
        bool wasBuilt = model.Built;
        bool began = false;
        T error = Assert.ThrowsExactly<T>(() => model.Fit(s_x, s_y, epochs: 2, verbose: 0, validationData: validation,
            validationFreq: freq, callbacks: [new LambdaCallback(onTrainBegin: () => began = true), callback]));
        Assert.IsFalse(began);
        Assert.IsNull(model.History);
        Assert.AreEqual(0, model.Optimizer!.Iterations);
        Assert.AreEqual(wasBuilt, model.Built);
        if (wasBuilt) CollectionAssert.AreEqual(before, model.GetWeights()[0].ToArray());
        return error;
    }

    [TestMethod]
    public void A_model_that_cannot_be_saved_is_rejected_before_training()
    {
        using Sequential model = Model(lambda: true);
        Assert.Contains("lambda_1",
            Refused<InvalidOperationException>(model, new ModelCheckpoint(Path.Combine(_folder, "m.zip"))).Message);
        Assert.IsFalse(Directory.Exists(_folder));
        model.Fit(s_x, s_y, verbose: 0,
            callbacks: [new ModelCheckpoint(Path.Combine(_folder, "m.safetensors"), saveWeightsOnly: true)]);
        Assert.IsTrue(File.Exists(Path.Combine(_folder, "m.safetensors")));
    }

    [TestMethod]
    public void A_folder_that_does_not_exist_is_created()
    {
        string In(string name) => Path.Combine(_folder, name.Split('.')[0], name);
        using Sequential model = Model();
        model.Fit(s_x, s_y, epochs: 1, verbose: 0,
            callbacks: [new ModelCheckpoint(In("checkpoint.zip")), new CSVLogger(In("log.csv")),
                new TrainingCheckpoint(In("state.bin"), 1), new TensorBoard(In("board"))]);
        model.Save(In("model.zip"));
        model.SaveWeights(In("weights.npz"));
        model.ToOnnx(In("model2.onnx"));
        foreach (string name
            in new[] { "checkpoint.zip", "log.csv", "state.bin", "model.zip", "weights.npz", "model2.onnx" })
            Assert.IsTrue(File.Exists(In(name)), name);
    }

    [TestMethod]
    [DataRow("{val_loss:.2f}.zip", "val_loss")]
    [DataRow("{acc:.2f}.zip", "acc")]
    [DataRow("{epoch:02d}-{mean_absolute_error}.zip", "mean_absolute_error")]
    [DataRow("{lr}.zip", "lr")]
    public void A_pattern_with_a_value_that_is_not_logged_is_rejected_before_training(string pattern, string name)
    {
        using Sequential model = Model();
        string message = Refused<ArgumentException>(model, new ModelCheckpoint(Path.Combine(_folder, pattern))).Message;
        Assert.Contains($"\"{name}\"", message);
        Assert.Contains("mae", message);
    }

    [TestMethod]
    [DataRow("{epoch")]
    [DataRow("{epoch:q}.zip")]
    [DataRow("}.zip")]
    public void A_malformed_pattern_is_rejected_before_training(string pattern)
    {
        using Sequential model = Model();
        Refused<ArgumentException>(model, new ModelCheckpoint(Path.Combine(_folder, pattern)));
    }

    [TestMethod]
    public void A_pattern_can_use_what_a_callback_adds_and_validation_values_if_validation_runs()
    {
        using Sequential model = Model();
        model.Fit(s_x, s_y, epochs: 2, verbose: 0, validationData: (s_x, s_y), callbacks:
            [new ReduceLROnPlateau(), new LambdaCallback(onEpochEnd: (_, logs) => logs["mine"] = 5),
                new ModelCheckpoint(Path.Combine(_folder, "{epoch}-{lr}-{mine}-{val_loss:.1f}.zip"))]);
        Assert.HasCount(2, Directory.GetFiles(_folder));
        Refused2();

        void Refused2()
        {
            using Sequential other = Model();
            Assert.Contains("does not run after each epoch",
                Refused<ArgumentException>(other, new ModelCheckpoint(Path.Combine(_folder, "{val_loss}.zip")),
                    (s_x, s_y), 2).Message);
            // The best model is known only if validation ran, and only then is the file named.
            other.Fit(s_x, s_y, epochs: 2, verbose: 0, validationData: (s_x, s_y), validationFreq: 2,
                callbacks: [new ModelCheckpoint(Path.Combine(_folder, "best{val_loss:.0f}.zip"), saveBestOnly: true)]);
            Assert.HasCount(3, Directory.GetFiles(_folder));
        }
    }

    [TestMethod]
    public void A_callback_that_sets_the_learning_rate_is_rejected_if_a_schedule_sets_it()
    {
        foreach (Callback callback in new Callback[]
            { new ReduceLROnPlateau("loss"), new LearningRateScheduler(epoch => 0.1) })
        {
            using Sequential model = Model(optimizer: new SGD(new ExponentialDecay(0.1, 10, 0.5)));
            string message = Refused<InvalidOperationException>(model, callback).Message;
            Assert.Contains("ExponentialDecay", message);
            Assert.Contains(callback.GetType().Name, message);
        }
    }

    [TestMethod]
    public void Lines_are_not_appended_below_different_columns()
    {
        string path = Path.Combine(_folder, "log.csv");
        using (Sequential model = Model())
            model.Fit(s_x, s_y, epochs: 2, verbose: 0, callbacks: [new CSVLogger(path, append: true)]);
        string[] before = File.ReadAllLines(path);
        Assert.AreEqual("epoch,loss,mae", before[0]);
        using (Sequential model = Model())
        {
            string message = Refused<ArgumentException>(model, new CSVLogger(path, append: true), (s_x, s_y)).Message;
            Assert.Contains("epoch, loss, mae", message);
            Assert.Contains("val_mae", message);
            CollectionAssert.AreEqual(before, File.ReadAllLines(path));
            model.Fit(s_x, s_y, epochs: 1, verbose: 0, callbacks: [new CSVLogger(path, append: true)]);
            Assert.HasCount(4, File.ReadAllLines(path));
        }
        using var other = new Sequential([new Dense(1, inputShape: [2])]);
        other.Compile("sgd", "mse");
        Refused<ArgumentException>(other, new CSVLogger(path, append: true));
    }

    [TestMethod]
    public void A_model_without_an_input_shape_stays_unbuilt_when_a_callback_is_rejected()
    {
        using var model = new Sequential([new Dense(1)]);
        model.Compile("sgd", "mse");
        Refused<ArgumentException>(model, new ModelCheckpoint(Path.Combine(_folder, "{val_loss}.zip")));
        Assert.IsFalse(model.Built);
    }

    [TestMethod]
    public void Loading_an_unnamed_function_reports_how_to_register_it()
    {
        Directory.CreateDirectory(_folder);
        string path = Path.Combine(_folder, "m.zip");
        using var model = new Sequential([new Dense(1, inputShape: [2])]);
        foreach (bool metric in new[] { false, true })
        {
            Func<Tensor, Tensor, Tensor> function = (t, p) => K.Mean(K.Square(t - p), axis: -1);
            if (metric) model.Compile("sgd", "mse", metrics: [Metric.FromFunction(function)]);
            else model.Compile("sgd", Loss.FromFunction(function));
            model.Save(path);
            string message = Assert.ThrowsExactly<ArgumentException>(() => Sequential.Load(path)).Message;
            Assert.Contains(metric ? "\"metric\"" : "\"loss\"", message);
            Assert.Contains("CustomObjectScope", message);
            Assert.Contains("compile: false", message);
            using Sequential bare = Sequential.Load(path, compile: false);
            using var scope = new CustomObjectScope(new() { [metric ? "metric" : "loss"] = function });
            using Sequential whole = Sequential.Load(path);
            Assert.IsTrue(double.IsFinite(whole.Evaluate(s_x, s_y, verbose: 0)["loss"]));
        }
    }
}
