using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Data;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Optimizers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Models that several ranks train together; the ranks are threads here, and processes in the MPI
/// tests.</summary>
[TestClass]
public sealed class DistributionTests
{
    static readonly Dictionary<string, Func<Layer[]>> s_models = new()
    {
        ["dense"] = () =>
            [new Dense(5, activation: "tanh", inputShape: [6, 4]), new Flatten(), new Dense(3, activation: "softmax")],
        ["dropout and noise"] = () => [new Dropout(0.4, inputShape: [6, 4]), new GaussianNoise(0.3),
            new SpatialDropout1D(0.3), new Flatten(), new GaussianDropout(0.2), new Dense(3, activation: "softmax")],
        ["convolution"] = () => [new Conv1D(5, 3, padding: "same", strides: 2, inputShape: [6, 4]),
            new BatchNormalization(), new Activation("tanh"), new GlobalMaxPooling1D(),
            new Dense(3, activation: "softmax")],
        ["separable"] = () => [new SeparableConv1D(5, 3, inputShape: [6, 4]), new AveragePooling1D(2),
            new LayerNormalization(), new Flatten(), new Dense(3, activation: "softmax")],
        ["recurrent"] = () => [new Bidirectional(new GRU(4, returnSequences: true), inputShape: [6, 4]),
            new LSTM(3, recurrentDropout: 0.2), new Dense(3, activation: "softmax")],
        ["own cell"] = () => [new RNN(new SimpleRNNCell(4), inputShape: [6, 4]), new Dense(3, activation: "softmax")],
        ["attention"] = () => [new MultiHeadAttention(2, 3, inputShape: [6, 4]), new GlobalAveragePooling1D(),
            new Dense(3, activation: "softmax", kernelRegularizer: "l2")],
        ["local"] = () => [new LocallyConnected1D(3, 2, inputShape: [6, 4]), new PReLU(), new Flatten(),
            new Dense(3, activation: "softmax", kernelConstraint: "max_norm")],
    };

    static (NDArray X, NDArray Y) Data(int samples)
    {
        var random = new Random(3);
        NDArray x = new(samples, 6, 4), y = new(samples, 3);
        foreach (ref float value in x.Span) value = (float)(random.NextDouble() * 2 - 1);
        for (int i = 0; i < samples; i++) y[i, x[i, 0, 0] > 0.3f ? 0 : x[i, 2, 1] > 0 ? 1 : 2] = 1;
        return (x, y);
    }

    static Sequential Model(string name, Distribution? ranks = null, Optimizer? optimizer = null)
    {
        var model = new Sequential(name: "m") { Seed = 5 + (ranks?.Rank ?? 0), Distribute = ranks };
        foreach (Layer layer in s_models[name]()) model.Add(layer);
        model.Compile(optimizer ?? new SGD(0.05, momentum: 0.9), "categorical_crossentropy",
            metrics: new[] { "accuracy", "mae" });
        return model;
    }

    static float[] Weights(Sequential model) => [.. model.GetWeights().SelectMany(w => w.Span.ToArray())];

    public static IEnumerable<object[]> Models =>
        from name in s_models.Keys from ranks in new[] { 2, 3 } select new object[] { name, ranks };

    [TestMethod]
    public void Ranks_stop_together_at_an_invalid_index_on_one_of_them()
    {
        // The last rows are another rank's.
        NDArray bad = new float[,] { { 1, 2 }, { 3, 4 }, { 1, 1 }, { 1, 5 } },
            good = new float[,] { { 1, 2 }, { 3, 4 }, { 1, 1 }, { 0, 2 } },
            y = new float[,] { { 1 }, { 0 }, { 1 }, { 0 } };
        Sequential[] models = [.. Enumerable.Range(0, 2).Select(_ => Make())];
        using Sequential twin = Make();
        string[] messages = ThreadRanks.Run(2, ranks =>
        {
            Sequential model = models[ranks.Rank];
            model.Distribute = ranks;
            string message = Assert.ThrowsExactly<ArgumentException>(() => model.Fit(bad, y, verbose: 0)).Message;
            foreach ((NDArray e, NDArray a) in twin.GetWeights().Zip(model.GetWeights()))
                CollectionAssert.AreEqual(e.ToArray(), a.ToArray());
            model.Fit(good, y, epochs: 2, shuffle: false, verbose: 0);
            return message;
        });
        Assert.Contains("layer words takes integers from 0 to 4, but got an invalid one on another rank", messages[0]);
        Assert.Contains("layer words takes integers from 0 to 4, but got 5", messages[1]);
        twin.Fit(good, y, epochs: 2, shuffle: false, verbose: 0);
        for (int i = 0; i < 2; i++)
        {
            GoldenCase.AssertClose([.. models[i].GetWeights().SelectMany(w => w.ToArray())],
                [.. twin.GetWeights().SelectMany(w => w.ToArray())], 1e-4, 1e-5, "weights");
            models[i].Dispose();
        }

        static Sequential Make()
        {
            K.SetRandomSeed(3);
            // The lookup indices depend on weights, so they are known only in a step.
            var model = new Sequential(
                [new Dense(2, kernelInitializer: "identity", useBias: false, trainable: false, inputShape: [2]),
                    new Embedding(5, 3, inputLength: 2, name: "words"), new BatchNormalization(), new Flatten(),
                    new Dense(1)])
            { Seed = 4 };
            model.Compile("adam", "mse", metrics: ["mae"]);
            return model;
        }
    }

