using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Losses;
using Microsoft.ML.KerasSequential.Metrics;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Losses and metrics without a model, or with one whose shapes are unusual; the numbers are computed by
/// hand.</summary>
[TestClass]
public sealed class LossesAndMetricsAloneTests
{
    static readonly NDArray s_vector = new float[] { 1, 0 }, s_column = new float[,] { { 0.9f }, { 0.2f } };

    [TestMethod]
    public void Vectors_and_columns_are_samples_and_never_broadcast_to_a_matrix()
    {
        Assert.AreEqual(0.025, Value(new Losses.MeanSquaredError(), s_vector, s_column), 1e-6);
        Assert.AreEqual(0.025, Value(new Losses.MeanSquaredError(), s_column, s_vector), 1e-6);
        Assert.AreEqual(
            0.15, Value(Loss.FromFunction((t, p) => K.Mean(K.Abs(t - p), axis: -1)), s_vector, s_column), 1e-6);
        Assert.AreEqual(1, Result(new BinaryAccuracy(), s_vector, s_column), 0);
        Assert.AreEqual(
            0.15, Result(Metric.FromFunction((t, p) => K.Mean(K.Abs(t - p), axis: -1)), s_vector, s_column), 1e-6);
        Assert.AreEqual(0.025, Result(new Metrics.MeanSquaredError(), s_column, s_vector), 1e-6);
        // As in a model, each sample counts once: 0.01·2 + 0.04·1 over 3, and over two batches of unequal size.
        Assert.AreEqual(
            0.06 / 3, Result(new Metrics.MeanSquaredError(), s_vector, s_column, new float[] { 2, 1 }), 1e-6);
        Assert.AreEqual(0.06 / 2, Value(new Losses.MeanSquaredError(), s_vector, s_column, new float[] { 2, 1 }), 1e-6);
        var metric = new Metrics.MeanSquaredError();
        metric.UpdateState(s_vector, s_column);
        metric.UpdateState(new float[] { 1 }, new float[,] { { 0 } });
        Assert.AreEqual((0.01 + 0.04 + 1) / 3, metric.Result().Span[0], 1e-6);
    }

    [TestMethod]
    public void A_last_dimension_of_size_1_is_removed_on_either_side()
    {
        NDArray ones = new float[,] { { 1 }, { 1 } }, right = new float[,] { { 1 }, { 0 } };
        var accuracy = new BinaryAccuracy();
        accuracy.UpdateState(ones, right.Reshape(2, 1, 1));
        CollectionAssert.AreEqual(new[] { 1f, 2f }, accuracy.States.Select(s => s.GetValue().Span[0]).ToArray());
        accuracy.UpdateState(ones.Reshape(2, 1, 1), right);
        accuracy.UpdateState(ones, right, new float[,] { { 0.5f }, { 0.25f } });
        Assert.AreEqual(2.5 / 4.75, accuracy.Result().Span[0], 1e-6);
    }

    [TestMethod]
    public void Weights_lose_a_last_dimension_of_1_broadcast_and_can_be_one_number()
    {
        NDArray t = new float[,] { { 1, 2, 3 }, { 4, 5, 6 } }, p = new float[,] { { 2, 2, 3 }, { 4, 5, 9 } };
        // The means of the rows are 1/3 and 3.
        double Weighted(NDArray weight, Reduction reduction = Reduction.SumOverBatchSize) =>
            Value(new Losses.MeanSquaredError(reduction), t, p, weight);
        Assert.AreEqual((2 / 3.0 + 12) / 2, Weighted(new float[] { 2, 4 }), 1e-5);
        Assert.AreEqual((2 / 3.0 + 12) / 2, Weighted(new float[,] { { 2 }, { 4 } }), 1e-5);
        Assert.AreEqual(2 / 3.0 + 12, Weighted(new float[,] { { 2 }, { 4 } }, Reduction.Sum), 1e-5);
        Assert.AreEqual(5 / 3.0 * 3, Weighted(3f), 1e-5);
        Assert.AreEqual(5 / 3.0 * 3, Weighted(new float[] { 3 }), 1e-5);
        foreach (NDArray wrong in new NDArray[] { new float[3], new float[2, 3], new float[2, 2], new float[2, 1, 1] })
        {
            string message = Assert.ThrowsExactly<ArgumentException>(() => Weighted(wrong)).Message;
            Assert.Contains(Shape.Format(wrong.Shape), message);
            Assert.Contains("(2,)", message);
        }
    }

