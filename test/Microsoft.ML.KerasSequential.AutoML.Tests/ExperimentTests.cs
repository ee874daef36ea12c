using System.Diagnostics;
using Microsoft.ML.AutoML;
using Microsoft.ML.AutoML.CodeGen;
using Microsoft.ML.Data;
using Microsoft.ML.KerasSequential.AutoML;
using Microsoft.ML.KerasSequential.Callbacks;
using static Microsoft.ML.KerasSequential.Tests.Experiments;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>AutoML experiments with networks among the trainers.</summary>
[TestClass]
public sealed class ExperimentTests
{
    [TestMethod]
    public void Classes_are_learned_and_the_best_model_is_evaluated()
    {
        var ml = new MLContext(seed: 1);
        (IDataView _, IDataView test) = Iris(ml);
        KerasSequentialSearchSpace space = Quick;
        space.Epochs = new(30, 60, 40);
        TrialResult best = Multiclass(ml, ml.Auto().KerasSequentialMulticlass(searchSpace: space), 6, out Trials trials)
            .Run();
        Assert.HasCount(6, trials.Completed);
        Assert.IsGreaterThan(0.85, best.Metric);
        MulticlassClassificationMetrics metrics = ml.MulticlassClassification.Evaluate(best.Model.Transform(test));
        Assert.AreEqual(best.Metric, metrics.MacroAccuracy, 1e-9);

        KerasSequentialTransformer network = best.Model.FindKerasSequential()!;
        Assert.Contains("Dense", network.Model.ToJson());
        // The experiment has canceled the context of this model.
        Assert.IsNotNull(best.Model.Transform(test).Schema.GetColumnOrNull("FeaturesNormalized"));
        Assert.IsGreaterThan(0.5, network.Evaluate(best.Model.Transform(test))["accuracy"]);
    }

    [TestMethod]
    public void Binary_labels_are_learned_along_with_the_trainers_of_ML_NET()
    {
        var ml = new MLContext(seed: 1);
        DataOperationsCatalog.TrainTestData data = ml.Data.TrainTestSplit(DataSets.BreastCancer(ml), 0.3);
        // ML.NET's own spaces go up to 32768 trees of 32768 leaves, which take minutes and gigabytes.
        SweepablePipeline others = ml.Auto().BinaryClassification("Yes", useFastForest: false,
            lgbmSearchSpace: Small(
                new LgbmOption
                {
                    LabelColumnName = "Yes",
                    FeatureColumnName = "Features",
                    NumberOfTrees = 20,
                    NumberOfLeaves = 8
                }),
            fastTreeSearchSpace: Small(
                new FastTreeOption
                {
                    LabelColumnName = "Yes",
                    FeatureColumnName = "Features",
                    NumberOfTrees = 20,
                    NumberOfLeaves = 8
                }));
        SweepablePipeline pipeline = ml.Auto()
            .Featurizer(data.TrainSet, numericColumns: ["Features"],
                excludeColumns: ["Yes", "Number", "Species", "Weight"])
            .Append(ml.Auto().KerasSequentialBinary("Yes", searchSpace: Quick), others);
        var trials = new Trials();
        TrialResult best = ml.Auto().CreateExperiment().SetPipeline(pipeline)
            .SetBinaryClassificationMetric(BinaryClassificationMetric.AreaUnderRocCurve, "Yes")
            .SetDataset(data.TrainSet, data.TestSet)
            .SetMaxModelToExplore(30).SetMonitor(trials).SetRandomSearchTuner(3).Run();
        Assert.HasCount(30, trials.Completed);
        Assert.IsGreaterThan(0.97, best.Metric);
        string[] trainers = [
            .. trials.Completed.Select(t =>
                t.TrialSettings.Parameter["_pipeline_"]["_SCHEMA_"].AsType<string>().Split(' ')[^1]).Distinct()];
        Assert.HasCount(5, trainers, "KerasSequential, LightGbm, FastTree, Lbfgs and Sdca");
    }

