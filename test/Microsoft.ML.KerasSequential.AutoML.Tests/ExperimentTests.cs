using System.Diagnostics;
using Microsoft.ML.AutoML;
using Microsoft.ML.Data;
using Microsoft.ML.KerasSequential.AutoML;
using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.SearchSpace;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Experiments of ML.NET's AutoML with networks among the trainers.</summary>
[TestClass]
public sealed class ExperimentTests
{
    /// <summary>What an experiment tells of its trials.</summary>
    sealed class Trials : IMonitor
    {
        public List<TrialResult> Completed { get; } = [];

        public List<Exception?> Failed { get; } = [];

        public void ReportBestTrial(TrialResult result)
        {
        }

        public void ReportCompletedTrial(TrialResult result) => Completed.Add(result);

        public void ReportFailTrial(TrialSettings settings, Exception? exception = null) => Failed.Add(exception);

        public void ReportRunningTrial(TrialSettings setting)
        {
        }
    }

    static KerasSequentialSearchSpace Quick => new() { Epochs = new(5, 15, 10), Width = new(8, 32, 16), HiddenLayers = new(0, 2, 1) };

    static (IDataView Train, IDataView Test) Iris(MLContext ml)
    {
        DataOperationsCatalog.TrainTestData split = ml.Data.TrainTestSplit(DataSets.Iris(ml), 0.3);
        return (split.TrainSet, split.TestSet);
    }

    static AutoMLExperiment Multiclass(MLContext ml, SweepableEstimator network, int models, out Trials trials)
    {
        (IDataView train, IDataView test) = Iris(ml);
        SweepablePipeline pipeline = ml.Transforms.Conversion.MapValueToKey("Label", "Species").Append(network);
        trials = new();
        return ml.Auto().CreateExperiment().SetPipeline(pipeline).SetMulticlassClassificationMetric(MulticlassClassificationMetric.MacroAccuracy, "Label").SetDataset(train, test)
            .SetMaxModelToExplore(models).SetMonitor(trials);
    }

    [TestMethod]
    public void Classes_are_learnt_and_the_best_model_is_an_ordinary_transformer()
    {
        var ml = new MLContext(seed: 1);
        (IDataView _, IDataView test) = Iris(ml);
        KerasSequentialSearchSpace space = Quick;
        space.Epochs = new(30, 60, 40);
        TrialResult best = Multiclass(ml, ml.Auto().KerasSequentialMulticlass(searchSpace: space), 6, out Trials trials).Run();
        Assert.HasCount(6, trials.Completed);
        Assert.IsGreaterThan(0.85, best.Metric);
        MulticlassClassificationMetrics metrics = ml.MulticlassClassification.Evaluate(best.Model.Transform(test));
        Assert.AreEqual(best.Metric, metrics.MacroAccuracy, 1e-9);

        KerasSequentialTransformer network = best.Model.FindKerasSequential()!;
        Assert.Contains("Dense", network.Model.ToJson());
        // The experiment has cancelled the context of this model.
        Assert.IsNotNull(best.Model.Transform(test).Schema.GetColumnOrNull("FeaturesNormalized"));
        Assert.IsGreaterThan(0.5, network.Evaluate(best.Model.Transform(test))["accuracy"]);

        string folder = Directory.CreateTempSubdirectory("keras").FullName, file = Path.Combine(folder, "model.zip");
        ml.Model.Save(best.Model, test.Schema, file);
        ITransformer loaded = new MLContext().Model.Load(file, out _);
        CollectionAssert.AreEqual(Scores(best.Model.Transform(test)), Scores(loaded.Transform(test)));
        Directory.Delete(folder, recursive: true);
    }

    static float[] Scores(IDataView view) => [.. view.GetColumn<float[]>("Score").SelectMany(s => s)];