    [TestMethod]
    public void Incompatible_shapes_are_an_error_with_both_shapes_and_change_nothing()
    {
        var metric = new Metrics.MeanAbsoluteError();
        metric.UpdateState(s_vector, s_column);
        string message = Assert.ThrowsExactly<ArgumentException>(
            () => metric.UpdateState(new float[] { 1, 2, 3 }, s_column)).Message;
        Assert.Contains("(3,)", message);
        Assert.Contains("(2, 1)", message);
        Assert.AreEqual(0.15, metric.Result().Span[0], 1e-6);
        string classes = Assert.ThrowsExactly<ArgumentException>(
            () => Value(new Losses.CategoricalCrossentropy(), s_column, new float[2, 3])).Message;
        Assert.Contains("ToCategorical", classes);
        using var model = new Sequential([new Dense(3, inputShape: [2])]);
        model.Compile("sgd", Loss.FromFunction((t, p) => K.SparseCategoricalCrossentropy(t, p, fromLogits: true)),
            metrics: "accuracy");
        NDArray before = model.GetWeights()[0];
        string inside = Assert.ThrowsExactly<ArgumentException>(
            () => model.Fit(new float[4, 2], new float[4], verbose: 0)).Message;
        Assert.Contains("accuracy", inside);
        CollectionAssert.AreEqual(before.ToArray(), model.GetWeights()[0].ToArray());
    }

    [TestMethod]
    public void Sizes_that_are_free_until_data_arrives_are_not_broadcast()
    {
        int? free = null;
        Tensor t = K.Placeholder(free, free), p = K.Placeholder(free, 1);
        using Function function = K.Function([t, p], [new CosineProximity().Apply(t, p)]);
        Assert.AreEqual(-0.5, function.Run(new float[,] { { 1 }, { 0 } }, new float[,] { { 1 }, { 1 } })[0]
            .Span[0], 1e-6);
        Assert.Throws<ArgumentException>(() => function.Run(new float[2, 3], new float[2, 1]));
    }

    [TestMethod]
    public void One_number_stands_for_all_targets()
    {
        Assert.AreEqual((0.01 + 0.64) / 2, Value(new Losses.MeanSquaredError(), 1f, s_column), 1e-6);
        Assert.AreEqual(-(Math.Log(0.9) + Math.Log(0.2)) / 2,
            Value(new Losses.BinaryCrossentropy(), 1f, s_column), 1e-5);
        Assert.AreEqual(0.5, Result(new Recall(), 1f, s_column), 1e-6);
    }

    [TestMethod]
    public void A_model_without_a_last_dimension_learns_from_vectors()
    {
        using var model = new Sequential(
            [new Dense(1, useBias: false, kernelInitializer: "ones", inputShape: [1]),
                new Lambda(x => K.Squeeze(x, -1))]);
        model.Compile("sgd", "mse", metrics: "mae", weightedMetrics: "mae");
        Evaluation e = model.Evaluate(new float[] { 1, 2, 3 }, new float[] { 1, 0, 0 }, batchSize: 2, verbose: 0,
            sampleWeight: new float[,] { { 1 }, { 2 }, { 1 } });
        Assert.AreEqual((0 + 2 * 4 + 9) / 3.0, e["loss"], 1e-5);
        Assert.AreEqual(5 / 3.0, e["mae"], 1e-6);
        Assert.AreEqual((2 * 2 + 3) / 4.0, e["mae_1"], 1e-6);
    }

    [TestMethod]
    public void A_function_in_a_model_gets_targets_and_predictions_of_one_shape()
    {
        using var model = new Sequential([new Lambda(x => x, inputShape: [2, 1])]);
        Func<Tensor, Tensor, Tensor> square = (t, p) => K.Mean(K.Square(t - p), axis: -1);
        model.Compile("sgd", Loss.FromFunction(square), metrics: Metric.FromFunction(square),
            weightedMetrics: Metric.FromFunction(square));
        NDArray x = new([1, 2, 3, 4], 2, 2, 1), y = new float[,] { { 1, 1 }, { 1, 1 } };
        // The rows' means are 1/2 and 13/2.
        Evaluation e = model.Evaluate(x, y, verbose: 0, sampleWeight: new float[] { 1, 3 });
        CollectionAssert.AreEqual(new[] { 10, 3.5, 5 }, e.Values.ToArray());
    }

