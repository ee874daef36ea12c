using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Data;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Preprocessing;
using Microsoft.ML.KerasSequential.Utils;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>
/// Sizes near 2³¹: a batch larger than the data is reduced to it, sizes that cannot be held are errors that name them,
/// and many steps cost nothing before they run.
/// </summary>
[TestClass]
public sealed class SizeTests
{
    const int Huge = int.MaxValue;

    static readonly NDArray s_x = new float[,] { { 1, 2 }, { 0, 1 }, { 2, 2 }, { 3, 1 }, { 1, 0 } },
        s_y = new float[,] { { 1 }, { 0 }, { 1 }, { 1 }, { 0 } };

    [TestMethod]
    [DataRow(5)]
    [DataRow(6)]
    [DataRow(Huge - 4)]
    [DataRow(Huge - 1)]
    [DataRow(Huge)]
    public void A_batch_larger_than_the_data_uses_all_data(int batchSize)
    {
        using Sequential model = Model(), whole = Model();
        CollectionAssert.AreEqual(whole.Predict(s_x, batchSize: 5).ToArray(),
            model.Predict(s_x, batchSize: batchSize).ToArray());
        CollectionAssert.AreEqual(whole.PredictClasses(s_x, batchSize: 5).ToArray(),
            model.PredictClasses(s_x, batchSize: batchSize).ToArray());
        Assert.AreEqual(whole.Evaluate(s_x, s_y, batchSize: 5, verbose: 0)[0],
            model.Evaluate(s_x, s_y, batchSize: batchSize, verbose: 0)[0]);
        foreach (Shuffle shuffle in new Shuffle[] { true, false, "batch" })
        {
            double[] expected = [
                .. whole.Fit(s_x, s_y, batchSize: 5, epochs: 3, verbose: 0, shuffle: shuffle,
                    validationData: (s_x, s_y))["val_loss"]];
            History actual = model.Fit(s_x, s_y, batchSize: batchSize, epochs: 3, verbose: 0, shuffle: shuffle,
                validationData: (s_x, s_y));
            CollectionAssert.AreEqual(expected, actual["val_loss"].ToArray());
            Assert.IsGreaterThan(0, actual["loss"][0]);
        }
    }

    [TestMethod]
    public void A_batch_larger_than_the_data_uses_all_data_where_ranks_have_their_own_rows()
    {
        double[] huge = Train(Huge), whole = Train(5);
        CollectionAssert.AreEqual(whole, huge);

        static double[] Train(int batchSize) => ThreadRanks.Run(2, ranks =>
        {
            using Sequential model = Model();
            model.Distribute = ranks;
            int[] own = [.. Enumerable.Range(0, 5).Where(row => row % 2 == ranks.Rank)];
            var rows = new DealtRows(NDArray.Concatenate([.. own.Select(r => s_x.Slice(r, 1))]),
                NDArray.Concatenate([.. own.Select(r => s_y.Slice(r, 1))]), null, 5, 0);
            return model.FitDealt(rows, rows, batchSize, 2, 0, [], true, 0, null, null, default)["loss"].ToArray();
        })[0];
    }

    [TestMethod]
    public void Generators_take_batches_larger_than_their_data_too()
    {
        var images = new NDArray(3, 2, 2, 1);
        BatchSequence flow = new ImageDataGenerator().Flow(images, batchSize: Huge);
        Assert.AreEqual(1, flow.Count);
        Assert.AreEqual(3, flow[0].X.Shape[0]);
        flow = new ImageDataGenerator().Flow(images, batchSize: Huge - 1);
        Assert.AreEqual(3, flow[0].X.Shape[0]);

        NDArray series = new float[,] { { 1 }, { 2 }, { 3 }, { 4 } };
        var windows = new TimeseriesGenerator(series, series, length: 2, batchSize: Huge);
        Assert.AreEqual(1, windows.Count);
        CollectionAssert.AreEqual(new[] { 2, 2, 1 }, windows[0].X.Shape.ToArray());
        windows = new TimeseriesGenerator(series, series, length: 2, samplingRate: Huge, stride: Huge, batchSize: Huge);
        Assert.AreEqual(1, windows.Count);
        CollectionAssert.AreEqual(new[] { 1, 1, 1 }, windows[0].X.Shape.ToArray());
        Assert.ThrowsExactly<ArgumentException>(
            () => new TimeseriesGenerator(series, series, length: 2, shuffle: true, batchSize: Huge));
    }