    [TestMethod]
    [DynamicData(nameof(Models))]
    public void Ranks_train_evaluate_and_predict_as_one(string name, int size)
    {
        // 50 samples in batches of 16: the last batch has two, so that a rank of three has none.
        (NDArray x, NDArray y) = Data(50);
        (float[] Weights, double[] Losses, double[] Judged, NDArray Predicted) Run(Distribution? ranks)
        {
            using Sequential model = Model(name, ranks);
            History history = model.Fit(x, y, batchSize: 16, epochs: 3, verbose: 0, validationSplit: 0.2);
            return (Weights(model), [.. history.Values.SelectMany(v => v)],
                [.. model.Evaluate(x, y, batchSize: 16, verbose: 0).Values], model.Predict(x, batchSize: 7));
        }
        var alone = Run(null);
        var together = ThreadRanks.Run(size, Run);
        Near(alone.Weights, together[0].Weights, 2e-6);
        Near(alone.Losses, together[0].Losses, 1e-5);
        Near(alone.Judged, together[0].Judged, 1e-5);
        Near(alone.Predicted.Span.ToArray(), together[0].Predicted.Span.ToArray(), 1e-5);
        for (int rank = 1; rank < size; rank++)
        {
            CollectionAssert.AreEqual(together[0].Weights, together[rank].Weights);
            CollectionAssert.AreEqual(together[0].Losses, together[rank].Losses);
            CollectionAssert.AreEqual(together[0].Judged, together[rank].Judged);
            Assert.AreEqual((50 * (rank + 1) / size) - (50 * rank / size), together[rank].Predicted.Shape[0]);
        }
    }

    [TestMethod]
    public void A_stateful_model_is_computed_in_full_by_each_rank()
    {
        (NDArray x, NDArray y) = Data(8);
        float[] Run(Distribution? ranks)
        {
            using var model = new Sequential(name: "m") { Seed = 1, Distribute = ranks };
            model.Add(new LSTM(3, stateful: true, batchInputShape: [4, 6, 4]));
            model.Add(new Dense(3, activation: "softmax"));
            model.Compile("sgd", "categorical_crossentropy");
            model.Fit(x, y, batchSize: 4, epochs: 2, verbose: 0);
            return Weights(model);
        }
        float[] alone = Run(null);
        foreach (float[] weights in ThreadRanks.Run(2, Run)) CollectionAssert.AreEqual(alone, weights);
    }

    [TestMethod]
    public void Single_batches_and_generators_are_split_too()
    {
        (NDArray x, NDArray y) = Data(20);
        (double[] Told, float[] Weights, float[] Predicted) Run(Distribution? ranks)
        {
            using Sequential model = Model("dense", ranks);
            double[] told = [.. model.TrainOnBatch(x, y).Values, .. model.TestOnBatch(x, y).Values];
            Batch[] batches = [new(x.Slice(0, 11), y.Slice(0, 11)), new(x.Slice(11, 9), y.Slice(11, 9))];
            model.Fit(batches, epochs: 2, verbose: 0);
            return ([.. told, .. model.Evaluate(batches, verbose: 0).Values], Weights(model),
                model.Predict(batches).Span.ToArray());
        }
        var alone = Run(null);
        var together = ThreadRanks.Run(3, Run);
        Near(alone.Told, together[0].Told, 1e-5);
        Near(alone.Weights, together[0].Weights, 1e-6);
        Near(alone.Predicted, together[0].Predicted, 1e-5);
        CollectionAssert.AreEqual(together[0].Weights, together[2].Weights);
    }

    [TestMethod]
    public void Parts_are_sent_in_buckets_and_large_parts_on_their_own()
    {
        (NDArray x, NDArray y) = (new(12, 600), new(12, 3));
        List<int> sums = ThreadRanks.Run(2, ranks =>
        {
            using var model = new Sequential([new Dense(500, activation: "relu", inputShape: [600]), new Dense(3)],
                name: "m")
            { Distribute = ranks };
            model.Compile("sgd", "mse", metrics: ["mae"]);
            model.TrainOnBatch(x, y);
            return ranks.Sums;
        })[0];
        CollectionAssert.Contains(sums, 600 * 500);
        // All gradients, the loss, and the metric's sum and count.
        Assert.IsInRange(600 * 500 + 500 + 500 * 3 + 3 + 2, 600 * 500 + 500 + 500 * 3 + 3 + 4, sums.Sum());
        Assert.IsLessThanOrEqualTo(3, sums.Count);
    }

