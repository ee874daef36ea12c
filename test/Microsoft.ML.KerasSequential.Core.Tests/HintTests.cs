using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Errors about common mistakes say what to do.</summary>
[TestClass]
public sealed class HintTests
{
    static Sequential Classifier(string loss, int units = 3, string activation = "softmax")
    {
        var model = new Sequential([new Dense(units, activation: activation, inputShape: [4])]);
        model.Compile("sgd", loss);
        return model;
    }

    static Sequential Image(int[] shape, string? dataFormat = null)
    {
        var model = new Sequential([new Conv2D(2, 3, inputShape: shape, dataFormat: dataFormat), new Flatten(),
            new Dense(1)]);
        model.Compile("sgd", "mse");
        return model;
    }

    static string Error(Sequential model, NDArray x, NDArray y)
    {
        using (model)
        {
            float[] before = [.. model.GetWeights().SelectMany(w => w.ToArray())];
            string said = Assert.ThrowsExactly<ArgumentException>(() => model.Fit(x, y, verbose: 0)).Message;
            CollectionAssert.AreEqual(before, model.GetWeights().SelectMany(w => w.ToArray()).ToArray());
            return said;
        }
    }

    [TestMethod]
    [DataRow("categorical_crossentropy")]
    [DataRow("mse")]
    [DataRow("binary_crossentropy")]
    public void Class_numbers_where_columns_are_expected_hint_at_ToCategorical_and_the_sparse_loss(string loss)
    {
        foreach (NDArray y in new[] { new NDArray(6), new NDArray(6, 1) })
        {
            string said = Error(Classifier(loss), new NDArray(6, 4), y);
            Assert.Contains("NpUtils.ToCategorical", said);
            Assert.Contains("sparse_categorical_crossentropy", said);
        }
    }

    [TestMethod]
    public void Class_numbers_of_steps_hint_the_same()
    {
        var model = new Sequential([new Dense(3, activation: "softmax", inputShape: [5, 4])]);
        model.Compile("sgd", "categorical_crossentropy");
        string said = Error(model, new NDArray(6, 5, 4), new NDArray(6, 5));
        Assert.Contains("NpUtils.ToCategorical", said);
        Assert.Contains("sparse_categorical_crossentropy", said);
    }

    [TestMethod]
    public void One_hot_columns_where_class_numbers_are_expected_hint_at_the_dense_loss()
    {
        string said = Error(Classifier("sparse_categorical_crossentropy"), new NDArray(6, 4), new NDArray(6, 3));
        Assert.Contains("one-hot", said);
        Assert.Contains("Use the loss categorical_crossentropy", said);
    }

    [TestMethod]
    public void One_unit_for_several_classes_hints_at_more_units()
    {
        Assert.Contains("the last layer needs 3 units", Error(Classifier("binary_crossentropy", 1, "sigmoid"),
            new NDArray(6, 4), new NDArray(6, 3)));
        NDArray classes = new float[] { 0, 1, 2, 3 };
        string said = Error(Classifier("sparse_categorical_crossentropy", 1), new NDArray(4, 4), classes);
        Assert.Contains("it needs 4 units", said);
        Assert.Contains("binary_crossentropy", said);
        Assert.Contains("the last layer needs 4 units", Error(Classifier("sparse_categorical_crossentropy", 2),
            new NDArray(4, 4), classes));
        Assert.Contains("5 columns, the last layer has 3 units", Error(Classifier("categorical_crossentropy"),
            new NDArray(6, 4), new NDArray(6, 5)));
    }

    [TestMethod]
    public void Class_numbers_from_1_on_are_told_that_they_begin_with_0() =>
        Assert.Contains("begin with 0", Error(Classifier("sparse_categorical_crossentropy"), new NDArray(3, 4),
            new float[] { 1, 2, 3 }));

    [TestMethod]
    public void Images_without_channels_hint_at_a_last_dimension()
    {
        string said = Error(Image([28, 28, 1]), new NDArray(5, 28, 28), new NDArray(5, 1));
        Assert.Contains("last dimension", said);
        Assert.Contains("x.Reshape(-1, 28, 28, 1)", said);
        said = Error(Image([28, 28, 3]), new NDArray(5, 28, 28), new NDArray(5, 1));
        Assert.Contains("last dimension", said);
        Assert.Contains("3 channels", said);
        new NDArray(5, 28, 28).Reshape(-1, 28, 28, 1);
    }

    [TestMethod]
    public void An_input_shape_without_channels_hints_at_a_last_dimension()
    {
        string said = Assert.ThrowsExactly<ArgumentException>(
            () => new Sequential([new Conv2D(2, 3, inputShape: [28, 28])])).Message;
        Assert.Contains("expected ndim=4, found ndim=3", said);
        Assert.Contains("last dimension", said);
        Assert.Contains("inputShape: [28, 28, 1]", said);
        Assert.Contains("inputShape: [9, 1]",
            Assert.ThrowsExactly<ArgumentException>(() => new Sequential([new LSTM(2, inputShape: [9])])).Message);
        using var unbuilt = new Sequential([new Conv2D(2, 3)]);
        Assert.Contains("x.Reshape(-1, 28, 28, 1)",
            Assert.ThrowsExactly<ArgumentException>(() => unbuilt.Predict(new NDArray(5, 28, 28))).Message);
    }