    [TestMethod]
    public void Yes_and_no_are_learnt_beside_two_of_ML_NETs_trainers()
    {
        var ml = new MLContext(seed: 1);
        DataOperationsCatalog.TrainTestData data = ml.Data.TrainTestSplit(DataSets.BreastCancer(ml), 0.3);
        SweepablePipeline others = ml.Auto().BinaryClassification("Yes", useFastForest: false, useFastTree: true, useLgbm: false, useLbfgsLogisticRegression: true, useSdcaLogisticRegression: false);
        SweepablePipeline pipeline = ml.Auto().Featurizer(data.TrainSet, numericColumns: ["Features"], excludeColumns: ["Yes", "Number", "Species", "Weight"]).Append(ml.Auto().KerasSequentialBinary("Yes", searchSpace: Quick), others);
        var trials = new Trials();
        TrialResult best = ml.Auto().CreateExperiment().SetPipeline(pipeline).SetBinaryClassificationMetric(BinaryClassificationMetric.AreaUnderRocCurve, "Yes").SetDataset(data.TrainSet, data.TestSet)
            .SetMaxModelToExplore(9).SetMonitor(trials).SetRandomSearchTuner(3).Run();
        Assert.HasCount(9, trials.Completed);
        Assert.IsGreaterThan(0.97, best.Metric);
        Assert.IsGreaterThan(1, trials.Completed.Select(t => t.TrialSettings.Parameter["_pipeline_"]["_SCHEMA_"].AsType<string>()).Distinct().Count(), "one trainer alone was tried");
    }

    [TestMethod]
    public void Numbers_of_any_size_are_learnt_with_folds()
    {
        var ml = new MLContext(seed: 1);
        SweepablePipeline pipeline = ml.Transforms.CopyColumns("Copy", "Label").Append(ml.Auto().KerasSequentialRegression(searchSpace: Quick));
        var trials = new Trials();
        TrialResult best = ml.Auto().CreateExperiment().SetPipeline(pipeline).SetRegressionMetric(RegressionMetric.RSquared, "Label").SetDataset(DataSets.Diabetes(ml), fold: 3)
            .SetMaxModelToExplore(4).SetMonitor(trials).Run();
        Assert.HasCount(4, trials.Completed);
        Assert.IsGreaterThan(0.35, best.Metric);
    }

    [TestMethod]
    [DataRow("eci")]
    [DataRow("cost-frugal")]
    [DataRow("grid")]
    [DataRow("random")]
    [DataRow("smac")]
    public void Every_tuner_sweeps(string tuner)
    {
        var ml = new MLContext(seed: 1);
        AutoMLExperiment experiment = Multiclass(ml, ml.Auto().KerasSequentialMulticlass(searchSpace: Quick), 3, out Trials trials);
        _ = tuner switch
        {
            "eci" => experiment.SetEciCostFrugalTuner(),
            "cost-frugal" => experiment.SetCostFrugalTuner(),
            "grid" => experiment.SetGridSearchTuner(3),
            "random" => experiment.SetRandomSearchTuner(1),
            _ => experiment.SetSmacTuner(),
        };
        experiment.Run();
        Assert.HasCount(3, trials.Completed);
    }

    [TestMethod]
    public void The_same_seed_gives_the_same_trials()
    {
        string[] Run()
        {
            var ml = new MLContext(seed: 5);
            AutoMLExperiment experiment = Multiclass(ml, ml.Auto().KerasSequentialMulticlass(searchSpace: Quick), 4, out Trials trials);
            experiment.SetRandomSearchTuner(2).Run();
            return [.. trials.Completed.Select(t => $"{t.TrialSettings.Parameter} {t.Metric}")];
        }

        CollectionAssert.AreEqual(Run(), Run());
    }

    [TestMethod]
    public void A_trial_whose_loss_becomes_NaN_is_reported_and_the_experiment_goes_on()
    {
        var ml = new MLContext(seed: 1);
        Trials? trials = null;
        KerasSequentialSearchSpace space = Quick;
        space.Optimizers = ["sgd"];
        SweepableEstimator network = ml.Auto().KerasSequentialMulticlass(searchSpace: space, configure: options =>
        {
            if (trials is { Completed: [], Failed: [] }) options.Optimizer = new Optimizers.SGD(1e30);
        });
        TrialResult best = Multiclass(ml, network, 3, out trials).Run();
        Assert.HasCount(1, trials.Failed);
        Assert.IsInstanceOfType<TrialFailedException>(trials.Failed[0]);
        Assert.Contains("NaN", trials.Failed[0]!.Message);
        Assert.HasCount(2, trials.Completed);
        Assert.IsGreaterThan(0.5, best.Metric);
    }

