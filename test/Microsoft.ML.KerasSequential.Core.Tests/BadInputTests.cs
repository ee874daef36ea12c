using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Losses;
using Microsoft.ML.KerasSequential.Optimizers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Bad input gives a clear error and changes nothing: afterwards, the model trains exactly like one that never
/// saw it.</summary>
[TestClass]
public sealed class BadInputTests
{
    static readonly NDArray s_x = Ramp(12, 4), s_y = OneHot(12, 3);

    [TestMethod]
    [DynamicData(nameof(Mistakes))]
    public void A_mistake_is_reported_and_leaves_the_model_unchanged(string name)
    {
        (_, Type exception, string[] words, Action<Sequential> act) = s_mistakes.Single(m => m.Name == name);
        using Sequential spoiled = Model(), twin = Model();
        Exception thrown = Assert.Throws<Exception>(() => act(spoiled));
        Assert.IsInstanceOfType(thrown, exception);
        foreach (string word in words) Assert.Contains(word, thrown.Message, StringComparison.Ordinal);
        if (thrown is ArgumentException argument) Assert.IsNotNull(argument.ParamName, "the parameter's name");

        History expected = twin.Fit(s_x, s_y, epochs: 2, batchSize: 5, verbose: 0),
            actual = spoiled.Fit(s_x, s_y, epochs: 2, batchSize: 5, verbose: 0);
        CollectionAssert.AreEqual(expected["loss"].ToArray(), actual["loss"].ToArray());
        for (int i = 0; i < twin.GetWeights().Count; i++)
            CollectionAssert.AreEqual(twin.GetWeights()[i].ToArray(), spoiled.GetWeights()[i].ToArray());
    }

    [TestMethod]
    public void Fit_evaluate_and_train_on_batch_need_a_compiled_model()
    {
        using var model = new Sequential([new Dense(3, inputShape: [4])]);
        foreach (Action act in new Action[]
        {
            () => model.Fit(s_x, s_y), () => model.Evaluate(s_x, s_y), () => model.TrainOnBatch(s_x, s_y), () =>
                model.TestOnBatch(s_x, s_y),
        })
            Assert.Contains("You must compile a model before training/testing",
                Assert.ThrowsExactly<InvalidOperationException>(act).Message);
        Assert.AreEqual(12, model.Predict(s_x).Shape[0]);
        CollectionAssert.AreEqual(new[] { "loss" }, model.MetricsNames.ToArray());
    }

    [TestMethod]
    public void A_disposed_model_reports_it()
    {
        Sequential model = Model();
        model.Dispose();
        foreach (Action act in new Action[]
        {
            () => model.Fit(s_x, s_y), () => model.Evaluate(s_x, s_y), () => model.Predict(s_x), () =>
                model.PredictOnBatch(s_x), () => model.TrainOnBatch(s_x, s_y),
            () => model.TestOnBatch(s_x, s_y), () => model.Add(new Dense(1)), () => model.Pop(), () =>
                model.Compile("sgd", "mse"), () => model.GetWeights(),
            () => model.SetWeights([]), () => model.Summary(), () => model.ToJson(), () => model.ExplainPlan(), () =>
                model.CountParams(), () => model.Build([null, 4]),
        })
            Assert.ThrowsExactly<ObjectDisposedException>(act);
        model.Dispose();
    }

    [TestMethod]
    public void An_unbuilt_model_reports_what_is_missing()
    {
        using var model = new Sequential([new Dense(3)]);
        Assert.IsFalse(model.Built);
        foreach (Action act in new Action[]
            { () => model.Summary(), () => model.CountParams(), () => _ = model.InputShape, () => _ = model.OutputShape,
                () => model.ExplainPlan() })
            Assert.Contains("This model has not yet been built",
                Assert.ThrowsExactly<InvalidOperationException>(act).Message);
        using var empty = new Sequential();
        Assert.Contains("There are no layers in the model",
            Assert.ThrowsExactly<InvalidOperationException>(() => empty.Pop()).Message);
        Assert.Contains("There are no layers in the model",
            Assert.ThrowsExactly<InvalidOperationException>(() => empty.Predict(s_x)).Message);
    }