    [TestMethod]
    public void Distributed_rows_give_the_batches_of_one_rank()
    {
        (NDArray x, NDArray y) = Data(41);
        float[] Run(ThreadRanks? ranks)
        {
            using Sequential model = Model("convolution", ranks);
            if (ranks is null)
            {
                model.Fit(x.Slice(0, 33), y.Slice(0, 33), batchSize: 8, epochs: 2, verbose: 0, shuffle: false,
                    validationData: (x.Slice(33, 8), y.Slice(33, 8)));
                return [.. Weights(model), .. model.History!.Values.SelectMany(v => v.Select(n => (float)n))];
            }
            DealtRows Own(int from, int count)
            {
                int[] rows = [.. Enumerable.Range(from, count).Where(row => row % ranks.Size == ranks.Rank)];
                return new(NDArray.Concatenate([.. rows.Select(r => x.Slice(r, 1))]),
                    NDArray.Concatenate([.. rows.Select(r => y.Slice(r, 1))]), null, count, from % ranks.Size);
            }
            model.FitDealt(Own(0, 33), Own(33, 8), 8, 2, 0, [], false, 0, null, null, default);
            return [.. Weights(model), .. model.History!.Values.SelectMany(v => v.Select(n => (float)n))];
        }
        float[] alone = Run(null);
        foreach (int size in (int[])[2, 3, 4])
            foreach (float[] found in ThreadRanks.Run(size, Run)) Near(alone, found, 1e-5);
    }

    [TestMethod]
    public void Ranks_with_different_data_are_rejected()
    {
        (NDArray x, NDArray y) = Data(20);
        AggregateException failure = Assert.ThrowsExactly<AggregateException>(() => ThreadRanks.Run(2, ranks =>
        {
            using Sequential model = Model("dense", ranks);
            return model.Fit(x.Slice(0, 20 - ranks.Rank), y.Slice(0, 20 - ranks.Rank), verbose: 0);
        }));
        Assert.HasCount(2, failure.InnerExceptions);
        foreach (Exception e in failure.InnerExceptions)
            Assert.Contains("rank 1 has 19 samples, rank 0 has 20", e.Message);
    }

    [TestMethod]
    public void What_one_rank_cannot_start_no_rank_starts()
    {
        (NDArray x, NDArray y) = Data(20);
        AggregateException failure = Assert.ThrowsExactly<AggregateException>(() => ThreadRanks.Run(2, ranks =>
        {
            using Sequential model = Model("dense", ranks);
            return model.Fit(x, ranks.Rank == 1 ? new NDArray(20, 4) : y, verbose: 0);
        }));
        Assert.IsInstanceOfType<InvalidOperationException>(failure.InnerExceptions[0]);
        Assert.IsInstanceOfType<ArgumentException>(failure.InnerExceptions[1]);
    }

    [TestMethod]
    public void Weights_that_differ_are_noticed_after_the_epoch()
    {
        (NDArray x, NDArray y) = Data(20);
        AggregateException failure = Assert.ThrowsExactly<AggregateException>(() => ThreadRanks.Run(3, ranks =>
        {
            using Sequential model = Model("dense", ranks);
            var meddler = new LambdaCallback(onBatchEnd: (_, _) =>
            {
                if (ranks.Rank == 1)
                    model.SetWeights([.. model.GetWeights().Select(w => new NDArray(w.Shape.ToArray()))]);
            });
            return model.Fit(x, y, batchSize: 20, verbose: 0, callbacks: [meddler]);
        }));
        foreach (Exception e in failure.InnerExceptions)
            Assert.Contains("After epoch 1 the weights of rank 1 differ from those of rank 0", e.Message);
    }

    [TestMethod]
    public void Canceling_one_rank_cancels_all()
    {
        (NDArray x, NDArray y) = Data(20);
        AggregateException failure = Assert.ThrowsExactly<AggregateException>(() => ThreadRanks.Run(2, ranks =>
        {
            using Sequential model = Model("dense", ranks);
            using var source = new CancellationTokenSource();
            if (ranks.Rank == 1) source.Cancel();
            return model.Fit(x, y, batchSize: 5, verbose: 0, cancellationToken: source.Token);
        }));
        foreach (Exception e in failure.InnerExceptions) Assert.IsInstanceOfType<OperationCanceledException>(e);
    }

    [TestMethod]
    public void Without_the_package_MPI_is_rejected() =>
        Assert.Contains("requires the package Microsoft.ML.KerasSequential.Mpi",
            Assert.ThrowsExactly<InvalidOperationException>(() => Distribution.Mpi()).Message);

    static void Near<T>(IReadOnlyList<T> expected, IReadOnlyList<T> found, double tolerance) where T
        : System.Numerics.INumber<T>
    {
        Assert.HasCount(expected.Count, found);
        for (int i = 0; i < expected.Count; i++)
            Assert.AreEqual(double.CreateChecked(expected[i]), double.CreateChecked(found[i]), tolerance, $"value {i}");
    }
}
