using Microsoft.ML.Data;
using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>The rest of ML.NET: cross-validation, feature importance, calibrators, prediction engines, log,
/// cancellation, seeds.</summary>
[TestClass]
public sealed class PipelineTests
{
    static Layer[] Network => [new Dense(8, activation: "relu"), new Dropout(0.1), new Dense(3, activation: "softmax")];

    static IEstimator<ITransformer> Pipeline(MLContext ml, KerasSequentialOptions? options = null) =>
        ml.Transforms.Conversion.MapValueToKey("Label", "Species")
        .Append(ml.Transforms.NormalizeMeanVariance("Features", fixZero: false))
        .Append(
            ml.MulticlassClassification.Trainers.KerasSequential(Network,
                options ?? new() { Epochs = 20, BatchSize = 16, Optimizer = new Optimizers.Adam(0.01) }))
        .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"));

    [TestMethod]
    public void A_whole_pipeline_is_saved_and_loaded_in_a_new_process()
    {
        var ml = new MLContext(seed: 1);
        IDataView data = DataSets.Iris(ml);
        ITransformer model = Pipeline(ml).Fit(data);
        string folder = Directory.CreateTempSubdirectory("keras").FullName, file = Path.Combine(folder, "model.zip");
        ml.Model.Save(model, data.Schema, file);
        CollectionAssert.AreEqual(FreshProcess.Scores(model.Transform(data), "Score"),
            FreshProcess.Score(ml, file, data, "Score", folder));
        ITransformer loaded = ml.Model.Load(file, out DataViewSchema schema);
        Assert.AreEqual(data.Schema.Count, schema.Count);
        CollectionAssert.AreEqual(model.Transform(data).GetColumn<string>("PredictedLabel").ToArray(),
            loaded.Transform(data).GetColumn<string>("PredictedLabel").ToArray());
        Directory.Delete(folder, recursive: true);
    }

    [TestMethod]
    public void Cross_validation_fits_the_same_estimator_and_leaves_it_unchanged()
    {
        var ml = new MLContext(seed: 1);
        IDataView data = DataSets.Iris(ml);
        Layer[] layers = Network;
        KerasSequentialTrainer trainer = ml.MulticlassClassification.Trainers.KerasSequential(layers,
            new() { Epochs = 5, Optimizer = new Optimizers.Adam(0.01) });
        IEstimator<ITransformer> pipeline = ml.Transforms.Conversion.MapValueToKey("Label", "Species").Append(trainer);
        double[] first = [.. ml.MulticlassClassification.CrossValidate(data, pipeline, 3, seed: 1)
            .Select(f => f.Metrics.LogLoss)];
        double[] second = [.. ml.MulticlassClassification.CrossValidate(data, pipeline, 3, seed: 1)
            .Select(f => f.Metrics.LogLoss)];
        CollectionAssert.AreEqual(first, second);
        Assert.IsTrue(layers.All(l => !l.Built));
    }