    [TestMethod]
    public void The_largest_number_of_steps_starts_immediately_and_uses_no_memory()
    {
        using Sequential model = Model();
        var endless = new Endless();
        var stop = new Stop();
        Action[] runs =
        [
            () => model.Fit(s_x, s_y, stepsPerEpoch: Huge, epochs: Huge, verbose: 1, callbacks: [stop]),
            () => model.Fit(s_x, s_y, stepsPerEpoch: Huge, epochs: 1, verbose: 0, callbacks: [stop],
                validationData: (s_x, s_y), validationSteps: 2),
            () => model.Fit(s_x, s_y, epochs: Huge, initialEpoch: Huge - 1, verbose: 2, callbacks: [stop]),
            () => model.Fit(s_x, s_y, epochs: 2, initialEpoch: Huge, verbose: 0),
            () => model.Fit(Batches(), stepsPerEpoch: Huge, epochs: Huge, verbose: 0, callbacks: [stop],
                maxQueueSize: 4, workers: Huge),
            () => model.Fit(endless, epochs: Huge, verbose: 1, callbacks: [stop], shuffle: false, maxQueueSize: 4,
                workers: 2),
            () => model.Fit(endless, stepsPerEpoch: 2, verbose: 0, shuffle: false, workers: 0),
            () => model.Fit([(s_x, s_y)], epochs: 2, verbose: 0, maxQueueSize: Huge, workers: Huge),
            () => Assert.ThrowsExactly<OperationCanceledException>(
                () => Cancelled(
                    (hook, token) =>
                        model.Evaluate(s_x, s_y, steps: Huge, verbose: 1, callbacks: [hook],
                            cancellationToken: token))),
            () => Assert.ThrowsExactly<OperationCanceledException>(
                () => Cancelled(
                    (hook, token) =>
                        model.Evaluate(endless, steps: Huge, verbose: 0, callbacks: [hook], workers: 0,
                            cancellationToken: token))),
            () => Assert.ThrowsExactly<OperationCanceledException>(
                () => Cancelled(
                    (hook, token) =>
                        model.Predict(endless, steps: Huge, verbose: 1, callbacks: [hook], workers: 0,
                            cancellationToken: token))),
        ];
        TextWriter console = Console.Out;
        Console.SetOut(TextWriter.Null);
        try
        {
            for (int i = 0; i < runs.Length; i++)
            {
                long before = GC.GetTotalAllocatedBytes();
                runs[i]();
                Assert.IsLessThan(64L << 20, GC.GetTotalAllocatedBytes() - before, $"bytes of run {i}");
            }
        }
        finally
        {
            Console.SetOut(console);
        }
    }

    public static IEnumerable<object[]> TooLarge => s_tooLarge.Select(c => new object[] { c.Name });