    [TestMethod]
    public void Targets_of_a_model_can_lack_a_last_dimension_of_1_or_have_an_extra_one()
    {
        foreach (string loss in new[] { "mse", "binary_crossentropy", "sparse_categorical_crossentropy" })
        {
            bool sparse = loss.StartsWith("sparse", StringComparison.Ordinal);
            int[][] shapes = sparse ? [[2, 3], [2, 3, 1]] : [[2, 3], [2, 3, 1], [2, 3, 1, 1]];
            using var model = new Sequential([new Lambda(x => x, inputShape: sparse ? [3, 2] : [3, 1])]);
            model.Compile("sgd", loss, metrics: sparse ? "acc" : "mae");
            NDArray x = sparse ? new([0.1f, 0.9f, 0.8f, 0.2f, 0.7f, 0.3f, 0.5f, 0.5f, 0.4f, 0.6f, 1, 0], 2, 3, 2)
                : new([0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f], 2, 3, 1);
            double[][] values = [
                .. shapes.Select(s => model.Evaluate(x, new NDArray([1, 0, 1, 1, 0, 0], s), verbose: 0)
                    .Values.ToArray())];
            foreach (double[] other in values) CollectionAssert.AreEqual(values[0], other);
            // The differences are 0.9, 0.2, 0.7, 0.6, 0.5 and 0.6; of the classes the first two and the last are right.
            Assert.AreEqual(sparse ? 3 / 6.0 : 3.5 / 6, values[0][1], 1e-6);
            foreach (int[] wrong in new int[][] { [2, 2], [2, 2, 1], [2, 3, 2], [2, 3, 1, 2] })
                Assert.Contains("checking target",
                    Assert.ThrowsExactly<ArgumentException>(() => model.Evaluate(x, new NDArray(wrong), verbose: 0))
                    .Message);
        }
        using var plain = new Sequential([new Lambda(x => x, inputShape: [2])]);
        plain.Compile("sgd", "mse");
        NDArray two = new float[,] { { 1, 2 }, { 3, 4 } };
        Assert.AreEqual(0, plain.Evaluate(two, two.Reshape(2, 2, 1), verbose: 0)["loss"]);
    }

    [TestMethod]
    public void Weights_of_a_model_can_be_a_column()
    {
        using var model = new Sequential([new Lambda(x => x, inputShape: [2])]);
        model.Compile("sgd", "mse");
        NDArray x = new float[,] { { 1, 1 }, { 2, 2 } }, y = new float[2, 2];
        Assert.AreEqual(model.TestOnBatch(x, y, new float[] { 3, 1 })["loss"],
            model.TestOnBatch(x, y, new float[,] { { 3 }, { 1 } })["loss"]);
        Assert.AreEqual((3 + 4) / 2.0, model.TestOnBatch(x, y, new float[,] { { 3 }, { 1 } })["loss"], 1e-6);
        using var steps = new Sequential([new Lambda(x => x, inputShape: [2, 1])]);
        steps.Compile("sgd", "mse", sampleWeightMode: "temporal");
        Assert.AreEqual((2 + 4) / 4.0,
            steps.TestOnBatch(x.Reshape(2, 2, 1), y.Reshape(2, 2, 1),
                new NDArray([1, 1, 1, 0], 2, 2, 1))["loss"], 1e-6);
    }

