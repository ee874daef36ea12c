using Microsoft.ML.AutoML;
using Microsoft.ML.KerasSequential.AutoML;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Optimizers;
using Microsoft.ML.SearchSpace;
using static Microsoft.ML.KerasSequential.Tests.Experiments;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Custom networks, swept over a custom search space.</summary>
[TestClass]
public sealed class OwnNetworkTests
{
    sealed class Own
    {
        [SearchSpace.Range(2, 16, 4)]
        public int Units { get; set; } = 4;

        [Choice("relu", "tanh")]
        public string Activation { get; set; } = "relu";

        [SearchSpace.Range(1e-3, 1e-1, 3e-2, logBase: true)]
        public double LearningRate { get; set; } = 3e-2;
    }

    static KerasSequentialTrainer Trainer(MLContext context, Own own, KerasSequentialOptions options) =>
        context.MulticlassClassification.Trainers.KerasSequential([new Dense(own.Units, own.Activation),
            new Dense(3, "softmax")], options);

    [TestMethod]
    public void A_custom_trainer_is_swept()
    {
        var ml = new MLContext(seed: 1);
        SweepableEstimator network = ml.Auto()
            .KerasSequential<Own>((context, own) =>
                Trainer(context, own, new() { Epochs = 20, Optimizer = new Adam(own.LearningRate) }));
        TrialResult best = Multiclass(ml, network, 4, out Trials trials).Run();
        Assert.HasCount(4, trials.Completed);
        Assert.IsGreaterThan(0.6, best.Metric);
        Assert.IsNotNull(best.Model.FindKerasSequential());
    }

    [TestMethod]
    public void A_custom_network_is_swept_for_each_task_with_a_pruner()
    {
        var ml = new MLContext(seed: 1);
        static Sequential Network(Own own, Dense output) => new([new Dense(own.Units, own.Activation), output]);
        static void Settings(KerasSequentialOptions options, Own own) =>
            (options.Optimizer, options.Epochs) = (new Adam(own.LearningRate), 30);
        var pruner = new SuccessiveHalvingPruner(2, 2);

        SweepableEstimator classes = ml.Auto()
            .KerasSequentialMulticlass<Own>((_, own) => Network(own, new Dense(3, "softmax")), Settings,
                pruner: pruner);
        TrialResult best = Multiclass(ml, classes, 5, out Trials trials).SetRandomSearchTuner(1).Run();
        Assert.HasCount(5, trials.Completed);
        Assert.IsGreaterThan(0.8, best.Metric);
        Assert.IsGreaterThan(0, pruner.Pruned);
        Assert.HasCount(2, best.Model.FindKerasSequential()!.Model.Layers);

        DataOperationsCatalog.TrainTestData tumours = ml.Data.TrainTestSplit(DataSets.BreastCancer(ml), 0.3);
        SweepableEstimator yesOrNo = ml.Auto()
            .KerasSequentialBinary<Own>((_, own) => Network(own, new Dense(1, "sigmoid")), Settings, "Yes",
                exampleWeightColumnName: "Weight");
        best = ml.Auto().CreateExperiment().SetPipeline(ml.Transforms.CopyColumns("Copy", "Yes").Append(yesOrNo))
            .SetBinaryClassificationMetric(BinaryClassificationMetric.Accuracy, "Yes")
            .SetDataset(tumours.TrainSet, tumours.TestSet).SetMaxModelToExplore(2).Run();
        Assert.IsGreaterThan(0.9, best.Metric);

        SweepableEstimator number = ml.Auto()
            .KerasSequentialRegression<Own>((_, own) => Network(own, new Dense(1)),
                (options, _) => (options.Optimizer, options.Epochs) = (new Adam(1), 100));
        best = ml.Auto().CreateExperiment().SetPipeline(ml.Transforms.CopyColumns("Copy", "Label").Append(number))
            .SetRegressionMetric(RegressionMetric.RSquared, "Label")
            .SetDataset(DataSets.Diabetes(ml), fold: 2).SetMaxModelToExplore(2).Run();
        Assert.IsGreaterThan(0.2, best.Metric);
    }

    [TestMethod]
    public void A_pruner_ends_the_training_of_a_custom_trainer()
    {
        var ml = new MLContext(seed: 1);
        var pruner = new SuccessiveHalvingPruner(firstRung: 1, reductionFactor: 4);
        SweepableEstimator network = ml.Auto().KerasSequential<Own>((context, own) =>
            Trainer(context, own,
                new()
                {
                    Epochs = 8,
                    Optimizer = new Adam(own.LearningRate),
                    ValidationSplit = 0.2,
                    Callbacks = [pruner.ForTraining()]
                }));
        Multiclass(ml, network, 6, out Trials trials).SetRandomSearchTuner(1).Run();
        int[] epochs = [.. trials.Completed.Select(t => t.Model.FindKerasSequential()!.History!.Epoch.Count)];
        Assert.IsGreaterThan(0, pruner.Pruned);
        Assert.AreEqual(pruner.Pruned, epochs.Count(e => e < 8), string.Join(", ", epochs));
    }

    [TestMethod]
    public void A_failure_of_a_custom_trainer_is_reported_and_the_experiment_continues()
    {
        var ml = new MLContext(seed: 1);
        Queue<Func<KerasSequentialOptions>> ways = new(
        [
            () => throw new InsufficientMemoryException("There is no memory left."),
            () => new() { Epochs = 10, Optimizer = new SGD(3e38, momentum: 0.99) },
            () => new() { Epochs = 20, Optimizer = new Adam(0.03) },
        ]);
        SweepableEstimator network = ml.Auto()
            .KerasSequential<Own>((context, own) => new Failing(() => Trainer(context, own, ways.Dequeue()())));
        TrialResult best = Multiclass(ml, network, 3, out Trials trials).Run();
        Assert.HasCount(2, trials.Failed);
        Assert.Contains("no memory left", trials.Failed[0]!.Message);
        Assert.Contains("NaN", trials.Failed[1]!.Message);
        Assert.IsGreaterThan(0.5, best.Metric);
    }

    /// <summary>A trainer that is created when training starts.</summary>
    sealed class Failing(Func<IEstimator<ITransformer>> trainer) : IEstimator<ITransformer>
    {
        public ITransformer Fit(IDataView input) => trainer().Fit(input);

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) => inputSchema;
    }
}
