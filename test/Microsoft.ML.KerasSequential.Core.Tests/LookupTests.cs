using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Metrics;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>
/// An index outside a table or the classes is an error wherever a model looks it up; weights, slots and metrics do not
/// change.
/// </summary>
[TestClass]
public sealed class LookupTests
{
    sealed record Case(string Name, Func<Sequential> Model, NDArray Good, NDArray Bad, string[] Words,
        NDArray? Y = null, NDArray? BadY = null)
    {
        public bool IsKnownBefore { get; init; } = true;
    }

    static readonly NDArray s_good = new float[,] { { 1, 2 }, { 1, 4 }, { 0, 3 } },
        s_bad = new float[,] { { 1, 2 }, { 1, 4 }, { 1, 5 } };

    static readonly NDArray s_steps = Steps(1, 2, 1, 4, 0, 3), s_badSteps = Steps(1, 2, 1, 4, 1, 5);

    static readonly NDArray s_classes = new float[,] { { 0 }, { 1 }, { 2 } },
        s_badClasses = new float[,] { { 0 }, { 1 }, { 3 } };

    const string Range = "takes integers from 0 to 4, but got 5";

    static readonly Case[] s_cases =
    [
        new("the first layer", () => Regression(Words()), s_good, s_bad,
            ["Error when checking input: layer words takes integers from 0 to 4, but got 5."]),
        new("a negative number", () => Regression(Words()), s_good, new float[,] { { 1, -1 } },
            ["from 0 to 4, but got -1."]),
        new("a fraction", () => Regression(Words()), s_good, new float[,] { { 1, 1.5f } },
            ["from 0 to 4, but got 1.5."]),
        new("a model in the model", () => Regression(new Sequential([Words(), new Flatten()], name: "inner")), s_good,
            s_bad, ["Error when checking input: layer inner/words " + Range]),
        new("a model in a model in the model",
            () => Regression(new Sequential([new Sequential([Words()]), new Flatten()])), s_good, s_bad,
            ["words " + Range]),
        new("the layer of each step",
            () => Regression(new TimeDistributed(Words(inputLength: null), inputShape: [2, 1])), s_steps, s_badSteps,
            ["words " + Range]),
        new("behind a reshape", () => Regression(new Reshape([2], inputShape: [2, 1]), Words()), s_steps, s_badSteps,
            ["Error when checking input: layer words " + Range]),
        new("behind a permutation", () => Regression(new Permute([2, 1], inputShape: [2, 1]), new Flatten(), Words()),
            s_steps, s_badSteps, ["layer words " + Range]),
        new("behind a slice",
            () => Regression(new Lambda(x => K.Slice(x, 1, 1, 1), inputShape: [2]), Words(inputLength: 1)),
            new float[,] { { 9, 4 } }, s_bad, ["layer words " + Range]),
        new("computed from data", () => Regression(new Lambda(x => x * 2 - 1, inputShape: [2]), Words()),
            new float[,] { { 1, 2 }, { 2, 1 } }, new float[,] { { 1, 2 }, { 2, 1 }, { 2, 3 } },
            ["layer words " + Range]),
        new("computed from weights", () => Regression(Copies(), Words()), s_good, s_bad, ["layer words " + Range])
            { IsKnownBefore = false },
        new("computed from weights, no number", () => Regression(Copies(), Words()), s_good,
            new float[,] { { float.MaxValue, float.MaxValue } }, ["layer words takes integers from 0 to 4, but got"])
            { IsKnownBefore = false },
        new("computed from a batch", () => Regression(new Lambda(x => x - K.Min(x), inputShape: [2]), Words()), s_good,
            new float[,] { { 1, 6 } }, ["layer words " + Range]) { IsKnownBefore = false },
        new("a lookup in a lambda",
            () => Regression(
                new Lambda(x => K.Gather(K.Constant(new float[,] { { 1 }, { 2 }, { 3 }, { 4 }, { 5 } }), x),
                    name: "rows", inputShape: [2])), s_good, s_bad, ["rows " + Range]),
        new("classes in a lambda", () => Regression(new Lambda(x => K.OneHot(x, 5), name: "classes", inputShape: [2])),
            s_good, s_bad, ["classes " + Range]),
        new("each step of a loop", () => Regression(new RNN(new Letters(), name: "letters", inputShape: [2, 1])),
            s_steps, s_badSteps, ["letters", Range]) { IsKnownBefore = false },
        new("targets of a loss", () => Classification((t, p) => K.SparseCategoricalCrossentropy(K.Flatten(t), p)),
            s_good, s_good, ["Error when checking target: ", "from 0 to 2, but got 3."], s_classes, s_badClasses),
        new("targets of the named loss", () => Classification("sparse_categorical_crossentropy"), s_good, s_good,
            ["from 0 to 2, but got 3."], s_classes, s_badClasses),
        new("targets of a metric",
            () => Classification((t, p) => K.Sum(p, -1), new SparseTopKCategoricalAccuracy(2, name: "top")), s_good,
            s_good, ["Error when checking target: top takes integers from 0 to 2, but got 3."], s_classes,
            s_badClasses),
        new("targets of a matrix of classes",
            () => Classification((t, p) => K.Sum(p, -1),
                Metric.FromFunction((t, p) => K.Sum(K.OneHot(K.Flatten(t), 3), -1), "hits")), s_good, s_good,
            ["hits takes integers from 0 to 2, but got 3."], s_classes, s_badClasses),
    ];