    [TestMethod]
    public void Saturated_probabilities_follow_the_Keras_formula()
    {
        NDArray t = new float[,] { { 1, 0 }, { 1, 0 } }, p = new float[,] { { 1, 1 }, { 1, 0 } };
        // One of four: −log(1 − p + 1e-7), where the largest p that the clip leaves is 1 − 2⁻²³ in float32.
        double wrong = -Math.Log(Math.Pow(2, -23) + 1e-7);
        Assert.AreEqual(3.833, wrong / 4, 1e-3);
        Assert.AreEqual(wrong / 4, Value(new Losses.BinaryCrossentropy(), t, p), 1e-4);
        Assert.AreEqual(wrong * 2.3 / 4, Value(new Losses.BinaryCrossentropy(), t, p, 2.3f), 1e-4);
        Assert.AreEqual(wrong * 1.2 / 4,
            Value(new Losses.BinaryCrossentropy(), t, p, new float[,] { { 1.2f }, { 3.4f } }), 1e-4);
        Assert.AreEqual(wrong / 4, Result(new Metrics.BinaryCrossentropy(), t, p), 1e-4);
        Assert.AreEqual(wrong / 2 * 1.5 / 3.5,
            Result(new Metrics.BinaryCrossentropy(), t, p, new float[] { 1.5f, 2 }), 1e-4);
        // Only the clip of 1e-7 at the lower end.
        Assert.AreEqual(-Math.Log(2e-7),
            Value(new Losses.BinaryCrossentropy(), new float[,] { { 1 } }, new float[,] { { 0 } }), 1e-4);
        Assert.AreEqual(0, Value(new Losses.BinaryCrossentropy(), t, t), 1e-5);
        using var model = new Sequential([new Lambda(x => x, inputShape: [2])]);
        model.Compile("sgd", "binary_crossentropy", metrics: "binary_crossentropy");
        Evaluation inside = model.Evaluate(p, t, verbose: 0);
        Assert.AreEqual(wrong / 4, inside[0], 1e-4);
        Assert.AreEqual(wrong / 4, inside[1], 1e-4);
    }

    [TestMethod]
    public void A_sigmoid_before_the_crossentropy_is_taken_as_logits_whatever_the_shapes()
    {
        Tensor x = K.Placeholder(2, 3, 1), t = K.Placeholder(2, 3);
        using Function function = K.Function([x, t], [new Losses.BinaryCrossentropy().Apply(t, K.Sigmoid(x))]);
        NDArray logits = new([14, -14, 1, 0, -1, 14], 2, 3, 1), targets = new float[,] { { 0, 1, 1 }, { 0, 0, 1 } };
        double expected = Enumerable.Range(0, 6)
            .Average(i => Reference64.BinaryOfLogit(targets.Data[i], logits.Data[i]));
        // From float32 probabilities, where σ(14) is 1 − 8.3e-7, it would be off in the second decimal.
        Assert.AreEqual(expected, function.Run(logits, targets)[0].Span[0], 1e-5);
    }

