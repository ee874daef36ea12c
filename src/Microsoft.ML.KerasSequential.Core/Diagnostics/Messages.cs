using Microsoft.Extensions.Logging;

namespace Microsoft.ML.KerasSequential.Diagnostics;

/// <summary>
/// Contains the log messages of a model. Event IDs must not change, because filters and alerts depend on them.
/// </summary>
internal static partial class Messages
{
    [LoggerMessage(1, LogLevel.Information,
        "Training {Model} on {Device}: {Samples} samples, {Steps} steps an epoch, epochs {First} to {Last}")]
    public static partial void TrainingBegins(
        this ILogger logger, string model, string device, int? samples, int steps, int first, int last);

    [LoggerMessage(2, LogLevel.Information, "Epoch {Epoch}/{Epochs}: {Values} ({Seconds:0.000} s)")]
    public static partial void EpochEnds(this ILogger logger, int epoch, int epochs, string values, double seconds);

    [LoggerMessage(3, LogLevel.Information, "Trained {Model}: {Epochs} epochs, {Steps} steps in {Seconds:0.000} s")]
    public static partial void TrainingEnds(this ILogger logger, string model, int epochs, long steps, double seconds);

    [LoggerMessage(4, LogLevel.Information, "The training of {Model} was stopped in epoch {Epoch}/{Epochs}")]
    public static partial void TrainingStopped(this ILogger logger, string model, int epoch, int epochs);

    [LoggerMessage(5, LogLevel.Warning, "The training of {Model} was cancelled in epoch {Epoch}/{Epochs}")]
    public static partial void TrainingCancelled(this ILogger logger, string model, int epoch, int epochs);

    [LoggerMessage(6, LogLevel.Error, "The training of {Model} failed in epoch {Epoch}/{Epochs}")]
    public static partial void TrainingFailed(this ILogger logger, Exception e, string model, int epoch, int epochs);

    [LoggerMessage(7, LogLevel.Warning, "{Message}")]
    public static partial void LossIsNotFinite(this ILogger logger, string message);

    [LoggerMessage(8, LogLevel.Warning, "{Message}")]
    public static partial void ValueIsMissing(this ILogger logger, string message);

    [LoggerMessage(9, LogLevel.Debug, "Evaluated {Model} on {Samples} samples in {Seconds:0.000000} s: {Values}")]
    public static partial void Evaluated(
        this ILogger logger, string model, long samples, double seconds, string values);

    [LoggerMessage(10, LogLevel.Debug, "Predicted {Samples} samples with {Model} in {Seconds:0.000000} s")]
    public static partial void Predicted(this ILogger logger, long samples, string model, double seconds);

    [LoggerMessage(11, LogLevel.Warning, "{Message}")]
    public static partial void WeightsAreSkipped(this ILogger logger, string message);
}