    /// <summary>Tells when an epoch has ended.</summary>
    sealed class EpochEnds(Action then) : Callback
    {
        public override void OnEpochEnd(int epoch, IDictionary<string, double> logs) => then();
    }

    [TestMethod]
    public async Task A_cancelled_experiment_ends_within_a_second()
    {
        var ml = new MLContext(seed: 1);
        using var cancel = new CancellationTokenSource();
        var clock = new Stopwatch();
        SweepableEstimator network = ml.Auto().KerasSequentialMulticlass(configure: options =>
        {
            options.Epochs = 10_000_000;
            options.Callbacks = [new EpochEnds(() =>
            {
                if (clock.IsRunning) return;
                clock.Start();
                cancel.Cancel();
            })];
        });
        AutoMLExperiment experiment = Multiclass(ml, network, 100, out Trials trials);
        await Assert.ThrowsAsync<TimeoutException>(() => experiment.RunAsync(cancel.Token));
        Assert.IsLessThan(1000, clock.ElapsedMilliseconds);
        Assert.IsEmpty(trials.Completed);
    }

    [TestMethod]
    public void An_experiment_goes_on_from_its_checkpoint_folder()
    {
        string folder = Directory.CreateTempSubdirectory("keras").FullName;
        int[] Run()
        {
            var ml = new MLContext(seed: 1);
            AutoMLExperiment experiment = Multiclass(ml, ml.Auto().KerasSequentialMulticlass(searchSpace: Quick), 2, out Trials trials);
            experiment.SetCheckpoint(folder).Run();
            return [.. trials.Completed.Select(t => t.TrialSettings.TrialId)];
        }

        CollectionAssert.AreEqual(new[] { 0, 1 }, Run());
        CollectionAssert.AreEqual(new[] { 2, 3 }, Run());
        Directory.Delete(folder, recursive: true);
    }

    [TestMethod]
    public void Trials_far_behind_are_ended_early_and_reported_with_what_they_reached()
    {
        var ml = new MLContext(seed: 1);
        var pruner = new SuccessiveHalvingPruner(firstRung: 1, reductionFactor: 4);
        Multiclass(ml, ml.Auto().KerasSequentialMulticlass(searchSpace: Quick, pruner: pruner), 8, out Trials trials).SetRandomSearchTuner(1).Run();
        Assert.HasCount(8, trials.Completed);
        Assert.IsGreaterThan(0, pruner.Pruned);
        int[] epochs = [.. trials.Completed.Select(t => t.Model.FindKerasSequential()!.History!.Epoch.Count)];
        Assert.AreEqual(pruner.Pruned, epochs.Count(e => e < 5), string.Join(", ", epochs));
    }

    sealed class Own
    {
        [SearchSpace.Range(2, 16, 4)]
        public int Units { get; set; } = 4;

        [Choice("relu", "tanh")]
        public string Activation { get; set; } = "relu";
    }

    [TestMethod]
    public void A_network_of_ones_own_is_swept_over_a_space_of_ones_own()
    {
        var ml = new MLContext(seed: 1);
        SweepableEstimator network = ml.Auto().KerasSequential<Own>((context, own) => context.MulticlassClassification.Trainers.KerasSequential(
            [new Dense(own.Units, own.Activation), new Dense(3, "softmax")], new() { Epochs = 20, Optimizer = new Optimizers.Adam(0.03) }));
        TrialResult best = Multiclass(ml, network, 4, out Trials trials).Run();
        Assert.HasCount(4, trials.Completed);
        Assert.IsGreaterThan(0.6, best.Metric);
        Assert.IsNotNull(best.Model.FindKerasSequential());
    }

    [TestMethod]
    public void A_column_that_is_not_there_is_an_error_that_names_the_others()
    {
        var ml = new MLContext(seed: 1);
        Exception error = Assert.Throws<Exception>(() => Multiclass(ml, ml.Auto().KerasSequentialMulticlass("Lable", searchSpace: Quick), 2, out _).Run());
        Assert.Contains("Lable", error.ToString());
        Assert.ThrowsExactly<ArgumentException>(() => ml.Auto().KerasSequentialMulticlass(searchSpace: new() { Optimizers = [] }));
    }
}
