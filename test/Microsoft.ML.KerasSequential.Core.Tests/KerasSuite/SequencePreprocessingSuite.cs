using Microsoft.ML.KerasSequential.Preprocessing;
using Microsoft.ML.KerasSequential.Utils;

namespace Microsoft.ML.KerasSequential.Tests.KerasSuite;

/// <summary>The requirements of Keras' own tests of sequences, series and classes.</summary>
[TestClass]
public sealed class SequencePreprocessingSuite
{
    [TestMethod]
    public void Sequences_of_vectors_are_padded_and_cut_at_either_end()
    {
        float[][][] sequences = [[[5, 6]], [[1, 2], [3, 4]], [[7, 8], [9, 10], [11, 12]]];
        Check(Sequence.PadSequences(sequences), [3, 3, 2], 0, 0, 0, 0, 5, 6, 0, 0, 1, 2, 3, 4, 7, 8, 9, 10, 11, 12);
        Check(Sequence.PadSequences(sequences, padding: "post", value: -1), [3, 3, 2], 5, 6, -1, -1, -1, -1, 1, 2, 3, 4,
            -1, -1, 7, 8, 9, 10, 11, 12);
        Check(Sequence.PadSequences(sequences, maxlen: 2), [3, 2, 2], 0, 0, 5, 6, 1, 2, 3, 4, 9, 10, 11, 12);
        Check(Sequence.PadSequences(sequences, maxlen: 2, truncating: "post"), [3, 2, 2], 0, 0, 5, 6, 1, 2, 3, 4, 7, 8,
            9, 10);
        // The same as arrays, including empty sequences.
        float[,] one = { { 5, 6 } }, two = { { 1, 2 }, { 3, 4 } };
        Check(Sequence.PadSequences([one, two, new NDArray(0, 2)]), [3, 2, 2], 0, 0, 5, 6, 1, 2, 3, 4, 0, 0, 0, 0);
        Check(Sequence.PadSequences(new List<NDArray> { new(0), new(1, 2, 2) }, value: 3), [2, 1, 2, 2], 3, 3, 3, 3, 0,
            0, 0, 0);
        Check(Sequence.PadSequences(new List<NDArray>()), [0, 0]);
        // Numbers go where they went.
        int[] ids = [1, 2], others = [3];
        Check(Sequence.PadSequences([ids, others]), [2, 2], 1, 2, 0, 3);
        Check(Sequence.PadSequences([[1, 2], [3]], padding: "post"), [2, 2], 1, 2, 3, 0);
    }

    [TestMethod]
    public void Steps_of_different_shapes_are_rejected()
    {
        Assert.Contains("sequence 1", Error(() => Sequence.PadSequences([new NDArray(1, 2), new NDArray(1, 3)])));
        Assert.Contains("sequence 0",
            Error(() => Sequence.PadSequences(new[] { new[] { new[] { 1 }, new[] { 1, 2 } } })));
        Assert.Contains("null", Error(() => Sequence.PadSequences(new[] { new[] { new[] { 1 }, null! } })));
        Assert.Contains("null", Error(() => Sequence.PadSequences(new NDArray[] { null! })));
        Assert.Contains("null", Error(() => Sequence.PadSequences(new int[][] { null! })));
        Assert.Contains("single number", Error(() => Sequence.PadSequences(new NDArray[] { 3 })));

        static string Error(Action pad)
        {
            ArgumentException error = Assert.ThrowsExactly<ArgumentException>(pad);
            Assert.AreEqual("sequences", error.ParamName);
            return error.Message;
        }
    }

    [TestMethod]
    public void Pairs_of_words_are_in_the_vocabulary_and_their_labels_can_be_columns()
    {
        (IReadOnlyList<(int Word, int Context)> couples, IReadOnlyList<int> labels) =
            Sequence.Skipgrams([0, 1, 2, 3, 4], 5, windowSize: 1);
        Assert.HasCount(12, couples);
        Assert.IsTrue(couples.All(c => c.Word is >= 1 and < 5 && c.Context is >= 1 and < 5));
        Assert.IsTrue(couples.Where((_, i) => labels[i] == 1).All(c => Math.Abs(c.Word - c.Context) == 1));
        NDArray columns = NpUtils.ToCategorical(labels.ToArray(), 2);
        CollectionAssert.AreEqual(new[] { 12, 2 }, columns.Shape.ToArray());
        for (int i = 0; i < 12; i++) Assert.AreEqual(1, columns[i, labels[i]]);
    }