    static readonly (string Name, string[] Words, Action Act)[] s_tooLarge =
    [
        ("an array", [$"({Huge}, 2)"], () => _ = new NDArray(Huge, 2)),
        ("an array of more than .NET can hold", [$"({Huge},)"], () => _ = new NDArray(Huge)),
        ("an array whose product wraps round to few", ["(65536, 65536, 1)"], () => _ = new NDArray(65536, 65536, 1)),
        ("an array of data", ["(65536, 65536)"], () => _ = new NDArray(new float[1], 65536, 65536)),
        ("a view", ["65536"], () => s_x.Reshape(65536, 65536, -1)),
        ("sequences", [$"(2, {Huge})"], () => Sequence.PadSequences(new[] { new[] { 1 }, [2] }, maxlen: Huge)),
        ("categories", ["1000000000"], () => NpUtils.ToCategorical(new float[] { 1, 2, 3 }, 1_000_000_000)),
        ("a table of chances", [$"({Huge},)"], () => Sequence.MakeSamplingTable(Huge)),
        ("predictions", [$"{Huge} passes over 5 samples"], () => Model().Predict(s_x, steps: Huge)),
        ("a sequence to shuffle", [$"{Huge} batches"], () => Model().Fit(new Endless(), stepsPerEpoch: 2, verbose: 0)),
        ("a dense kernel", ["(2, 2147483647)"], () => Build(new Dense(Huge, inputShape: [2]))),
        ("a dense kernel of one input", ["(1, 2147483647)"], () => Build(new Dense(Huge, inputShape: [1]))),
        ("a dense kernel that wraps round", ["(65536, 65536)"], () => Build(new Dense(65536, inputShape: [65536]))),
        ("a table of words", [$"({Huge}, 64)"], () => Build(new Embedding(Huge, 64, inputLength: 3))),
        ("a table of words that wraps round", ["(65536, 65537)"],
            () => Build(new Embedding(65536, 65537, inputLength: 3))),
        ("recurrent units", [$"{1 << 30} units"], () => Build(new LSTM(1 << 30, inputShape: [3, 1]))),
        ("gated units", [$"{1 << 30} units"], () => Build(new GRU(1 << 30, inputShape: [3, 1]))),
        ("recurrent filters", [$"{1 << 30} filters"],
            () => Build(new ConvLSTM2D(1 << 30, (1, 1), inputShape: [2, 2, 2, 1]))),
        ("filters", [$"(3, 3, 2, {1 << 28})"], () => Build(new Conv2D(1 << 28, (3, 3), inputShape: [4, 4, 2]))),
        ("a kernel", [$"{Huge}"], () => Build(new Conv1D(2, Huge, inputShape: [4, 2]))),
        ("a dilated kernel", [$"{1 << 30}"], () => Build(new Conv1D(2, 3, dilationRate: 1 << 30, inputShape: [4, 2]))),
        ("a dilated kernel with padding", [$"{1 << 30}"],
            () => Build(new Conv1D(2, 5, padding: "same", dilationRate: 1 << 30, inputShape: [4, 2]))),
        ("a causal kernel", [$"{1 << 30}"],
            () => Build(new Conv1D(2, 4, padding: "causal", dilationRate: 1 << 30, inputShape: [4, 2]))),
        ("a transposed kernel", [$"{1 << 30}"],
            () => Build(new Conv2DTranspose(2, (2, 2), strides: (1 << 30, 1), inputShape: [4, 4, 2]))),
        ("kernels of channels", [$"{1 << 30}"],
            () => Build(new DepthwiseConv2D((1, 1), depthMultiplier: 1 << 30, inputShape: [4, 4, 4]))),
        ("separable kernels", [$"{1 << 30}"],
            () => Build(new SeparableConv2D(2, (1, 1), depthMultiplier: 1 << 30, inputShape: [4, 4, 4]))),
        ("local kernels", ["65534", "8"], () => Build(new LocallyConnected1D(8192, 3, inputShape: [65536, 8]))),
        ("heads", [$"({1 << 20}, {1 << 20})"],
            () => Build(new MultiHeadAttention(1 << 20, 1 << 20, inputShape: [2, 2]))),
        ("padding", [$"{Huge}"], () => Build(new ZeroPadding1D((Huge, Huge), inputShape: [2, 2]))),
        ("padding of free places", [$"{Huge}"],
            () => Build(new ZeroPadding2D(((Huge, Huge), (0, 0)), inputShape: [2, null, 2]))),
        ("cropping", ["fit"], () => Build(new Cropping1D((Huge, Huge), inputShape: [2, 2]))),
        ("places", [$"{1L << 32}"], () => Build(new UpSampling1D(1 << 30, inputShape: [4, 2]))),
        ("places of free sizes", [$"{1L << 32}"],
            () => Build(new UpSampling2D((1 << 30, 1), interpolation: "bilinear", inputShape: [4, null, 2]))),
        ("pooling", [$"{Huge}"], () => Build(new MaxPooling1D(Huge, padding: "valid", inputShape: [4, 2]))),
        ("a flat vector", [$"{1L << 40}"],
            () => Build(new RepeatVector(1 << 20, inputShape: [1 << 20]), new Flatten())),
        ("a flat vector that is reshaped", [$"{1L << 40}"],
            () => Build(new RepeatVector(1 << 20, inputShape: [1 << 20]), new Reshape([1 << 20, 1 << 20, 1]))),
        ("repeated rows", [$"{Huge}"], () => Predict(2, new RepeatVector(Huge, inputShape: [1]))),
        ("memory of a step", ["A step needs memory for"],
            () => Predict(1, new RepeatVector(1 << 30, inputShape: [1]), new Lambda(x => K.Reverse(x, 1)))),
        ("a batch of a stateful model", [$"({Huge}, 3)"],
            () => Build(new Dense(3, batchInputShape: [Huge, 2]), new Lambda(x => K.Flatten(x)))),
        ("joined tensors", [$"{2L * Huge}"],
            () => K.Concatenate([K.Placeholder(null, Huge), K.Placeholder(null, Huge)])),
        ("a slice", [$"{2L * Huge - 1}"], () => K.Slice(K.Placeholder(null, 8), 1, Huge, Huge)),
        ("a reshaped tensor", [$"{1L << 32}"], () => K.Reshape(K.Placeholder(4, 4), 65536, 65536)),
    ];