    static SearchSpace.SearchSpace<T> Small<T>(T option)
        where T : class, new()
    {
        var space = new SearchSpace.SearchSpace<T>(option);
        space.Remove("NumberOfTrees");
        space.Remove("NumberOfLeaves");
        return space;
    }

    [TestMethod]
    public void Numbers_of_any_size_are_learned_with_folds()
    {
        var ml = new MLContext(seed: 1);
        SweepablePipeline pipeline = ml.Transforms.CopyColumns("Copy", "Label")
            .Append(ml.Auto().KerasSequentialRegression(searchSpace: Quick));
        var trials = new Trials();
        TrialResult best = ml.Auto().CreateExperiment().SetPipeline(pipeline)
            .SetRegressionMetric(RegressionMetric.RSquared, "Label").SetDataset(DataSets.Diabetes(ml), fold: 3)
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
        AutoMLExperiment experiment = Multiclass(ml, ml.Auto().KerasSequentialMulticlass(searchSpace: Quick), 3,
            out Trials trials);
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
            AutoMLExperiment experiment = Multiclass(ml, ml.Auto().KerasSequentialMulticlass(searchSpace: Quick), 4,
                out Trials trials);
            experiment.SetRandomSearchTuner(2).Run();
            return [.. trials.Completed.Select(t => $"{t.TrialSettings.Parameter} {t.Metric}")];
        }

