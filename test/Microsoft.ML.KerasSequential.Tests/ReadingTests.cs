using Microsoft.ML.Data;
using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>How rows are read for the network.</summary>
[TestClass]
public sealed class ReadingTests
{
    static readonly MLContext s_ml = new(seed: 1);

    sealed class Mixed
    {
        [VectorType(3)]
        public VBuffer<float> Sparse { get; set; }

        [VectorType(2)]
        public double[] Doubles { get; set; } = [];

        public bool Flag { get; set; }

        [KeyType(5)]
        public uint Key { get; set; }

        public short Small { get; set; }

        [VectorType(2)]
        public bool[] Flags { get; set; } = [];

        public float Label { get; set; }
    }

    static readonly string[] s_all = ["Sparse", "Doubles", "Flag", "Key", "Small", "Flags"];

    static IDataView MixedRows => s_ml.Data.LoadFromEnumerable(new Mixed[]
    {
        new() { Sparse = new VBuffer<float>(3, 1, [7f], [1]), Doubles = [1.5, -2], Flag = true, Key = 3, Small = -4,
            Flags = [false, true], Label = 1 },
        new() { Sparse = new VBuffer<float>(3, [1f, 2, 3]), Doubles = [0, 0], Flag = false, Key = 99, Small = 9,
            Flags = [true, false], Label = 2 },
    });

    /// <summary>A network that returns its input shows what it received.</summary>
    static Sequential Identity(int size) => new([new Activation("linear", inputShape: [size])]);