    [TestMethod]
    public void A_model_without_input_shape_is_not_built_by_data_that_does_not_fit()
    {
        foreach (Action<Sequential> mistake in new Action<Sequential>[]
        {
            m => m.Fit(Ramp(12, 5), OneHot(12, 2), verbose: 0),
            m => m.Fit(Ramp(12, 5), OneHot(11, 3), verbose: 0),
            m => m.Fit(With(Ramp(12, 5), float.NaN), s_y, verbose: 0),
            m => m.Fit(Ramp(12, 5), s_y, verbose: 0, validationData: (Ramp(3, 5), OneHot(3, 4))),
            m => m.Evaluate(Ramp(12, 5), OneHot(12, 2), verbose: 0),
            m => m.TrainOnBatch(Ramp(12, 5), OneHot(12, 2)),
            m => m.Predict(Ramp(12, 4).Reshape(12, 2, 2)),
        })
        {
            using Sequential spoiled = Deferred(), twin = Deferred();
            Assert.Throws<ArgumentException>(() => mistake(spoiled));
            Assert.IsFalse(spoiled.Built);
            Assert.IsEmpty(spoiled.Weights);
            History expected = twin.Fit(s_x, s_y, epochs: 2, verbose: 0),
                actual = spoiled.Fit(s_x, s_y, epochs: 2, verbose: 0);
            CollectionAssert.AreEqual(expected["loss"].ToArray(), actual["loss"].ToArray());
        }

        static Sequential Deferred()
        {
            K.SetRandomSeed(6);
            var model =
                new Sequential([new Dense(5), new RepeatVector(1), new Flatten(), new Dense(3, activation: "softmax")]);
            model.Compile("adam", "categorical_crossentropy", metrics: ["accuracy"]);
            return model;
        }
    }

    [TestMethod]
    [DataRow("adm", "adam")]
    [DataRow("rms", "rmsprop")]
    public void An_unknown_optimizer_lists_similar_names(string given, string near) =>
        Assert.Contains(near, Assert.ThrowsExactly<ArgumentException>(() => { Optimizer _ = given; }).Message);

    [TestMethod]
    public void Unknown_names_of_every_kind_list_similar_names()
    {
        Assert.Contains("\"mse\"", Assert.ThrowsExactly<ArgumentException>(() => { Loss _ = "msee"; }).Message);
        Assert.Contains("\"accuracy\"",
            Assert.ThrowsExactly<ArgumentException>(() => { Metrics.Metric _ = "acuracy"; }).Message);
        Assert.Contains("\"relu\"",
            Assert.ThrowsExactly<ArgumentException>(() => { Activations.Activation _ = "rleu"; }).Message);
        Assert.Contains("\"he_normal\"",
            Assert.ThrowsExactly<ArgumentException>(() => { Initializer _ = "he_norml"; }).Message);
        Assert.Contains("\"l2\"", Assert.ThrowsExactly<ArgumentException>(() => { Regularizers.Regularizer _ = "l3"; })
            .Message);
        Assert.Contains("\"non_neg\"",
            Assert.ThrowsExactly<ArgumentException>(() => { Constraints.Constraint _ = "non_negg"; }).Message);
        const string misspelled = """
            {"class_name": "Sequential", "config": {"name": "m", "layers": [{"class_name": "Dens", "config": {}}]}}
            """;
        Assert.Contains("\"Dense\"",
            Assert.ThrowsExactly<ArgumentException>(() => Sequential.FromJson(misspelled)).Message);
    }

    [TestMethod]
    public void A_model_in_training_rejects_changes()
    {
        using Sequential model = Model();
        var hook = new Hook(m =>
        {
            Assert.ThrowsExactly<InvalidOperationException>(() => m.Add(new Dense(2)));
            Assert.ThrowsExactly<InvalidOperationException>(() => m.Compile("sgd", "mse"));
            Assert.ThrowsExactly<InvalidOperationException>(m.Dispose);
            Assert.AreEqual(12, m.Predict(s_x).Shape[0]);
        });
        model.Fit(s_x, s_y, verbose: 0, callbacks: [hook]);
        Assert.IsTrue(hook.Called);
    }