        CollectionAssert.AreEqual(Run(), Run());
    }

    [TestMethod]
    public void A_trial_whose_loss_becomes_NaN_is_reported_and_the_experiment_continues()
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

    [TestMethod]
    public void A_network_that_exceeds_memory_is_reported_and_the_experiment_continues()
    {
        var ml = new MLContext(seed: 1);
        KerasSequentialSearchSpace huge = Quick;
        (huge.HiddenLayers, huge.Width, huge.Taper) = (3, 1 << 20, 1);
        (IDataView train, IDataView test) = Iris(ml);
        SweepablePipeline pipeline = ml.Transforms.Conversion.MapValueToKey("Label", "Species")
            .Append(ml.Auto().KerasSequentialMulticlass(searchSpace: huge),
                ml.Auto().KerasSequentialMulticlass(searchSpace: Quick));
        var trials = new Trials();
        TrialResult best = ml.Auto().CreateExperiment().SetPipeline(pipeline)
            .SetMulticlassClassificationMetric(MulticlassClassificationMetric.MacroAccuracy, "Label")
            .SetDataset(train, test)
            .SetMaxModelToExplore(8).SetMonitor(trials).SetRandomSearchTuner(1).Run();
        Assert.IsNotEmpty(trials.Failed);
        foreach (Exception? failure in trials.Failed)
            Assert.MatchesRegex("has [0-9,]+ weights; training it takes .* GB of memory", failure!.Message);
        Assert.AreEqual(8, trials.Completed.Count + trials.Failed.Count);
        Assert.IsGreaterThan(0.5, best.Metric);
    }

    /// <summary>Calls back when an epoch has ended.</summary>
    sealed class EpochEnds(Action then) : Callback
    {
        public override void OnEpochEnd(int epoch, IDictionary<string, double> logs) => then();
    }

    [TestMethod]
    public async Task A_canceled_experiment_ends_within_a_second()
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
    public void A_small_table_is_repeated_until_there_are_enough_updates()
    {
        var ml = new MLContext(seed: 1);
        KerasSequentialSearchSpace space = Quick;
        (space.Epochs, space.Patience, space.MinUpdates, space.BatchSizes) = (2, 1000, 90, [32]);
        var epochs = new Epochs();
        Multiclass(ml,
            ml.Auto().KerasSequentialMulticlass(searchSpace: space,
                configure: options => options.Callbacks = [.. options.Callbacks!, epochs]), 1, out _).Run();
        // About 84 of 105 rows are used for training, 3 updates per epoch; then all, for the best number of epochs.
        Assert.AreEqual(30, epochs.OfTrainings[0]);
        Assert.HasCount(1, epochs.OfTrainings);
    }

    /// <summary>Counts the epochs of each training run.</summary>
    sealed class Epochs : Callback
    {
        public List<int> OfTrainings { get; } = [];

        public override void OnTrainBegin(IReadOnlyDictionary<string, double> logs) => OfTrainings.Add(0);

        public override void OnEpochEnd(int epoch, IDictionary<string, double> logs) => OfTrainings[^1]++;
    }

    [TestMethod]
    public void The_best_network_of_a_small_table_learns_from_all_rows()
    {
        var ml = new MLContext(seed: 1);
        KerasSequentialSearchSpace space = Quick;
        (space.Epochs, space.BatchSizes) = (5, [1]);
        TrialResult best = Multiclass(ml, ml.Auto().KerasSequentialMulticlass(searchSpace: space), 1, out _).Run();
        KerasSequentialTransformer network = best.Model.FindKerasSequential()!;
        Assert.IsFalse(network.History!.ContainsKey("val_loss"));
        Assert.AreEqual(network.History.Epoch.Count * Iris(ml).Train.GetColumn<string>("Species").Count(),
            network.Model.Optimizer!.Iterations);
    }

    [TestMethod]
    public void An_experiment_ends_with_its_time()
    {
        var ml = new MLContext(seed: 1);
        AutoMLExperiment experiment = Multiclass(ml, ml.Auto().KerasSequentialMulticlass(searchSpace: Quick), 100_000,
            out Trials trials);
        var clock = Stopwatch.StartNew();
        TrialResult best = experiment.SetTrainingTimeInSeconds(4).Run();
        Assert.IsLessThan(5000, clock.ElapsedMilliseconds);
        Assert.IsNotEmpty(trials.Completed);
        Assert.AreEqual(best.Metric, trials.Completed.Max(t => t.Metric));
    }

    [TestMethod]
    public void Trials_run_on_the_GPU_of_the_context_or_fall_back()
    {
        var strict = new MLContext(seed: 1) { GpuDeviceId = 99, FallbackToCpu = false };
        Exception error = Assert.Throws<Exception>(() =>
            Multiclass(strict, strict.Auto().KerasSequentialMulticlass(searchSpace: Quick), 1, out _).Run());
        Assert.Contains("99", error.ToString());
        var lenient = new MLContext(seed: 1) { GpuDeviceId = 99, FallbackToCpu = true };
        Assert.IsGreaterThan(0.3,
            Multiclass(lenient, lenient.Auto().KerasSequentialMulticlass(searchSpace: Quick), 1, out _).Run().Metric);
    }

    [TestMethod]
    public void An_experiment_resumes_from_its_checkpoint_folder()
    {
        string folder = Directory.CreateTempSubdirectory("keras").FullName;
        int[] Run()
        {
            var ml = new MLContext(seed: 1);
            AutoMLExperiment experiment = Multiclass(ml, ml.Auto().KerasSequentialMulticlass(searchSpace: Quick), 2,
                out Trials trials);
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
        Multiclass(ml, ml.Auto().KerasSequentialMulticlass(searchSpace: Quick, pruner: pruner), 8, out Trials trials)
            .SetRandomSearchTuner(1).Run();
        Assert.HasCount(8, trials.Completed);
        Assert.IsGreaterThan(0, pruner.Pruned);
        int[] epochs = [.. trials.Completed.Select(t => t.Model.FindKerasSequential()!.History!.Epoch.Count)];
        Assert.AreEqual(pruner.Pruned, epochs.Count(e => e < 5), string.Join(", ", epochs));
    }

    [TestMethod]
    public void A_missing_column_is_an_error_that_names_the_others()
    {
        var ml = new MLContext(seed: 1);
        Exception error = Assert.Throws<Exception>(() =>
            Multiclass(ml, ml.Auto().KerasSequentialMulticlass("Lable", searchSpace: Quick), 2, out _).Run());
        Assert.Contains("Lable", error.ToString());
        Assert.ThrowsExactly<ArgumentException>(() =>
            ml.Auto().KerasSequentialMulticlass(searchSpace: new() { Optimizers = [] }));
    }
}