    [TestMethod]
    [DynamicData(nameof(TooLarge))]
    public void Sizes_that_cannot_be_held_are_an_error_that_names_them(string name)
    {
        (_, string[] words, Action act) = s_tooLarge.Single(c => c.Name == name);
        long before = GC.GetTotalAllocatedBytes();
        ArgumentException e = Assert.Throws<ArgumentException>(act);
        foreach (string word in words) Assert.Contains(word, e.Message, StringComparison.Ordinal);
        Assert.IsLessThan(64L << 20, GC.GetTotalAllocatedBytes() - before);
    }

    [TestMethod]
    public void Counts_in_files_that_exceed_memory_are_errors_of_the_file()
    {
        using Sequential model = Model();
        float[] weights = model.GetWeights()[0].ToArray();
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        foreach (string shape
            in new[] { "2147483647, 2147483647", "4294967296, 4294967296, 4294967296, 2", "65536, 65536",
                "9223372036854775807," })
        {
            string npy = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({shape}), }}\n";
            using (var zip =
                System.IO.Compression.ZipFile.Open(path + ".npz", System.IO.Compression.ZipArchiveMode.Create))
            using (Stream entry = zip.CreateEntry("dense/kernel.npy").Open())
                entry.Write(
                    [0x93, .. "NUMPY"u8, 1, 0, (byte)npy.Length, 0, .. System.Text.Encoding.ASCII.GetBytes(npy), 0, 0,
                        0, 0]);
            Assert.Throws<InvalidDataException>(() => model.LoadWeights(path + ".npz"), shape);
            File.Delete(path + ".npz");

            string json =
                $$$"""{"dense/kernel":{"dtype":"F32","shape":[{{{shape.TrimEnd(',')}}}],"data_offsets":[0,4]}}""";
            File.WriteAllBytes(path + ".safetensors",
                [.. BitConverter.GetBytes((long)json.Length), .. System.Text.Encoding.ASCII.GetBytes(json), 0, 0,
                    0, 0]);
            Assert.Throws<InvalidDataException>(() => model.LoadWeights(path + ".safetensors"), shape);
            File.Delete(path + ".safetensors");
        }
        CollectionAssert.AreEqual(weights, model.GetWeights()[0].ToArray());
    }

    static Sequential Model()
    {
        var model = new Sequential(
            [new Dense(3, activation: "tanh", inputShape: [2]), new Dense(1, activation: "sigmoid")])
        { Seed = 3 };
        model.SetWeights(
            [new float[,] { { 0.1f, -0.2f, 0.3f }, { 0.4f, 0.5f, -0.6f } }, new float[3],
                new float[,] { { 0.7f }, { -0.8f }, { 0.9f } }, new float[1]]);
        model.Compile("sgd", "binary_crossentropy");
        return model;
    }

    static void Build(params Layer[] layers)
    {
        using var model = new Sequential(layers);
    }

    static void Predict(int rows, params Layer[] layers)
    {
        using var model = new Sequential(layers);
        model.Predict(new NDArray(rows, 1));
    }

    static IEnumerable<Batch> Batches()
    {
        while (true) yield return (s_x, s_y);
    }

    static void Cancelled(Action<Callback, CancellationToken> run)
    {
        using var source = new CancellationTokenSource();
        run(new LambdaHook(source.Cancel), source.Token);
    }

    /// <summary>The maximum number of batches.</summary>
    sealed class Endless : BatchSequence
    {
        public override int Count => Huge;

        public override Batch this[int index] => (s_x, s_y);
    }

    /// <summary>Stops training at its third batch, or at the end of its epoch.</summary>
    sealed class Stop : Callback
    {
        public override void OnTrainBatchEnd(int batch, IReadOnlyDictionary<string, double> logs) =>
            Model.StopTraining |= batch == 2;

        public override void OnEpochEnd(int epoch, IDictionary<string, double> logs) => Model.StopTraining = true;
    }

    sealed class LambdaHook(Action act) : Callback
    {
        public override void OnTestBatchEnd(int batch, IReadOnlyDictionary<string, double> logs) => act();

        public override void OnPredictBatchEnd(int batch, IReadOnlyDictionary<string, double> logs) => act();
    }
}