    public static IEnumerable<object[]> Names => s_cases.Select(c => new object[] { c.Name });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void An_index_out_of_range_is_an_error_and_changes_nothing(string name)
    {
        Case c = s_cases.Single(x => x.Name == name);
        using Sequential model = c.Model(), twin = c.Model();
        NDArray good = c.Y ?? Ones(c.Good), bad = c.BadY ?? Ones(c.Bad);
        foreach (Sequential each in new[] { model, twin }) each.Fit(c.Good, good, epochs: 2, verbose: 0);

        List<Action> mistakes =
        [
            () => model.Fit(c.Bad, bad, verbose: 0),
            () => model.Fit([(c.Bad, bad)], verbose: 0),
            () => model.TrainOnBatch(c.Bad, bad),
            () => model.TestOnBatch(c.Bad, bad),
            () => model.Evaluate(c.Bad, bad, verbose: 0),
            () => model.Evaluate([(c.Bad, bad)], verbose: 0),
        ];
        // What depends on data alone is known before the first batch.
        if (c.IsKnownBefore)
            mistakes.Add(() => model.Fit(c.Bad, bad, batchSize: 1, epochs: 3, shuffle: false, verbose: 0));
        if (c.IsKnownBefore) mistakes.Add(() => model.Fit(c.Good, good, validationData: (c.Bad, bad), verbose: 0));
        if (c.BadY is null)
            mistakes.AddRange(
                [() => model.Predict(c.Bad), () => model.PredictOnBatch(c.Bad), () => model.Predict([(Batch)c.Bad]),
                    () => model.PredictClasses(c.Bad)]);
        foreach (Action mistake in mistakes)
        {
            string message = Assert.ThrowsExactly<ArgumentException>(mistake).Message;
            foreach (string word in c.Words) Assert.Contains(word, message, StringComparison.Ordinal);
        }

        AssertSame(twin, model);
        // An error found in a run comes after the metrics were reset.
        foreach (Sequential each in new[] { model, twin })
            if (!c.IsKnownBefore) each.ResetMetrics();
        // Slots, random numbers and metrics are unchanged, too: both models continue alike.
        for (int i = 0; i < 2; i++)
            CollectionAssert.AreEqual(twin.TrainOnBatch(c.Good, good).ToArray(),
                model.TrainOnBatch(c.Good, good).ToArray());
        AssertSame(twin, model);
    }

