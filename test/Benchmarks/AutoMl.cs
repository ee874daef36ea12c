using Microsoft.ML;
using Microsoft.ML.AutoML;
using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.AutoML;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Optimizers;
using Microsoft.ML.KerasSequential.Regularizers;
using Microsoft.ML.KerasSequential.Tests;

namespace Benchmarks;

/// <summary>
/// Measures what AutoML finds in a given time: with networks only, ML.NET's own trainers only, and both, compared with
/// the fixed network of the samples. The experiments use 5 folds of 70% of the rows; the best pipeline is then trained
/// on all of these and tested on the rest.
/// </summary>
internal static class AutoMl
{
    const int Folds = 5, Seed = 1;

    /// <summary>A data set, its fixed network, and the trainers for it.</summary>
    sealed record Task(
        string Name, Func<MLContext, IDataView> Load, Func<MLContext, IEstimator<ITransformer>> Fixed,
        Func<AutoCatalog, SweepableEstimator> Networks, Func<AutoCatalog, SweepablePipeline> Others,
        Func<AutoMLExperiment, AutoMLExperiment> SetMetric, Func<MLContext, IDataView, double> Score);

    static readonly Task[] s_tasks =
    [
        Classes("iris", DataSets.Iris, "Species", () => [new Dense(16, "relu"), new Dense(3, "softmax")],
            new() { BatchSize = 16, Epochs = 150 }),
        Classes("wine", DataSets.Wine, "Species", () => [new Dense(16, "relu"), new Dense(3, "softmax")],
            new() { BatchSize = 16, Epochs = 60 }),
        new("breast cancer", DataSets.BreastCancer,
            ml => ml.BinaryClassification.Trainers.KerasSequential([
                new Dense(16, "relu", kernelRegularizer: new L1L2(l2: 0.005)), new Dense(1, "sigmoid")],
                new() { LabelColumnName = "Yes", FeatureColumnName = "Normalized", BatchSize = 32, Epochs = 60,
                    Optimizer = new Adam() }),
            auto => auto.KerasSequentialBinary("Yes", pruner: new MedianPruner()),
            auto => auto.BinaryClassification("Yes"),
            experiment => experiment.SetBinaryClassificationMetric(BinaryClassificationMetric.Accuracy, "Yes"),
            (ml, scored) => ml.BinaryClassification.EvaluateNonCalibrated(scored, "Yes").Accuracy),
        Classes("digits", DataSets.Digits, "Species",
            () => [new Dense(256, "relu"), new Dropout(0.2), new Dense(128, "relu"), new Dropout(0.2),
                new Dense(10, "softmax")],
            new() { BatchSize = 64, Epochs = 30, Optimizer = new Adam(0.002) }),
        new("diabetes", DataSets.Diabetes,
            // Scaled around the mean and the deviation of the labels of all rows.
            ml => ml.Regression.Trainers.KerasSequential([new Dense(32, "tanh"), new Dropout(0.2), new Dense(1),
                new Dense(1, kernelInitializer: new Microsoft.ML.KerasSequential.Initializers.Constant(77),
                biasInitializer: new Microsoft.ML.KerasSequential.Initializers.Constant(152), trainable: false)],
                new() { FeatureColumnName = "Normalized", BatchSize = 16, Epochs = 100,
                    LossWeights = 1.0 / (77 * 77) }),
            auto => auto.KerasSequentialRegression(pruner: new MedianPruner()), auto => auto.Regression(),
            experiment => experiment.SetRegressionMetric(RegressionMetric.RSquared, "Label"),
            (ml, scored) => ml.Regression.Evaluate(scored).RSquared),
    ];