    [TestMethod]
    public void Columns_of_all_types_are_concatenated()
    {
        KerasSequentialTransformer transformer = s_ml.Transforms.KerasSequential(Identity(10),
            new() { FeatureColumnNames = s_all, Epochs = 0 }).Fit(MixedRows);
        float[] expected = [0, 7, 0, 1.5f, -2, 1, 4, -4, 0, 1, 1, 2, 3, 0, 0, 0, 0, 9, 1, 0];
        CollectionAssert.AreEqual(expected, FreshProcess.Scores(transformer.Transform(MixedRows), "Score"));
        CollectionAssert.AreEqual(s_all, transformer.FeatureColumnNames.ToArray());
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => transformer.FeatureColumnName).Message,
            "Concatenate");
        EstimatorlessTraining(
            s_ml.Regression.Trainers.KerasSequential([new Dense(1)], new() { FeatureColumnNames = s_all }));

        static void EstimatorlessTraining(KerasSequentialTrainer trainer) =>
            Assert.AreEqual(11, trainer.Fit(MixedRows).Model.CountParams());
    }

    sealed class Gap
    {
        [VectorType(2)]
        public float[] Features { get; set; } = [];

        [KeyType(3)]
        public uint Key { get; set; }

        public float Label { get; set; }

        public float Weight { get; set; } = 1;
    }

    static IDataView Gaps(params Gap[] rows) => s_ml.Data.LoadFromEnumerable(rows);

    [TestMethod]
    public void Rows_with_missing_values_are_skipped_and_reported()
    {
        var ml = new MLContext(seed: 1);
        var warnings = new List<string>();
        ml.Log += (_, e) =>
        {
            if (e.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning) warnings.Add(e.RawMessage);
        };
        Gap[] whole = [.. Enumerable.Range(0, 9)
            .Select(i => new Gap { Features = [i, 1], Key = (uint)(i % 3), Label = i })];
        Gap[] gaps = [.. whole[..3], new() { Features = [float.NaN, 1], Key = 1 }, .. whole[3..6],
            new() { Features = [1, 1], Key = 99 }, new() { Features = [1, float.PositiveInfinity], Key = 1 },
            .. whole[6..], new() { Features = [1, 1], Key = 1, Weight = float.NaN }];
        KerasSequentialTrainer trainer =
            ml.MulticlassClassification.Trainers.KerasSequential([new Dense(3, activation: "softmax")],
                new() { LabelColumnName = "Key", ExampleWeightColumnName = "Weight", Epochs = 3, BatchSize = 4 });
        KerasSequentialTransformer with = trainer.Fit(Gaps(gaps)), without = trainer.Fit(Gaps(whole));
        CollectionAssert.AreEqual(without.Model.GetWeights()[0].ToArray(), with.Model.GetWeights()[0].ToArray());
        CollectionAssert.AreEqual(
            new[] { "2 rows were skipped because a feature is missing or infinite.",
                "1 rows were skipped because the label is missing.",
                    "1 rows were skipped because the weight is missing." }, warnings);
        Assert.AreEqual(without.Evaluate(Gaps(whole))["loss"], with.Evaluate(Gaps(gaps))["loss"]);
        // Each row still gets a prediction: missing values are missing in the result.
        float[] scores = FreshProcess.Scores(with.Transform(Gaps(gaps)), "Score");
        Assert.AreEqual(gaps.Length * 3, scores.Length);
        Assert.IsTrue(float.IsNaN(scores[9]));
        Assert.AreEqual(0u, with.Transform(Gaps(gaps)).GetColumn<uint>("PredictedLabel").ElementAt(3));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => trainer.Fit(Gaps(gaps[3]))).Message,
            "no rows");
    }

    [TestMethod]
    public void Class_weights_are_keyed_by_label_value()
    {
        IDataView iris = DataSets.Iris(s_ml),
            keyed = s_ml.Transforms.Conversion.MapValueToKey("Label", "Species").Fit(iris).Transform(iris);
        KerasSequentialTransformer Fit(IDataView data, string label, ClassWeights? weights, string? column = null) =>
            s_ml.MulticlassClassification.Trainers.KerasSequential(
            [new Dense(3, activation: "softmax")],
            new()
            {
                LabelColumnName = label,
                Epochs = 2,
                Seed = 1,
                ClassWeight = weights,
                ExampleWeightColumnName = column
            }).Fit(data);
        IDataView weighted = s_ml.Transforms.CustomMapping<ClassRow, Factor>((r, f) =>
            f.Of = r.Species == "setosa" ? 2 : r.Species == "virginica" ? 0.5f : 1, null,
            DataSets.Sized(typeof(ClassRow), 4)).Fit(keyed).Transform(keyed);
        float[] expected = Fit(weighted, "Label", null, "Of").Model.GetWeights()[0].ToArray();
        var byText = new Dictionary<string, double> { ["virginica"] = 0.5, ["setosa"] = 2, ["versicolor"] = 1 };
        CollectionAssert.AreEqual(expected, Fit(keyed, "Label", byText).Model.GetWeights()[0].ToArray());
        CollectionAssert.AreEqual(Fit(weighted, "Number", null, "Of").Model.GetWeights()[0].ToArray(),
            Fit(iris, "Number", new Dictionary<int, double> { [0] = 2, [1] = 1, [2] = 0.5 }).Model.GetWeights()[0]
            .ToArray());
        string unknown = Assert.ThrowsExactly<ArgumentException>(() =>
            Fit(keyed, "Label", new Dictionary<string, double> { ["setosa"] = 2, ["rose"] = 1 })).Message;
        StringAssert.Contains(unknown, "rose is not a value of the label \"Label\"");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() =>
                Fit(keyed, "Label", new Dictionary<string, double> { ["setosa"] = 2 })).Message, "versicolor");
        KerasSequentialTransformer yes =
            s_ml.BinaryClassification.Trainers.KerasSequential([new Dense(1, activation: "sigmoid")],
                new()
                {
                    LabelColumnName = "Yes",
                    ClassWeight = new Dictionary<bool, double> { [true] = 3, [false] = 1 }
                }).Fit(iris);
        Assert.AreEqual(1, yes.History!["loss"].Count);
    }

    sealed class Factor
    {
        public float Of { get; set; }
    }

    [TestMethod]
    [DataRow(0.0, false)]
    [DataRow(0.25, false)]
    [DataRow(0.25, true)]
    public void Streamed_rows_train_the_same_network(double validationSplit, bool byView)
    {
        IDataView data = s_ml.Transforms.NormalizeMinMax("Features").Fit(DataSets.Digits(s_ml))
            .Transform(DataSets.Digits(s_ml));
        KerasSequentialTransformer Fit(long budget) =>
            s_ml.MulticlassClassification.Trainers.KerasSequential([new Dense(10, activation: "softmax")], new()
            {
                LabelColumnName = "Number",
                ExampleWeightColumnName = "Weight",
                Epochs = 3,
                Shuffle = false,
                Seed = 1,
                MaxInMemoryBytes = budget,
                ValidationSplit = validationSplit,
                ValidationData = byView ? s_ml.Data.TakeRows(data, 333) : null,
            }).Fit(data);
        KerasSequentialTransformer inMemory = Fit(1 << 30);
        foreach (long budget in (long[])[1, 100_000, 300_000])
        {
            KerasSequentialTransformer streamed = Fit(budget);
            CollectionAssert.AreEqual(inMemory.Model.GetWeights()[0].ToArray(),
                streamed.Model.GetWeights()[0].ToArray());
            foreach (string name in inMemory.History!.Keys)
                for (int i = 0; i < 3; i++)
                    Assert.AreEqual(inMemory.History[name][i], streamed.History![name][i], 1e-6, name);
        }
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow("batch")]
    public void Streamed_rows_are_shuffled_within_blocks(object shuffle)
    {
        var seen = new List<float>();
        Gap[] rows = [.. Enumerable.Range(0, 100).Select(i => new Gap { Features = [i, 0], Label = i })];
        Reading.FeatureColumns features = Reading.FeatureColumns.Find(Gaps(rows).Schema, ["Features"], null,
            out int[] sample);
        var source = new Reading.RowSource(Gaps(rows), features,
            new(Reading.LabelSchema.Of(Gaps(rows).Schema, "Label"), Reading.TargetForm.Values, 0, [1]), null, null);
        var batches = new Reading.StreamedBatches(source, sample, 10, 85, 4, 2 * 20 * source.RowBytes,
            shuffle is string word ? (Shuffle)word : true, 1, 100, default);
        Assert.AreEqual(22, batches.Count);
        Batch[] first = [.. batches], second = [.. batches];
        Assert.AreEqual(22, first.Length);
        float[] a = [.. first.SelectMany(b => b.Y!.ToArray())], b2 = [.. second.SelectMany(b => b.Y!.ToArray())];
        CollectionAssert.AreEqual(Enumerable.Range(10, 85).Select(i => (float)i).ToArray(), a.Order().ToArray());
        CollectionAssert.AreNotEqual(a, b2);
        // Blocks of 20 rows: what is in the first stays in the first.
        Assert.IsTrue(a[..20].All(v => v < 30) && a[20..40].All(v => v is >= 30 and < 50));
        CollectionAssert.AreNotEqual(a.Order().ToArray(), a);
        if (shuffle is string)
            Assert.IsTrue(first.All(b => b.Y!.ToArray().Zip(b.Y.ToArray().Skip(1)).All(p => p.Second == p.First + 1)));
        foreach (Batch batch in first)
            CollectionAssert.AreEqual(batch.Y!.ToArray(),
                Enumerable.Range(0, batch.X.Shape[0]).Select(i => batch.X[i, 0]).ToArray());
        // Stopping early, or requesting one batch, closes the cursor and leaves nothing running.
        Assert.AreEqual(4, batches.First().X.Shape[0]);
    }

    [TestMethod]
    public void Steps_and_validation_steps_count_batches()
    {
        IDataView data = DataSets.Iris(s_ml);
        KerasSequentialTransformer t =
            s_ml.MulticlassClassification.Trainers.KerasSequential([new Dense(3, activation: "softmax")], new()
            {
                LabelColumnName = "Number",
                Epochs = 4,
                StepsPerEpoch = 5,
                BatchSize = 10,
                ValidationSplit = 0.2,
                ValidationSteps = 2,
            }).Fit(data);
        Assert.AreEqual(20L, t.Model.Optimizer!.Iterations);
        Assert.AreEqual(4, t.History!["val_loss"].Count);
    }

    [TestMethod]
    public void Validation_rows_come_from_a_second_view()
    {
        IDataView data = DataSets.Iris(s_ml);
        KerasSequentialTrainer trainer =
            s_ml.MulticlassClassification.Trainers.KerasSequential([new Dense(3, activation: "softmax")],
                new() { LabelColumnName = "Number", Epochs = 2, Seed = 1 });
        KerasSequentialTransformer t = trainer.Fit(data, s_ml.Data.TakeRows(data, 40));
        Assert.AreEqual(t.Evaluate(s_ml.Data.TakeRows(data, 40))["loss"], t.History!["val_loss"][1], 1e-6);
        Assert.Throws<ArgumentException>(() => trainer.Fit(data, DataSets.Diabetes(s_ml)));
        Assert.Throws<ArgumentException>(() => trainer.Fit(data, s_ml.Data.TakeRows(data, 0)));
    }

    [TestMethod]
    public void A_label_that_is_not_a_class_is_rejected_with_its_row()
    {
        Gap[] rows = [new() { Features = [1, 2], Label = 0 }, new() { Features = [1, 2], Label = 1.5f }];
        string message = Assert.ThrowsExactly<InvalidOperationException>(() =>
            s_ml.MulticlassClassification.Trainers.KerasSequential([new Dense(3, activation: "softmax")],
                new() { LabelColumnName = "Label" }).Fit(Gaps(rows))).Message;
        StringAssert.Contains(message, "\"Label\" is 1.5 in row 1");
    }

    sealed class Wide
    {
        [VectorType(2)]
        public double[] Features { get; set; } = [];

        public double Amount { get; set; }

        public double Class { get; set; }
    }

    [TestMethod]
    public void Labels_and_features_can_be_doubles()
    {
        IDataView data = s_ml.Data.LoadFromEnumerable(Enumerable.Range(0, 40)
            .Select(i => new Wide { Features = [i / 40.0, i % 2], Amount = i / 20.0, Class = i % 2 }).ToArray());
        KerasSequentialTransformer amount = s_ml.Regression.Trainers.KerasSequential([new Dense(1)],
            new() { LabelColumnName = "Amount", Epochs = 200, Optimizer = new Optimizers.Adam(0.05), Seed = 1 })
            .Fit(data);
        Assert.IsTrue(amount.Evaluate(data)["loss"] < 0.01);
        foreach (KerasSequentialTrainer trainer in new[]
        {
            s_ml.MulticlassClassification.Trainers.KerasSequential([new Dense(2, activation: "softmax")],
                new() { LabelColumnName = "Class", Epochs = 100, Optimizer = new Optimizers.Adam(0.05), Seed = 1 }),
            s_ml.BinaryClassification.Trainers.KerasSequential([new Dense(1, activation: "sigmoid")],
                new() { LabelColumnName = "Class", Epochs = 100, Optimizer = new Optimizers.Adam(0.05), Seed = 1 }),
        }) Assert.AreEqual(1, trainer.Fit(data).Evaluate(data)["accuracy"]);
    }

    /// <summary>Counts what is read.</summary>
    sealed class Counting(IDataView inner) : IDataView
    {
        public int Cursors { get; private set; }

        public DataViewSchema Schema => inner.Schema;

        public bool CanShuffle => inner.CanShuffle;

        public long? GetRowCount() => inner.GetRowCount();

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
        {
            Cursors++;
            return inner.GetRowCursor(columnsNeeded, rand);
        }

        public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n,
            Random? rand = null)
        {
            Cursors++;
            return inner.GetRowCursorSet(columnsNeeded, n, rand);
        }
    }

    [TestMethod]
    public void Training_reads_once_and_scores_are_lazy()
    {
        var data = new Counting(DataSets.Iris(s_ml));
        KerasSequentialTransformer t =
            s_ml.MulticlassClassification.Trainers.KerasSequential([new Dense(3, activation: "softmax")],
                new() { LabelColumnName = "Number", Epochs = 5 }).Fit(data);
        Assert.AreEqual(1, data.Cursors);
        IDataView scored = t.Transform(data);
        Assert.AreEqual(150L, scored.GetRowCount());
        Assert.AreEqual(1, data.Cursors, "Nothing is read before a cursor is asked for.");
        FreshProcess.Scores(scored, "Score");
        Assert.AreEqual(2, data.Cursors);
    }

    [TestMethod]
    public void A_free_size_of_the_network_is_inferred_from_the_column()
    {
        IDataView data = DataSets.Iris(s_ml);
        KerasSequentialTransformer t = s_ml.MulticlassClassification.Trainers.KerasSequential(() =>
            new Sequential([new LSTM(4, inputShape: [null, 2]), new Dense(3, activation: "softmax")]),
            new() { LabelColumnName = "Number" }).Fit(data);
        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, 2, 2), t.FeatureColumnType);
        Assert.AreEqual(450, FreshProcess.Scores(t.Transform(data), "Score").Length);
    }
}