    [TestMethod]
    public void Channels_in_the_wrong_place_are_named()
    {
        Assert.Contains("channels stand first", Error(Image([28, 28, 3]), new NDArray(5, 3, 28, 28),
            new NDArray(5, 1)));
        Assert.Contains("channels stand last", Error(Image([3, 28, 28], "channels_first"), new NDArray(5, 28, 28, 3),
            new NDArray(5, 1)));
    }

    [TestMethod]
    public void Other_shapes_with_as_many_values_hint_at_Reshape()
    {
        Assert.Contains("x.Reshape(-1, 28, 28, 1)", Error(Image([28, 28, 1]), new NDArray(5, 784), new NDArray(5, 1)));
        using var dense = new Sequential([new Dense(1, inputShape: [784])]);
        string said = Assert.ThrowsExactly<ArgumentException>(() => dense.Predict(new NDArray(5, 28, 28))).Message;
        Assert.Contains("x.Reshape(-1, 784)", said);
        Assert.Contains("new Flatten(inputShape: [28, 28])", said);
        Assert.Contains("x.Reshape(-1, 784)",
            Assert.ThrowsExactly<ArgumentException>(() => dense.Predict(new NDArray(5, 784, 1))).Message);
    }

    [TestMethod]
    public void One_sample_without_a_batch_hints_at_the_first_dimension()
    {
        Assert.Contains("x.Reshape(1, 28, 28, 1)", Assert.ThrowsExactly<ArgumentException>(() => Image([28, 28, 1])
            .Predict(new NDArray(28, 28, 1))).Message);
        Assert.Contains("x.Reshape(1, 4)", Assert.ThrowsExactly<ArgumentException>(() => Classifier("mse")
            .Predict(new float[] { 1, 2, 3, 4 })).Message);
    }

    [TestMethod]
    [DataRow("val_acc", "Did you mean `val_accuracy`?", true)]
    [DataRow("acc", "Did you mean `accuracy`?", true)]
    [DataRow("val_los", "Did you mean `val_loss`?", true)]
    [DataRow("nonsense", "loss,accuracy,val_loss,val_accuracy", true)]
    [DataRow("val_loss", "give Fit `validationData` or `validationSplit`", false)]
    public void Callbacks_that_watch_an_unknown_name_list_the_known_ones_once(string monitor, string hint,
        bool validates)
    {
        Callback[] watching =
        [
            new EarlyStopping(monitor), new ReduceLROnPlateau(monitor),
            new ModelCheckpoint(Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.zip"), monitor,
                saveBestOnly: true),
        ];
        using Sequential model = Classifier("mse");
        model.Compile("sgd", "mse", metrics: ["accuracy"]);
        var log = new ListLogger();
        model.Logger = log;
        foreach (Callback callback in watching)
        {
            log.Entries.Clear();
            string said = Errors(() => model.Fit(new NDArray(8, 4), new NDArray(8, 3), epochs: 4, verbose: 0,
                validationSplit: validates ? 0.25 : 0, callbacks: [callback]));
            Assert.HasCount(1, said.TrimEnd().Split('\n'), said);
            Assert.Contains($"`{monitor}`", said);
            foreach (string name in new[] { "loss", "accuracy", hint }) Assert.Contains(name, said);
            Assert.HasCount(1, log.Entries.Where(e => e.Id == 8));
        }
    }

    [TestMethod]
    public void A_value_that_only_some_epochs_lack_is_missed_once_and_watched_elsewhere()
    {
        using Sequential model = Classifier("mse");
        var stopping = new EarlyStopping("val_loss", patience: 100);
        string said = Errors(() => model.Fit(new NDArray(8, 4), new NDArray(8, 3), epochs: 6, verbose: 0,
            validationSplit: 0.25, validationFreq: 2, callbacks: [stopping]));
        Assert.HasCount(1, said.TrimEnd().Split('\n'));
        Assert.IsLessThan(double.PositiveInfinity, stopping.Best);
        said = Errors(() => model.Fit(new NDArray(8, 4), new NDArray(8, 3), epochs: 2, verbose: 0,
            callbacks: [new LogsMore(), new EarlyStopping("more")]));
        Assert.AreEqual("", said);
    }

    sealed class LogsMore : Callback
    {
        public override void OnEpochEnd(int epoch, IDictionary<string, double> logs) => logs["more"] = epoch;
    }

    static string Errors(Action action)
    {
        TextWriter console = Console.Error;
        var output = new StringWriter();
        Console.SetError(output);
        try
        {
            action();
        }
        finally
        {
            Console.SetError(console);
        }
        return output.ToString();
    }
}