    static Task Classes(string name, Func<MLContext, IDataView> load, string species, Func<Layer[]> network,
        KerasSequentialOptions options)
    {
        (options.LabelColumnName, options.FeatureColumnName) = ("Key", "Normalized");
        return new(name, ml => ml.Transforms.Conversion.MapValueToKey("Key", species).Fit(load(ml)).Transform(load(ml)),
            ml => ml.MulticlassClassification.Trainers.KerasSequential(network(), options),
            auto => auto.KerasSequentialMulticlass("Key", pruner: new MedianPruner()),
            auto => auto.MultiClassification("Key"),
            experiment => experiment.SetMulticlassClassificationMetric(MulticlassClassificationMetric.MicroAccuracy,
                "Key"),
            (ml, scored) => ml.MulticlassClassification.Evaluate(scored, "Key").MicroAccuracy);
    }

    /// <summary>Prints both tables.</summary>
    /// <param name="seconds">The time of each experiment.</param>
    /// <param name="part">Part of the names of the data sets to use.</param>
    public static void Run(uint seconds, string part)
    {
        string[] headers = ["fixed network", "networks", "ML.NET's trainers", "both"];
        var folds = new Table(["% of rows right, or 100 R²: mean of 5 folds", .. headers]);
        var test = new Table(["the same on rows never seen", .. headers]);
        foreach (Task task in s_tasks.Where(t => t.Name.Contains(part, StringComparison.OrdinalIgnoreCase)))
        {
            Found[] found =
            [
                Sweep(task, seconds: 0,
                    auto => auto.KerasSequential<object>((ml, _) =>
                        ml.Transforms.NormalizeMeanVariance("Normalized", "Features", fixZero: false)
                        .Append(task.Fixed(ml)))),
                Sweep(task, seconds, task.Networks),
                Sweep(task, seconds, auto => task.Others(auto)),
                Sweep(task, seconds, task.Networks, task.Others),
            ];
            folds.Add($"{task.Name}: {string.Join(", ", found.Skip(1).Select(f => f.Trials))} trials",
                [.. found.Select(f => (double?)(100 * f.Folds))]);
            test.Add(task.Name, [.. found.Select(f => (double?)(100 * f.Test))]);
        }
        folds.Print();
        test.Print();
    }

    readonly record struct Found(double Folds, double Test, int Trials);

    static Found Sweep(Task task, uint seconds,
        params Func<AutoCatalog, ISweepable<IEstimator<ITransformer>>>[] trainers)
    {
        var ml = new MLContext(Seed);
        DataOperationsCatalog.TrainTestData data = ml.Data.TrainTestSplit(task.Load(ml), 0.3, seed: Seed);
        string[] others = [.. data.TrainSet.Schema.Select(column => column.Name).Where(name => name != "Features")];
        SweepablePipeline pipeline = ml.Auto()
            .Featurizer(data.TrainSet, numericColumns: ["Features"], excludeColumns: others)
            .Append([.. trainers.Select(make => make(ml.Auto()))]);
        var trials = new Trials();
        AutoMLExperiment experiment = task.SetMetric(ml.Auto().CreateExperiment().SetPipeline(pipeline)
            .SetDataset(data.TrainSet, fold: Folds)).SetMonitor(trials);
        TrialResult best = (seconds == 0 ? experiment.SetMaxModelToExplore(1)
            : experiment.SetTrainingTimeInSeconds(seconds)).Run();
        ITransformer model = pipeline.BuildFromOption(new MLContext(Seed), best.TrialSettings.Parameter["_pipeline_"])
            .Fit(data.TrainSet);
        return new(best.Metric, task.Score(ml, model.Transform(data.TestSet)), trials.Completed);
    }

    /// <summary>Counts trials.</summary>
    sealed class Trials : IMonitor
    {
        public int Completed { get; private set; }

        public void ReportBestTrial(TrialResult result)
        {
        }

        public void ReportCompletedTrial(TrialResult result) => Completed++;

        public void ReportFailTrial(TrialSettings settings, Exception? exception = null)
        {
        }

        public void ReportRunningTrial(TrialSettings setting)
        {
        }
    }
}
