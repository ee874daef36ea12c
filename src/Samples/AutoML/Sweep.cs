using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.AutoML;
using Microsoft.ML.Data;
using Microsoft.ML.KerasSequential.AutoML;

namespace Samples;

/// <summary>Runs ML.NET's AutoML with networks among its trainers.</summary>
internal static class Sweep
{
    const int Features = 30;
    const uint Seconds = 45;

    public static void Run(int seed)
    {
        var ml = new MLContext(seed);
        (IDataView train, IDataView test) = Tumours(ml);
        SweepablePipeline pipeline = ml.Auto().Featurizer(train, excludeColumns: ["Label"])
            .Append(ml.Auto().KerasSequentialBinary(pruner: new MedianPruner()), ml.Auto().BinaryClassification());

        Console.WriteLine($"{Seconds} seconds of trials, each with 3 folds:");
        TrialResult best = ml.Auto().CreateExperiment().SetPipeline(pipeline).SetDataset(train, fold: 3)
            .SetBinaryClassificationMetric(BinaryClassificationMetric.Accuracy, "Label")
                .SetTrainingTimeInSeconds(Seconds)
            .SetMonitor(new TrialTable(pipeline)).RunAsync(Interrupt.Token).GetAwaiter().GetResult();

        Console.WriteLine($"the best pipeline: trial {best.TrialSettings.TrialId}, "
            + $"{TrialTable.Trainer(pipeline, best.TrialSettings)}");
        BinaryClassificationMetrics metrics = ml.BinaryClassification.EvaluateNonCalibrated(best.Model.Transform(test));
        Console.WriteLine(
            string.Create(CultureInfo.InvariantCulture,
                $"test accuracy: {metrics.Accuracy:0.0000} on tumors not used by the experiment"));
        if (best.Model.FindKerasSequential() is { } network)
            Console.WriteLine($"\nIts network as code:\n\n{network.Model.ToCSharp()}");
    }

    /// <summary>Two thirds of the tumors for training, and the rest; the label is whether a tumor is benign.</summary>
    static (IDataView Train, IDataView Test) Tumours(MLContext ml)
    {
        IDataView tumours =
            ml.Data.LoadFromTextFile(Path.Combine(AppContext.BaseDirectory, "Data", "breast_cancer.csv"),
            [new("Cells", DataKind.Single, 0, Features - 1), new("Label", DataKind.Boolean, Features)],
            separatorChar: ',', hasHeader: true);
        DataOperationsCatalog.TrainTestData split = ml.Data.TrainTestSplit(tumours, testFraction: 1.0 / 3);
        return (split.TrainSet, split.TestSet);
    }
}