    [TestMethod]
    public void A_single_threshold_is_in_the_middle()
    {
        NDArray t = new float[] { 0, 1, 1, 0, 1 }, p = new float[] { 0.4f, 0.6f, 0.5f, 0.7f, 0.9f };
        Assert.AreEqual(2 / 3.0, Result(new SensitivityAtSpecificity(0.7, numThresholds: 1), t, p), 1e-6);
        Assert.AreEqual(0.5, Result(new SpecificityAtSensitivity(0.7, numThresholds: 1), t, p), 1e-6);
        Assert.AreEqual(
            1, Result(new SensitivityAtSpecificity(0.7, numThresholds: 1), t.Reshape(5, 1), t.Reshape(5, 1)), 0);
        using var model = new Sequential([new Lambda(x => x, inputShape: [1])]);
        model.Compile("sgd", "mse",
            metrics: [new SensitivityAtSpecificity(0.7, numThresholds: 1),
                new SpecificityAtSensitivity(0.7, numThresholds: 1)]);
        CollectionAssert.AreEqual(new[] { 2 / 3f, 0.5f },
            model.Evaluate(p, t, verbose: 0).Values.Skip(1).Select(v => (float)v).ToArray());
        foreach (int count in new[] { 0, -1 })
        {
            Assert.AreEqual("numThresholds",
                Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new SensitivityAtSpecificity(0.4, count))
                .ParamName);
            Assert.AreEqual("numThresholds",
                Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new SpecificityAtSensitivity(0.4, count))
                .ParamName);
        }
        Assert.AreEqual("numThresholds",
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new AUC(numThresholds: 1)).ParamName);
    }

    [TestMethod]
    public void Among_equal_predictions_the_first_ones_rank_highest()
    {
        // The three largest are the columns 1, 2 and, of three equal ones, 0: two of them are right, with weight 3.
        NDArray t = new float[,] { { 1, 0, 1, 1, 1 } }, p = new float[,] { { 0.2f, 0.6f, 0.4f, 0.2f, 0.2f } };
        Assert.AreEqual(2 / 3.0, Result(new Precision(topK: 3), t, p, 3f), 1e-6);
        Assert.AreEqual(2 / 4.0, Result(new Recall(topK: 3), t, p, 3f), 1e-6);
        var both = new Precision(topK: 3);
        both.UpdateState(new float[,] { { 0, 1, 1, 0, 1 } }, new float[,] { { 0.2f, 0.1f, 0.4f, 0, 0.2f } },
            new float[,] { { 1, 4, 2, 3, 5 } });
        both.UpdateState(t, p, 3f);
        Assert.AreEqual((7 + 6) / (8 + 9.0), both.Result().Span[0], 1e-6);
        Assert.Contains(
            "(2, 2)", Assert.ThrowsExactly<ArgumentException>(
                () => Result(new Precision(topK: 3), new float[2, 2], new float[2, 2])).Message);
    }

    [TestMethod]
    public void Class_weights_reject_several_labels_where_one_label_is_required()
    {
        using var model = new Sequential([new Dense(3, activation: "sigmoid", inputShape: [2])]);
        model.Compile("sgd", "binary_crossentropy");
        NDArray x = new float[3, 2], single = new float[,] { { 1, 0, 0 }, { 0, 0, 1 }, { 0, 1, 0 } };
        var plain = new Dictionary<int, double> { [0] = 1, [1] = 2, [2] = 3 };
        var strict = new OneHotClassWeights { [0] = 1, [1] = 2, [2] = 3 };
        float[] before = model.GetWeights()[0].ToArray();
        foreach (float[] row in new[] { new float[] { 1, 0, 1 }, [0, 0, 0], [0.5f, 0.5f, 0], [0, 2, 0] })
        {
            NDArray several = new([1, 0, 0, .. row, 0, 1, 0], 3, 3);
            string message = Assert.ThrowsExactly<ArgumentException>(
                () => model.Fit(x, several, verbose: 0, classWeight: strict)).Message;
            Assert.Contains("sample 1", message);
            Assert.ThrowsExactly<ArgumentException>(
                () => model.TrainOnBatch(x, several, classWeight: new OneHotClassWeights(plain)));
        }
        CollectionAssert.AreEqual(before, model.GetWeights()[0].ToArray());
        Assert.AreEqual(model.TestOnBatch(x, single, new float[] { 1, 3, 2 })["loss"],
            model.TrainOnBatch(x, single, classWeight: strict)["loss"], 1e-6);
        model.SetWeights([new NDArray(before, 2, 3), new float[3]]);
        // As Keras 2.3.1 does, a dictionary takes the first of the largest columns.
        NDArray labels = new float[,] { { 0, 1, 1 }, { 0, 0, 1 }, { 1, 1, 1 } };
        Assert.AreEqual(model.TestOnBatch(x, labels, new float[] { 2, 3, 1 })["loss"],
            model.TrainOnBatch(x, labels, classWeight: plain)["loss"], 1e-6);
    }

    static double Value(Loss loss, NDArray t, NDArray p, NDArray? weight = null)
    {
        Tensor Input(NDArray values) => K.Placeholder([.. values.Shape.ToArray().Select(d => (int?)d)]);
        Tensor yTrue = Input(t), yPred = Input(p);
        Tensor? w = weight is null ? null : Input(weight);
        using Function function =
            K.Function(w is null ? [yTrue, yPred] : [yTrue, yPred, w], [loss.Apply(yTrue, yPred, w)]);
        return (weight is null ? function.Run(t, p) : function.Run(t, p, weight))[0].Span[0];
    }

    static double Result(Metric metric, NDArray t, NDArray p, NDArray? weight = null)
    {
        metric.UpdateState(t, p, weight);
        return metric.Result().Span[0];
    }
}
