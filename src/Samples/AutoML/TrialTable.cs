using System.Globalization;
using Microsoft.ML.AutoML;
using Microsoft.ML.AutoML.CodeGen;

namespace Samples;

/// <summary>Prints a line for each trial of an experiment.</summary>
internal sealed class TrialTable(SweepablePipeline pipeline) : IMonitor
{
    /// <summary>The trainer of a trial: the last estimator of its pipeline.</summary>
    public static string Trainer(SweepablePipeline pipeline, TrialSettings settings)
    {
        string estimator = settings.Parameter["_pipeline_"]["_SCHEMA_"].AsType<string>().Split('*')[^1].Trim();
        // ML.NET knows the names of its own trainers.
        EstimatorType type = pipeline.Estimators[estimator].EstimatorType;
        return type == EstimatorType.Unknown ? "KerasSequential" : type.ToString();
    }

    public void ReportCompletedTrial(TrialResult result) =>
        Print(result.TrialSettings,
            string.Create(CultureInfo.InvariantCulture,
                $"{result.Metric:0.0000} {result.DurationInMilliseconds / 1000:0.0} s"));

    public void ReportBestTrial(TrialResult result)
    {
    }

    public void ReportFailTrial(TrialSettings settings, Exception? exception = null) =>
        Print(settings, $"failed: {exception?.Message}");

    public void ReportRunningTrial(TrialSettings setting)
    {
    }

    void Print(TrialSettings settings, string what) =>
        Console.WriteLine($"{settings.TrialId,4}  {Trainer(pipeline, settings),-28} {what}");
}