    [TestMethod]
    public void Predictions_reject_NaN_indices_too()
    {
        using Sequential model = Regression(new Sequential([Words(), new Flatten()]));
        Assert.Contains("but got NaN",
            Assert.ThrowsExactly<ArgumentException>(() => model.Predict(new float[,] { { 1, float.NaN } })).Message);
    }

    [TestMethod]
    public void A_function_names_the_index_out_of_range()
    {
        Tensor indices = K.Placeholder(null, 2);
        using Function rows = K.Function([indices], [K.Gather(K.Constant(new float[,] { { 1 }, { 2 } }), indices)]),
            classes = K.Function([indices], [K.OneHot(indices, 2)]);
        Assert.Contains("from 0 to 1, but got",
            Assert.ThrowsExactly<ArgumentException>(() => rows.Run(s_good)).Message);
        Assert.Contains("from 0 to 1, but got",
            Assert.ThrowsExactly<ArgumentException>(() => classes.Run(s_good)).Message);
        CollectionAssert.AreEqual(new float[] { 2, 1 }, rows.Run(new float[,] { { 1, 0 } })[0].ToArray());
        CollectionAssert.AreEqual(new float[] { 0, 1, 1, 0 }, classes.Run(new float[,] { { 1, 0 } })[0].ToArray());
    }

    [TestMethod]
    public void Classes_of_NaN_outputs_are_an_error()
    {
        using var one = new Sequential([new Dense(1, inputShape: [2])]);
        using var many = new Sequential([new Dense(3, activation: "softmax", inputShape: [2])]);
        foreach (Sequential model in new[] { one, many })
        {
            NDArray x = new float[,] { { 1, 2 }, { 1, float.NaN }, { 3, 4 } };
            string message = Assert.ThrowsExactly<InvalidOperationException>(() => model.PredictClasses(x)).Message;
            Assert.Contains("sample 1", message, StringComparison.Ordinal);
            Assert.AreEqual(3, model.PredictClasses(new float[,] { { 1, 2 }, { 1, 0 }, { 3, 4 } }).Shape[0]);
        }
    }

    static void AssertSame(Sequential expected, Sequential actual)
    {
        foreach ((NDArray e, NDArray a) in expected.GetWeights().Zip(actual.GetWeights()))
            CollectionAssert.AreEqual(e.ToArray(), a.ToArray());
    }

    static Embedding Words(int? inputLength = 2) => new(5, 3, inputLength: inputLength, name: "words");

    /// <summary>Returns its input, computed with fixed weights.</summary>
    static Dense Copies() => new(2, kernelInitializer: "identity", useBias: false, trainable: false, inputShape: [2]);

    static Sequential Regression(params Layer[] layers)
    {
        K.SetRandomSeed(7);
        var model = new Sequential { Seed = 3 };
        foreach (Layer layer in layers) model.Add(layer);
        if (model.OutputShape.Rank > 2) model.Add(new Flatten());
        model.Add(new Dense(1));
        model.Compile("adam", "mse", metrics: ["mae"]);
        return model;
    }

    static Sequential Classification(LossSet loss, params Metric[] metrics)
    {
        K.SetRandomSeed(7);
        var model = new Sequential([new Dense(3, activation: "softmax", inputShape: [2])]) { Seed = 3 };
        model.Compile("adam", loss, metrics: [.. metrics]);
        return model;
    }

    static Sequential Classification(Func<Tensor, Tensor, Tensor> loss, params Metric[] metrics) =>
        Classification((LossSet)loss, metrics);

    static NDArray Steps(params float[] values) => new(values, values.Length / 2, 2, 1);

    static NDArray Ones(NDArray x)
    {
        var y = new NDArray(x.Shape[0], 1);
        y.Span.Fill(1);
        return y;
    }

    /// <summary>Counts letters.</summary>
    sealed class Letters : Cell
    {
        public override IReadOnlyList<int> StateSize => [5];

        public override CellOutput Step(Tensor x, IReadOnlyList<Tensor> states)
        {
            Tensor counts = states[0] + K.OneHot(K.Reshape(x, -1), 5);
            return new(counts, [counts]);
        }
    }
}
