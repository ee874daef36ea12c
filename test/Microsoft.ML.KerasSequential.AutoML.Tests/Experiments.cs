using Microsoft.ML.AutoML;
using Microsoft.ML.KerasSequential.AutoML;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Records what an experiment reports about its trials.</summary>
internal sealed class Trials : IMonitor
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

/// <summary>Short experiments.</summary>
internal static class Experiments
{
    public static KerasSequentialSearchSpace Quick =>
        new() { Epochs = new(5, 15, 10), Width = new(8, 32, 16), HiddenLayers = new(0, 2, 1), MinUpdates = 0 };

    public static (IDataView Train, IDataView Test) Iris(MLContext ml)
    {
        DataOperationsCatalog.TrainTestData split = ml.Data.TrainTestSplit(DataSets.Iris(ml), 0.3);
        return (split.TrainSet, split.TestSet);
    }

    /// <summary>An experiment that classifies iris species with one network.</summary>
    public static AutoMLExperiment Multiclass(MLContext ml, SweepableEstimator network, int models, out Trials trials)
    {
        (IDataView train, IDataView test) = Iris(ml);
        SweepablePipeline pipeline = ml.Transforms.Conversion.MapValueToKey("Label", "Species").Append(network);
        trials = new();
        return ml.Auto().CreateExperiment().SetPipeline(pipeline)
            .SetMulticlassClassificationMetric(MulticlassClassificationMetric.MacroAccuracy, "Label")
            .SetDataset(train, test)
            .SetMaxModelToExplore(models).SetMonitor(trials);
    }
}