    static IEnumerable<object[]> Mistakes => s_mistakes.Select(m => new object[] { m.Name });

    static readonly (string Name, Type Exception, string[] Words, Action<Sequential> Act)[] s_mistakes =
    [
        ("wrong width", typeof(ArgumentException), ["first_input", "(4,)", "(5,)"],
            m => m.Fit(Ramp(12, 5), s_y, verbose: 0)),
        ("wrong rank", typeof(ArgumentException), ["2 dimensions", "(12, 4, 1)"],
            m => m.Fit(Ramp(12, 4).Reshape(12, 4, 1), s_y, verbose: 0)),
        ("wrong target width", typeof(ArgumentException), ["last", "(3,)", "(2,)"],
            m => m.Fit(s_x, OneHot(12, 2), verbose: 0)),
        ("wrong length", typeof(ArgumentException), ["12 input samples", "11 target samples"],
            m => m.Fit(s_x, OneHot(11, 3), verbose: 0)),
        ("wrong class number", typeof(ArgumentException), ["3 classes", "7"], m =>
        {
            using var sparse = new Sequential([new Dense(3, activation: "softmax", inputShape: [4])]);
            sparse.Compile("sgd", "sparse_categorical_crossentropy");
            sparse.Fit(s_x, new float[] { 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 7 }, verbose: 0);
        }),
        ("NaN in the inputs", typeof(ArgumentException), ["NaN", "first_input"],
            m => m.Fit(With(s_x, float.NaN), s_y, verbose: 0)),
        ("NaN in the targets", typeof(ArgumentException), ["NaN", "last"],
            m => m.TrainOnBatch(s_x, With(s_y, float.NaN))),
        ("infinity in the inputs", typeof(ArgumentException), ["Infinity"],
            m => m.Evaluate(With(s_x, float.PositiveInfinity), s_y, verbose: 0)),
        ("empty data", typeof(ArgumentException), ["empty", "(0, 4)"],
            m => m.Fit(new NDArray(0, 4), new NDArray(0, 3), verbose: 0)),
        ("no data", typeof(ArgumentNullException), [], m => m.Fit(null!, s_y, verbose: 0)),
        ("no targets", typeof(ArgumentNullException), [], m => m.Fit(s_x, null!, verbose: 0)),
        ("zero batch size", typeof(ArgumentException), ["1 or more", "0"],
            m => m.Fit(s_x, s_y, batchSize: 0, verbose: 0)),
        ("negative batch size", typeof(ArgumentException), ["-3"], m => m.Predict(s_x, batchSize: -3)),
        ("negative epochs", typeof(ArgumentException), ["-1"], m => m.Fit(s_x, s_y, epochs: -1, verbose: 0)),
        ("validation split of 1", typeof(ArgumentException), ["[0, 1)"],
            m => m.Fit(s_x, s_y, validationSplit: 1, verbose: 0)),
        ("steps and batch size", typeof(ArgumentException), ["batch_size"],
            m => m.Fit(s_x, s_y, batchSize: 4, stepsPerEpoch: 2, verbose: 0)),
        ("verbose 3", typeof(ArgumentException), ["3"], m => m.Fit(s_x, s_y, verbose: 3)),
        ("null callback", typeof(ArgumentException), ["callback"],
            m => m.Fit(s_x, s_y, verbose: 0, callbacks: [null!])),
        ("sample weights of another length", typeof(ArgumentException), ["(11,)", "(12, 3)"],
            m => m.Fit(s_x, s_y, sampleWeight: new float[11], verbose: 0)),
        ("sample weights of another rank", typeof(ArgumentException), ["1D"],
            m => m.Fit(s_x, s_y, sampleWeight: new float[12, 3], verbose: 0)),
        ("NaN in sample weights", typeof(ArgumentException), ["NaN"],
            m => m.Fit(s_x, s_y, sampleWeight: With(new float[12], float.NaN), verbose: 0)),
        ("class weight without a class", typeof(ArgumentException), ["2", "class_weight"],
            m => m.Fit(s_x, s_y, classWeight: new Dictionary<int, double> { [0] = 1, [1] = 2 }, verbose: 0)),
        ("validation data of another width", typeof(ArgumentException), ["(5,)"],
            m => m.Fit(s_x, s_y, validationData: (Ramp(3, 5), OneHot(3, 3)), verbose: 0)),
        ("two layers of one name", typeof(ArgumentException), ["first", "unique"],
            m => m.Add(new Dense(2, name: "first"))),
        ("a null layer", typeof(ArgumentNullException), ["Layer"], m => m.Add(null!)),
        ("a layer that does not fit", typeof(ArgumentException), ["repeat_vector_1", "ndim=2", "ndim=3"], m =>
        {
            using var other = new Sequential([new Dense(2, inputShape: [3, 4])]);
            other.Add(new RepeatVector(2));
        }),
        ("an unknown optimizer", typeof(ArgumentException), ["adan", "\"adam\""], m => m.Compile("adan", "mse")),
        ("an unknown loss", typeof(ArgumentException), ["Unknown loss function", "foo"], m => m.Compile("adam", "foo")),
        ("an unknown metric", typeof(ArgumentException), ["Unknown metric", "foo"],
            m => m.Compile("adam", "mse", metrics: ["foo"])),
        ("two losses", typeof(ArgumentException), ["1 output", "2 losses"], m => m.Compile("adam", ["mse", "mae"])),
        ("a loss for another output", typeof(ArgumentException), ["other", "last"],
            m => m.Compile("adam", new Dictionary<string, Loss> { ["other"] = "mse" })),
        ("too few weights", typeof(ArgumentException), ["length 1", "expecting 4"],
            m => m.SetWeights([new NDArray(4, 5)])),
        ("a weight of another shape", typeof(ArgumentException), ["(4, 5)", "(5, 4)"],
            m => m.SetWeights([new NDArray(5, 4), new NDArray(5), new NDArray(5, 3), new NDArray(3)])),
        ("an unknown layer name", typeof(ArgumentException), ["No such layer: foo", "first"], m => m.GetLayer("foo")),
        ("a layer index out of range", typeof(ArgumentException), ["index 9", "2 layers"], m => m.GetLayer(index: 9)),
        ("no layer name", typeof(ArgumentException), ["name or layer index"], m => m.GetLayer()),
        ("zero units", typeof(ArgumentException), ["1 or more units", "0"], m => m.Add(new Dense(0))),
        ("a negative input size", typeof(ArgumentException), ["-4"], m => m.Add(new Dense(1, inputShape: [-4]))),
        ("text that is no JSON", typeof(ArgumentException), ["JSON"], m => Sequential.FromJson("{")),
        ("another class's JSON", typeof(ArgumentException), ["Model"],
            m => Sequential.FromJson("""{"class_name": "Model", "config": {}}""")),
    ];

    static Sequential Model()
    {
        K.SetRandomSeed(5);
        var model = new Sequential(
            [new Dense(5, activation: "relu", inputShape: [4], name: "first"),
                new Dense(3, activation: "softmax", name: "last")]);
        model.Compile("adam", "categorical_crossentropy", metrics: ["accuracy"]);
        return model;
    }

    static NDArray Ramp(int rows, int columns)
    {
        var x = new NDArray(rows, columns);
        for (int i = 0; i < x.Size; i++) x.Span[i] = MathF.Sin(i);
        return x;
    }

    static NDArray OneHot(int rows, int columns)
    {
        var y = new NDArray(rows, columns);
        for (int i = 0; i < rows; i++) y[i, i % columns] = 1;
        return y;
    }

    static NDArray With(NDArray array, float value)
    {
        var copy = new NDArray(array.ToArray(), array.Shape.ToArray());
        copy.Span[^2] = value;
        return copy;
    }

    sealed class Hook(Action<Sequential> action) : Callbacks.Callback
    {
        public bool Called { get; private set; }

        public override void OnTrainBatchEnd(int batch, IReadOnlyDictionary<string, double> logs)
        {
            action(Model);
            Called = true;
        }
    }
}
