using System.Collections.Concurrent;
using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Optimizers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Data in batches: sequences, enumerations, named arrays, data that the model holds.</summary>
[TestClass]
public sealed class BatchTests
{
    const int Rows = 22, Size = 5, Batches = 5;

    static readonly NDArray s_x = Values(Rows, 3, 1), s_y = Values(Rows, 1, 2);

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(4)]
    public void Batches_train_as_the_arrays_do_whatever_the_number_of_workers(int workers)
    {
        using Sequential arrays = Model(), sequence = Model(), list = Model(), endless = Model();
        History expected =
            arrays.Fit(s_x, s_y, batchSize: Size, epochs: 3, verbose: 0, shuffle: false, validationData: (s_x, s_y));
        var batches = new Slices();
        AssertSame(
            expected,
            sequence.Fit(batches, epochs: 3, verbose: 0, shuffle: false, validationData: new Slices(), workers: workers,
                maxQueueSize: 3));
        AssertSame(
            expected,
            list.Fit(batches.ToList(), epochs: 3, verbose: 0, validationData: batches.ToList(), workers: workers));
        AssertSame(
            expected,
            endless.FitGenerator(Forever(batches), stepsPerEpoch: Batches, epochs: 3, verbose: 0,
                validationData: (s_x, s_y), workers: workers));
        foreach (Sequential model in new[] { sequence, list, endless })
            CollectionAssert.AreEqual(arrays.GetWeights()[0].ToArray(), model.GetWeights()[0].ToArray());

        double[] judged = [.. arrays.Evaluate(s_x, s_y, batchSize: Size, verbose: 0).Values];
        CollectionAssert.AreEqual(judged, sequence.Evaluate(batches, verbose: 0, workers: workers).Values.ToArray());
        CollectionAssert.AreEqual(
            judged, sequence.EvaluateGenerator(Forever(batches), steps: Batches, workers: workers).Values.ToArray());
        CollectionAssert.AreEqual(arrays.Predict(s_x).ToArray(), sequence.Predict(batches, workers: workers).ToArray());
        CollectionAssert.AreEqual(arrays.Predict(s_x).ToArray(),
            sequence.PredictGenerator(batches.ToList(), workers: workers).ToArray());
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(3)]
    public void A_sequence_is_used_once_per_epoch_and_notified_of_each_end(int workers)
    {
        using Sequential model = Model();
        var batches = new Slices();
        model.Fit(batches, epochs: 4, verbose: 0, workers: workers);
        Assert.AreEqual(4, batches.Ends);
        CollectionAssert.AreEqual(Enumerable.Range(0, Batches).SelectMany(i => Enumerable.Repeat(i, 4)).ToArray(),
            batches.Asked.Order().ToArray());
        if (workers > 0) return;
        int[][] orders = [.. batches.Asked.Chunk(Batches)];
        Assert.IsTrue(orders.Skip(1).Any(o => !o.SequenceEqual(orders[0])), "The order of batches never changed.");
        Assert.IsTrue(orders.All(o => o.Order().SequenceEqual(Enumerable.Range(0, Batches))));
    }

    [TestMethod]
    public void Steps_can_be_fewer_than_batches_and_the_next_epoch_continues()
    {
        using Sequential model = Model();
        var batches = new Slices();
        model.Fit(batches, epochs: 3, stepsPerEpoch: 2, shuffle: false, verbose: 0, workers: 0);
        CollectionAssert.AreEqual(new[] { 0, 1, 2, 3, 4, 0 }, batches.Asked.ToArray());
        Assert.AreEqual(1, batches.Ends);
    }

    [TestMethod]
    public void Batches_are_prepared_during_training_no_further_ahead_than_the_queue_allows()
    {
        using Sequential model = Model();
        var batches = new Slices(40);
        int ahead = 0;
        model.Fit(batches, verbose: 0, shuffle: false, workers: 2, maxQueueSize: 3,
            callbacks: [new Watch(batch =>
            {
                Thread.Sleep(2);
                ahead = Math.Max(ahead, batches.Asked.Count - (batch + 1));
            })]);
        Assert.IsGreaterThan(0, ahead);
        Assert.IsLessThanOrEqualTo(3, ahead);
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(2)]
    public void An_exception_in_a_generator_keeps_its_stack_trace_and_the_model_stays_usable(int workers)
    {
        using Sequential model = Model();
        FormatException e = Assert.ThrowsExactly<FormatException>(
            () => model.Fit(new Slices { FailAt = 3 }, verbose: 0, shuffle: false, workers: workers));
        Assert.Contains(nameof(Slices), e.StackTrace!);
        Assert.ThrowsExactly<FormatException>(
            () => model.Fit(Failing(), stepsPerEpoch: 4, verbose: 0, workers: workers));
        Assert.AreEqual(0, Threads());
        model.Fit(new Slices(), verbose: 0);

        static IEnumerable<Batch> Failing()
        {
            yield return new Slices()[0];
            throw new FormatException("no more");
        }
    }

    [TestMethod]
    public void Canceling_stops_training_and_threads_also_while_a_batch_is_awaited()
    {
        using Sequential model = Model();
        using var source = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(
            () => model.Fit(new Slices { Before = i => { if (i == 2) source.Cancel(); Thread.Sleep(20); } }, verbose: 0,
                shuffle: false, workers: 2, cancellationToken: source.Token));
        Assert.AreEqual(0, Threads());
        Assert.IsLessThan(3, model.Optimizer!.Iterations);
        model.Fit(s_x, s_y, verbose: 0);
    }

    [TestMethod]
    public void Invalid_batches_are_rejected_before_anything_changes()
    {
        using Sequential model = Model(), twin = Model();
        Assert.Contains("steps_per_epoch",
            Assert.Throws<ArgumentException>(() => model.Fit(Forever(new Slices()), verbose: 0)).Message);
        Assert.Contains("ran out of data after 5".Replace("ran out of data", "ran out"),
            Assert.Throws<ArgumentException>(() => twin.Fit(Once(new Slices()), stepsPerEpoch: 6, verbose: 0)).Message);
        Assert.Throws<ArgumentException>(() => model.Fit(new List<Batch> { new(s_x) }, verbose: 0));
        Assert.Throws<ArgumentException>(
            () => model.Fit(new List<Batch> { (Values(3, 4, 1), Values(3, 1, 1)) }, verbose: 0));
        Assert.Throws<ArgumentException>(() => model.Fit(new Slices(0), verbose: 0));
        Assert.Throws<ArgumentException>(() => model.Evaluate(new List<Batch>(), verbose: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => model.Fit(new Slices(), maxQueueSize: 0));
        Assert.AreEqual(0, model.Optimizer!.Iterations);
        Assert.AreEqual(0, Threads());
    }

    [TestMethod]
    public void A_stop_before_the_first_batch_ends_the_training_without_a_step()
    {
        using Sequential model = Model();
        History history = model.Fit(new Slices(), epochs: 3, verbose: 0,
            callbacks: [new LambdaCallback(onEpochBegin: _ => model.StopTraining = true)]);
        Assert.HasCount(1, history.Epoch);
        Assert.AreEqual(0, model.Optimizer!.Iterations);
    }

    [TestMethod]
    public void Arrays_can_be_given_by_name_or_as_lists()
    {
        using Sequential arrays = Model(), named = Model(), listed = Model(), batch = Model();
        History expected = arrays.Fit(s_x, s_y, epochs: 2, verbose: 0, shuffle: false);
        var x = new Dictionary<string, NDArray> { ["dense_1_input"] = s_x, ["unused"] = s_y };
        var y = new Dictionary<string, NDArray> { ["dense_1"] = s_y };
        AssertSame(expected, named.Fit(x, y, epochs: 2, verbose: 0, shuffle: false));
        AssertSame(expected, listed.Fit([s_x], [s_y], epochs: 2, verbose: 0, shuffle: false));
        var all = new Batch(x, y);
        batch.Fit(new List<Batch> { all }, epochs: 1, verbose: 0);
        CollectionAssert.AreEqual(arrays.Evaluate(s_x, s_y, verbose: 0).Values.ToArray(),
            named.Evaluate(x, y, verbose: 0).Values.ToArray());
        CollectionAssert.AreEqual(arrays.Predict(s_x).ToArray(), listed.Predict([s_x]).ToArray());
        CollectionAssert.AreEqual(arrays.Predict(s_x).ToArray(), named.Predict(x).ToArray());
        CollectionAssert.AreEqual(arrays.TrainOnBatch(s_x, s_y).Values.ToArray(),
            named.TrainOnBatch(x, y).Values.ToArray());
        CollectionAssert.AreEqual(arrays.TestOnBatch(s_x, s_y).Values.ToArray(),
            named.TestOnBatch(x, y).Values.ToArray());
        Assert.Contains("dense_1_input", Assert.Throws<ArgumentException>(() => named.Fit(y, y, verbose: 0)).Message);
        Assert.Contains("1 array",
            Assert.Throws<ArgumentException>(() => named.Fit(new NDArray[] { s_x, s_x }, [s_y], verbose: 0)).Message);
    }

    [TestMethod]
    public void Arguments_of_compile_can_be_given_alone_as_lists_or_by_output_name()
    {
        NDArray x = Values(4, 6, 1).Reshape(4, 2, 3), y = Values(4, 2, 2).Reshape(4, 2, 1), weight = Values(4, 2, 3);
        using Sequential single = Steps(), listed = Steps(), named = Steps();
        single.Compile("sgd", "mse", metrics: "mae", lossWeights: 0.5, sampleWeightMode: "temporal",
            weightedMetrics: "mae");
        listed.Compile("sgd", ["mse"], metrics: ["mae"], lossWeights: new[] { 0.5 },
            sampleWeightMode: new[] { "temporal" }, weightedMetrics: ["mae"]);
        named.Compile("sgd", new Dictionary<string, Losses.Loss> { ["dense_1"] = "mse" },
            metrics: new Dictionary<string, Metrics.Metric[]> { ["dense_1"] = ["mae"] },
            lossWeights: new Dictionary<string, double> { ["dense_1"] = 0.5 },
            sampleWeightMode: new Dictionary<string, string?> { ["dense_1"] = "temporal" },
            weightedMetrics: new Dictionary<string, Metrics.Metric[]> { ["dense_1"] = ["mae"] });
        double[] expected = [.. single.TrainOnBatch(x, y, weight).Values];
        CollectionAssert.AreEqual(expected, listed.TrainOnBatch(x, y, weight).Values.ToArray());
        CollectionAssert.AreEqual(expected, named.TrainOnBatch(x, y, weight).Values.ToArray());
        Assert.Contains("dense_9",
            Assert.Throws<ArgumentException>(
                () => named.Compile("sgd", "mse",
                    sampleWeightMode: new Dictionary<string, string?> { ["dense_9"] = null })).Message);
        Assert.Throws<ArgumentException>(() => named.Compile("sgd", "mse", sampleWeightMode: "spatial"));
        // A model without an input shape learns its output's name with the first data.
        using var deferred = new Sequential([new Dense(1)]);
        deferred.Compile("sgd", "mse", sampleWeightMode: new Dictionary<string, string?> { ["dense_9"] = null });
        Assert.Contains("dense_9", Assert.Throws<ArgumentException>(() => deferred.Fit(x, y, verbose: 0)).Message);

        static Sequential Steps() => new([new Dense(1, kernelInitializer: "ones", inputShape: [2, 3])]);
    }

    [TestMethod]
    public void Data_held_by_the_model_is_used_in_calls_without_data()
    {
        using Sequential arrays = Model(), constant = Model(), variable = Model(), held = Model();
        History expected = arrays.Fit(s_x, s_y, batchSize: Size, epochs: 2, verbose: 0, shuffle: false);
        constant.Compile(new SGD(0.1), "mse", metrics: "mae", targetTensors: K.Constant(s_y));
        AssertSame(expected, constant.Fit(s_x, batchSize: Size, epochs: 2, verbose: 0, shuffle: false));
        variable.Compile(new SGD(0.1), "mse", metrics: "mae",
            targetTensors: new Dictionary<string, Tensor> { ["dense_1"] = K.Variable(s_y) });
        AssertSame(expected, variable.Fit(s_x, batchSize: Size, epochs: 2, verbose: 0, shuffle: false));
        held.Compile(new SGD(0.1), "mse", metrics: "mae", targetTensors: new Slices());
        AssertSame(expected, held.Fit(x: null, y: null, epochs: 2, verbose: 0, shuffle: false));
        Assert.AreEqual(arrays.Evaluate(s_x, s_y, verbose: 0)[0], held.Evaluate(verbose: 0)[0], 1e-6);

        using Sequential plain = Model();
        Assert.Throws<ArgumentNullException>(() => plain.Fit());
        Assert.Throws<ArgumentException>(() => plain.Compile("sgd", "mse", targetTensors: K.Placeholder(null, 1)));
        Assert.Throws<ArgumentException>(
            () => plain.Compile("sgd", "mse",
                targetTensors: new Dictionary<string, Tensor> { ["dense_9"] = K.Constant(s_y) }));
        plain.Fit(s_x, s_y, verbose: 0);
    }

    static Sequential Model()
    {
        var model = new Sequential([new Dense(1, kernelInitializer: "ones", inputShape: [3])]);
        model.Compile(new SGD(0.1), "mse", metrics: "mae");
        return model;
    }

    static NDArray Values(int rows, int columns, int seed)
    {
        var random = new Random(seed);
        var array = new NDArray(rows, columns);
        foreach (ref float value in array.Span) value = random.NextSingle();
        return array;
    }

    static IEnumerable<Batch> Forever(Slices batches)
    {
        while (true)
            foreach (Batch batch in Once(batches)) yield return batch;
    }

    static IEnumerable<Batch> Once(Slices batches)
    {
        for (int i = 0; i < batches.Count; i++) yield return batches[i];
    }

    static int Threads() => Data.BatchQueue.Running;

    static void AssertSame(History expected, History actual)
    {
        CollectionAssert.AreEqual(expected.Keys.ToArray(), actual.Keys.ToArray());
        foreach (string key in expected.Keys)
            for (int i = 0; i < expected[key].Count; i++)
                Assert.AreEqual(expected[key][i], actual[key][i], 1e-6, $"{key}[{i}]");
    }

    sealed class Watch(Action<int> before) : Callback
    {
        public override void OnTrainBatchBegin(int batch, IReadOnlyDictionary<string, double> logs) => before(batch);
    }

    /// <summary>The rows of the test data, five at a time.</summary>
    sealed class Slices(int count = Batches) : BatchSequence
    {
        public ConcurrentQueue<int> Asked { get; } = [];

        public int Ends { get; private set; }

        public int FailAt { get; init; } = -1;

        public Action<int>? Before { get; init; }

        public override int Count => count;

        public override Batch this[int index]
        {
            get
            {
                Asked.Enqueue(index);
                Before?.Invoke(index);
                if (index == FailAt) throw new FormatException("batch 3 is broken");
                int start = index % Batches * Size, rows = Math.Min(Size, Rows - start);
                return (s_x.Slice(start, rows), s_y.Slice(start, rows));
            }
        }

        public override void OnEpochEnd() => Ends++;

        public List<Batch> ToList() => [.. Enumerable.Range(0, Count).Select(i => this[i])];
    }
}