    [TestMethod]
    public void A_fold_without_a_class_still_has_its_column()
    {
        var ml = new MLContext(seed: 1);
        IDataView data = ml.Transforms.Conversion.MapValueToKey("Label", "Species").Fit(DataSets.Iris(ml))
            .Transform(DataSets.Iris(ml));
        IDataView two = ml.Data.FilterRowsByKeyColumnFraction(data, "Label", 0, 0.6);
        ITransformer model = ml.MulticlassClassification.Trainers.KerasSequential(Network).Fit(two);
        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, 3),
            model.Transform(data).Schema["Score"].Type);
        Assert.IsTrue(ml.MulticlassClassification.Evaluate(model.Transform(data)).LogLoss > 0);
    }

    [TestMethod]
    public void Permutation_feature_importance_finds_what_matters()
    {
        var ml = new MLContext(seed: 1);
        var random = new Random(1);
        Three[] rows = [.. Enumerable.Range(0, 300)
            .Select(_ => new Three { A = random.NextSingle(), B = random.NextSingle(), C = random.NextSingle() })];
        foreach (Three row in rows) row.Label = 3 * row.B;
        IDataView loaded = ml.Data.LoadFromEnumerable(rows),
            data = ml.Transforms.Concatenate("Features", "A", "B", "C").Fit(loaded).Transform(loaded);
        KerasSequentialTrainer trainer = ml.Regression.Trainers.KerasSequential([new Dense(1)],
            new() { Epochs = 60, Optimizer = new Optimizers.Adam(0.03) });
        KerasSequentialTransformer transformer = trainer.Fit(data);
        var byType = ml.Regression.PermutationFeatureImportance(transformer, transformer.Transform(data));
        Assert.AreEqual(1, byType.Select((m, i) => (Drop: m.RSquared.Mean, i)).MinBy(d => d.Drop).i);
        // In a chain, ML.NET looks for the transformer itself.
        ITransformer chain = ml.Transforms.CopyColumns("Copy", "Label").Append(trainer).Fit(data);
        var byChain = ml.Regression.PermutationFeatureImportance(chain, chain.Transform(data));
        Assert.AreEqual("B", byChain.MinBy(m => m.Value.RSquared.Mean).Key);
    }

    sealed class Three
    {
        public float A { get; set; }

        public float B { get; set; }

        public float C { get; set; }

        public float Label { get; set; }
    }

    [TestMethod]
    public void A_calibrator_goes_on_top()
    {
        var ml = new MLContext(seed: 1);
        IDataView data = ml.Transforms.NormalizeMeanVariance("Features").Fit(DataSets.BreastCancer(ml))
            .Transform(DataSets.BreastCancer(ml));
        KerasSequentialTransformer transformer = ml.BinaryClassification.Trainers.KerasSequential([new Dense(1)],
            new() { LabelColumnName = "Yes", Epochs = 10, Loss = "hinge" }).Fit(data);
        IDataView scored = transformer.Transform(data);
        ITransformer calibrator = ml.BinaryClassification.Calibrators.Platt("Yes").Fit(scored);
        BinaryClassificationMetrics uncalibrated = ml.BinaryClassification.EvaluateNonCalibrated(scored, "Yes");
        CalibratedBinaryClassificationMetrics calibrated = ml.BinaryClassification.Evaluate(
            calibrator.Transform(scored), "Yes");
        Assert.AreEqual(uncalibrated.AreaUnderRocCurve, calibrated.AreaUnderRocCurve, 1e-3);
        Assert.IsTrue(calibrated.LogLoss < ml.BinaryClassification.Evaluate(scored, "Yes").LogLoss);
    }

    sealed class Prediction
    {
        public string PredictedLabel { get; set; } = "";

        public float[] Score { get; set; } = [];
    }

    [TestMethod]
    public void Prediction_engines_on_eight_threads_give_the_scores_of_one()
    {
        var ml = new MLContext(seed: 1);
        IDataView data = DataSets.Iris(ml);
        ITransformer model = Pipeline(ml).Fit(data);
        ClassRow[] rows = [.. ml.Data.CreateEnumerable<ClassRow>(data, reuseRowObject: false)];
        float[][] expected = Scores();
        IDataView scored = model.Transform(data);
        float[] block = FreshProcess.Scores(scored, "Score");
        for (int i = 0; i < rows.Length; i++)
            for (int c = 0; c < 3; c++) Assert.AreEqual(block[3 * i + c], expected[i][c], 1e-6);

        float[][][] others = new float[8][][];
        float[][] views = new float[8][];
        Thread[] threads = [.. Enumerable.Range(0, 8).Select(t => new Thread(() =>
        {
            others[t] = Scores();
            views[t] = FreshProcess.Scores(scored, "Score");
        }))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        for (int t = 0; t < 8; t++)
        {
            CollectionAssert.AreEqual(block, views[t]);
            for (int i = 0; i < rows.Length; i++) CollectionAssert.AreEqual(expected[i], others[t][i]);
        }

        float[][] Scores()
        {
            PredictionEngine<ClassRow, Prediction> engine = ml.Model.CreatePredictionEngine<ClassRow, Prediction>(model,
                inputSchemaDefinition: DataSets.Sized(typeof(ClassRow), 4));
            return [.. rows.Select(r => engine.Predict(r).Score.ToArray())];
        }
    }

    [TestMethod]
    public void The_log_has_one_line_per_epoch()
    {
        var ml = new MLContext(seed: 1);
        var lines = new List<string>();
        ml.Log += (_, e) =>
        {
            if (e.Kind == ChannelMessageKind.Info && e.Source.Contains("Keras", StringComparison.Ordinal))
                lines.Add(e.RawMessage);
        };
        Pipeline(ml, new() { Epochs = 3, ValidationSplit = 0.2 }).Fit(DataSets.Iris(ml));
        string[] epochs = [.. lines.Where(l => l.StartsWith("Epoch", StringComparison.Ordinal))];
        Assert.AreEqual(3, epochs.Length);
        StringAssert.Matches(epochs[1],
            new(@"^Epoch 2/3 - val_loss: [\d.]+ - val_accuracy: [\d.]+ - loss: [\d.]+ - accuracy: [\d.]+$|"
                + @"^Epoch 2/3 - loss: [\d.]+ - accuracy: [\d.]+ - val_loss: [\d.]+ - val_accuracy: [\d.]+$"));
    }

    [TestMethod]
    public void The_same_context_seed_gives_the_same_network()
    {
        float[] Weights(int? seed)
        {
            var ml = new MLContext(seed);
            return FreshProcess.Scores(Pipeline(ml, new() { Epochs = 2 }).Fit(DataSets.Iris(ml))
                .Transform(DataSets.Iris(ml)), "Score");
        }
        CollectionAssert.AreEqual(Weights(5), Weights(5));
        CollectionAssert.AreNotEqual(Weights(5), Weights(6));

        float[] Made(long seed)
        {
            var ml = new MLContext();
            KerasSequentialTransformer t = ml.Transforms.KerasSequential(() =>
                new Sequential([new Dense(3, inputShape: [4]), new Dropout(0.5), new Dense(4)]),
                new() { LabelColumnName = "Features", Seed = seed }).Fit(DataSets.Iris(ml));
            return t.Model.GetWeights()[0].ToArray();
        }
        CollectionAssert.AreEqual(Made(1), Made(1));
        CollectionAssert.AreNotEqual(Made(1), Made(2));
    }

    /// <summary>Calls back during training.</summary>
    sealed class WhenTraining(Action act) : Callback
    {
        public override void OnEpochEnd(int epoch, IDictionary<string, double> logs)
        {
            if (epoch == 1) act();
        }
    }

    [TestMethod]
    public void A_token_ends_the_training_within_a_second()
    {
        var ml = new MLContext(seed: 1);
        using var source = new CancellationTokenSource();
        long cancelled = 0;
        KerasSequentialOptions options = new()
        {
            Epochs = 1_000_000,
            CancellationToken = source.Token,
            Callbacks = [new WhenTraining(() => { cancelled = Environment.TickCount64; source.Cancel(); })]
        };
        OperationCanceledException e = Assert.Throws<OperationCanceledException>(() =>
            Pipeline(ml, options).Fit(DataSets.Iris(ml)));
        Assert.IsTrue(Environment.TickCount64 - cancelled < 1000);
        Assert.AreEqual(source.Token, e.CancellationToken);
    }

    [TestMethod]
    public void A_canceled_context_ends_the_training_within_a_second()
    {
        var ml = new MLContext(seed: 1);
        long cancelled = 0;
        // What ML.NET's AutoML calls when a trial's time is up; it is public in Microsoft.ML.Experimental.
        System.Reflection.MethodInfo cancel = typeof(MLContext)
            .GetMethod("CancelExecution",
                System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Instance)!;
        KerasSequentialOptions options = new()
        {
            Epochs = 1_000_000,
            Callbacks = [new WhenTraining(() => { cancelled = Environment.TickCount64; cancel.Invoke(ml, null); })]
        };
        Assert.Throws<OperationCanceledException>(() => Pipeline(ml, options).Fit(DataSets.Iris(ml)));
        Assert.IsTrue(Environment.TickCount64 - cancelled < 1000);
    }

    [TestMethod]
    public void Reading_ends_within_a_second_too()
    {
        var ml = new MLContext(seed: 1);
        using var source = new CancellationTokenSource(100);
        IEnumerable<NumberRow> Endless()
        {
            while (true) yield return new NumberRow { Features = [1, 2], Both = [0, 0] };
        }
        IDataView data = ml.Data.LoadFromEnumerable(Endless(), DataSets.Sized(typeof(NumberRow), 2));
        long start = Environment.TickCount64;
        Assert.Throws<OperationCanceledException>(() =>
            ml.Regression.Trainers.KerasSequential([new Dense(1)],
                new() { CancellationToken = source.Token, MaxInMemoryBytes = 1 << 20 }).Fit(data));
        Assert.IsTrue(Environment.TickCount64 - start < 1100);
    }

    [TestMethod]
    public void A_trained_network_is_the_start_and_stays_unchanged()
    {
        var ml = new MLContext(seed: 1);
        IDataView data = DataSets.Iris(ml);
        using var model =
            new Sequential([new Dense(8, activation: "relu", inputShape: [4]), new Dense(3, activation: "softmax")]);
        model.Compile(new Optimizers.SGD(0.05), "categorical_crossentropy", ["accuracy", "mae"]);
        float[] before = model.GetWeights()[0].ToArray();
        IDataView keyed = ml.Transforms.Conversion.MapValueToKey("Label", "Species").Fit(data).Transform(data);
        KerasSequentialTrainer trainer = ml.MulticlassClassification.Trainers.KerasSequential(model,
            new() { Epochs = 3 });
        KerasSequentialTransformer tuned = trainer.Fit(keyed);
        CollectionAssert.AreEqual(before, model.GetWeights()[0].ToArray());
        CollectionAssert.AreNotEqual(before, tuned.Model.GetWeights()[0].ToArray());
        CollectionAssert.AreEqual(new[] { "loss", "accuracy", "mae" }, tuned.Model.MetricsNames.ToArray());
        Assert.IsInstanceOfType<Optimizers.SGD>(tuned.Model.Optimizer);
        Assert.AreEqual(0L, model.Optimizer!.Iterations);
        // Later changes to the model do not affect the estimator.
        model.SetWeights([.. model.GetWeights().Select(w => new NDArray(w.Shape.ToArray()))]);
        CollectionAssert.AreEqual(tuned.Model.GetWeights()[0].ToArray(),
            trainer.Fit(keyed).Model.GetWeights()[0].ToArray());
    }

    [TestMethod]
    public void ML_NET_members_in_use_exist_and_missing_ones_would_be_named()
    {
        Interop.MLNet.Require();
        Assert.AreEqual("Microsoft.ML.MLContext.NoSuchMember",
            Interop.MLNet.Missing([(typeof(MLContext).Assembly, "Microsoft.ML.MLContext", ["Log", "NoSuchMember"])]));
        Assert.AreEqual("Microsoft.ML.NoSuchType",
            Interop.MLNet.Missing([(typeof(MLContext).Assembly, "Microsoft.ML.NoSuchType", [])]));
    }

    [TestMethod]
    public void Layers_that_have_weights_start_from_them()
    {
        var ml = new MLContext(seed: 1);
        var known = new Dense(2, weights: [new NDArray([1f, 2, 3, 4, 5, 6, 7, 8], 4, 2), new NDArray([9f, 10], 2)]);
        using var other = new Sequential([new Dense(3, inputShape: [2])]);
        KerasSequentialTransformer t =
            ml.Transforms.KerasSequential([known, other.Layers[0],
                new Sequential([new Dense(4, inputShape: [3])], name: "inner")],
            new() { LabelColumnName = "Features", Optimizer = new Optimizers.SGD(0) }).Fit(DataSets.Iris(ml));
        CollectionAssert.AreEqual(new float[] { 1, 2, 3, 4, 5, 6, 7, 8 }, t.Model.GetWeights()[0].ToArray());
        CollectionAssert.AreEqual(other.GetWeights()[0].ToArray(), t.Model.GetWeights()[2].ToArray());
        Assert.AreNotSame(other.Layers[0], t.Model.Layers[1]);
    }
}