    [TestMethod]
    public void A_series_is_split_into_windows_according_to_the_settings()
    {
        NDArray series = new([.. Enumerable.Range(0, 40).Select(i => (float)i)], 40, 1);
        TimeseriesGenerator plain = new(series, series, 6, samplingRate: 3, batchSize: 2),
            reversed = new(series, series, 6, samplingRate: 3, reverse: true, batchSize: 2);
        Assert.AreEqual(17, plain.Count);
        Check(plain[1].X, [2, 2, 1], 2, 5, 3, 6);
        Check(plain[1].Y!, [2, 1], 8, 9);
        Check(reversed[1].X, [2, 2, 1], 5, 2, 6, 3);
        TimeseriesGenerator strided = new(series, series, 6, stride: 5, startIndex: 4, endIndex: 30, batchSize: 3);
        Assert.AreEqual(2, strided.Count);
        Check(strided[1].Y!, [2, 1], 25, 30);
        K.SetRandomSeed(2);
        TimeseriesGenerator drawn = new(series, series, 4, shuffle: true, batchSize: 1);
        float[] targets = [.. Enumerable.Range(0, 30).Select(_ => drawn[0]).Select(b =>
        {
            float target = b.Y![0, 0];
            Check(b.X, [1, 4, 1], target - 4, target - 3, target - 2, target - 1);
            return target;
        })];
        Assert.IsTrue(targets.All(t => t is >= 4 and < 40) && targets.Distinct().Count() > 10);
        Assert.Contains("`start_index+length=40 > end_index=39`",
            Assert.ThrowsExactly<ArgumentException>(() => new TimeseriesGenerator(series, series, 40)).Message);
    }

    [TestMethod]
    public void Rows_of_any_shape_can_form_windows()
    {
        NDArray data = RecurrentTests.Values(20, 1, 2, 3), targets = RecurrentTests.Values(20, 3, 2);
        Batch batch = new TimeseriesGenerator(data, targets, 5, samplingRate: 2, startIndex: 3, endIndex: 15,
            batchSize: 2)[1];
        CollectionAssert.AreEqual(new[] { 2, 3, 1, 2, 3 }, batch.X.Shape.ToArray());
        CollectionAssert.AreEqual(new[] { 5, 7, 9 }.SelectMany(row => data.Slice(row, 1).ToArray()).ToArray(),
            batch.X.Slice(0, 1).ToArray());
        CollectionAssert.AreEqual(targets.Slice(10, 2).ToArray(), batch.Y!.ToArray());
    }

    [TestMethod]
    public void No_window_is_left_out()
    {
        NDArray series = new([.. Enumerable.Range(0, 12).Select(i => (float)i)], 12, 1);
        for (int length = 2; length < 12; length++)
        {
            var windows = new TimeseriesGenerator(series, series, length, batchSize: 1);
            CollectionAssert.AreEqual(Enumerable.Range(length, 12 - length).Select(i => (float)i).ToArray(),
                Enumerable.Range(0, windows.Count).SelectMany(i => windows[i].Y!.ToArray()).ToArray());
        }
        foreach ((int stride, int length, int batchSize) in new[] { (1, 3, 4), (4, 2, 3), (5, 5, 2), (3, 1, 6) })
        {
            var inOrder = new TimeseriesGenerator(series, series, length, stride: stride, batchSize: batchSize);
            var drawn =
                new TimeseriesGenerator(series, series, length, stride: stride, batchSize: batchSize, shuffle: true);
            int wanted = (12 - length + stride - 1) / stride, batches = (wanted + batchSize - 1) / batchSize;
            Assert.AreEqual((batches, wanted),
                (inOrder.Count, Enumerable.Range(0, inOrder.Count).Sum(i => inOrder[i].Y!.Shape[0])));
            // Random batches are full.
            Assert.AreEqual((batches, batches * batchSize),
                (drawn.Count, Enumerable.Range(0, drawn.Count).Sum(i => drawn[i].Y!.Shape[0])));
        }
    }

    /// <summary>In the format of Keras' to_json: the series are strings.</summary>
    const string Written = """
        {"class_name": "TimeseriesGenerator",
          "config": {"data": "[[0.5, 1], [1, 2], [2, 3], [3, 4.25], [4, 5], [5, 6]]", "targets": "[0, 1, 2, 3, 4, 5]",
          "length": 2,
        "sampling_rate": 1, "stride": 2, "start_index": 1, "end_index": 5, "shuffle": false, "reverse": true,
        "batch_size": 2}}
        """;

    [TestMethod]
    public void A_window_generator_is_restored_from_JSON()
    {
        TimeseriesGenerator read = Sequence.TimeseriesGeneratorFromJson(Written),
            again = TimeseriesGenerator.FromJson(read.ToJson());
        foreach (TimeseriesGenerator one in new[] { read, again })
        {
            Assert.AreEqual((2, 1, 2, 1, 5, false, true, 2),
                (one.Length, one.SamplingRate, one.Stride, one.StartIndex, one.EndIndex, one.Shuffle, one.Reverse,
                    one.BatchSize));
            Check(one.Data, [6, 2], 0.5f, 1, 1, 2, 2, 3, 3, 4.25f, 4, 5, 5, 6);
            Check(one.Targets, [6], 0, 1, 2, 3, 4, 5);
            Check(one[0].X, [2, 2, 2], 2, 3, 1, 2, 4, 5, 3, 4.25f);
            Check(one[0].Y!, [2], 3, 5);
        }
        Assert.AreEqual(read.ToJson(), again.ToJson());
        Assert.AreEqual("[[0.5,1],[1,2],[2,3],[3,4.25],[4,5],[5,6]]", read.GetConfig()["data"]!.GetValue<string>());
        Assert.ThrowsExactly<InvalidOperationException>(
            () => new TimeseriesGenerator(new float[] { 1, float.NaN, 3 }, new float[3], 1).ToJson());
    }

    [TestMethod]
    [DataRow("{", "not JSON")]
    [DataRow("[]", "generator")]
    [DataRow("""{"class_name": "Tokenizer", "config": {}}""", "Tokenizer")]
    [DataRow("""{"class_name": "TimeseriesGenerator", "config": {}}""", "data")]
    [DataRow("""{"class_name": "TimeseriesGenerator"}""", "data")]
    [DataRow(
        """{"class_name": "TimeseriesGenerator", "config": {"data": "[1, [2]]", "targets": "[1, 2]", "length": 1}}""",
        "data")]
    [DataRow(
        """{"class_name": "TimeseriesGenerator", "config": {"data": "[[1, 2], [2]]", "targets": "[1]", "length": 1}}""",
        "data")]
    [DataRow(
        """{"class_name": "TimeseriesGenerator", "config": {"data": "[1, \"a\"]", "targets": "[1, 2]", "length": 1}}""",
        "data")]
    [DataRow(
        """{"class_name": "TimeseriesGenerator", "config": {"data": "{}", "targets": "[1, 2]", "length": 1}}""",
        "data")]
    [DataRow("""{"class_name": "TimeseriesGenerator", "config": {"data": "[1, 2]", "targets": "[1, 2]"}}""", "length")]
    [DataRow("""{"class_name": "TimeseriesGenerator", "config": {"data": "[1, 2]", "targets": "[1]", "length": 1}}""",
        "same length")]
    public void JSON_of_anything_but_a_window_generator_is_rejected(string json, string named) =>
        Assert.Contains(named, Assert.Throws<ArgumentException>(() => TimeseriesGenerator.FromJson(json)).Message);

    [TestMethod]
    [DataRow(new[] { 1 }, new[] { 1, 5 })]
    [DataRow(new[] { 3 }, new[] { 3, 5 })]
    [DataRow(new[] { 4, 3 }, new[] { 4, 3, 5 })]
    [DataRow(new[] { 5, 4, 3 }, new[] { 5, 4, 3, 5 })]
    [DataRow(new[] { 3, 1 }, new[] { 3, 5 })]
    [DataRow(new[] { 3, 2, 1 }, new[] { 3, 2, 5 })]
    public void Classes_become_one_hot_rows_for_any_shape(int[] shape, int[] expected)
    {
        var random = new Random(4);
        var labels = new NDArray(shape);
        for (int i = 0; i < labels.Size; i++) labels.Span[i] = random.Next(5);
        NDArray rows = NpUtils.ToCategorical(labels, 5);
        CollectionAssert.AreEqual(expected, rows.Shape.ToArray());
        for (int i = 0; i < labels.Size; i++)
        {
            float[] row = rows.Span.Slice(5 * i, 5).ToArray();
            Assert.AreEqual((1f, 1), (row.Sum(), row.Count(v => v != 0)));
            Assert.AreEqual(labels.Span[i], Array.IndexOf(row, 1f));
        }
    }

    static void Check(NDArray actual, int[] shape, params float[] values)
    {
        CollectionAssert.AreEqual(shape, actual.Shape.ToArray());
        CollectionAssert.AreEqual(values, actual.ToArray());
    }
}
