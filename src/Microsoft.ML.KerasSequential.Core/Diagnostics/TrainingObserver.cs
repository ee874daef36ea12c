using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Utils;

namespace Microsoft.ML.KerasSequential.Diagnostics;

/// <summary>Reports a training run to a logger, to meters and traces, and to an <see cref="IProgress{T}"/>.</summary>
internal sealed class TrainingObserver : IDisposable
{
    static readonly TimeSpan s_reportInterval = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan s_throughputInterval = TimeSpan.FromSeconds(1);

    readonly Sequential _model;
    readonly ILogger _logger;
    readonly IProgress<TrainingProgress>? _progress;
    readonly TrainingParameters _parameters;
    readonly KeyValuePair<string, object?> _name, _device;
    readonly IDisposable? _scope;
    readonly Activity? _training;
    readonly long _begun = Stopwatch.GetTimestamp();
    Activity? _inEpoch;
    int _epoch, _epochsDone;
    long _steps, _epochBegun, _reportedAt, _measuredAt, _measuredSamples;
    bool _saidNotFinite;

    /// <param name="model">The model.</param>
    /// <param name="logger">The logger.</param>
    /// <param name="progress">The receiver of progress reports, or null.</param>
    /// <param name="parameters">The arguments of the training run.</param>
    /// <param name="initialEpoch">The zero-based index of the first epoch.</param>
    public TrainingObserver(Sequential model, ILogger logger, IProgress<TrainingProgress>? progress,
        TrainingParameters parameters, int initialEpoch)
    {
        (_model, _logger, _progress, _parameters, _epoch) = (model, logger, progress, parameters, initialEpoch);
        (_name, _device) = (Instruments.NameTag(model), Instruments.DeviceTag(model));
        _training = Instruments.Source.StartActivity("keras.training");
        if (_training is null && !logger.IsEnabled(LogLevel.Critical)) return;
        string run = Guid.NewGuid().ToString("N");
        _training?.SetTag(_name.Key, _name.Value).SetTag(_device.Key, _device.Value).SetTag("keras.run.id", run)
            .SetTag("keras.training.epochs", parameters.Epochs)
            .SetTag("keras.training.steps_per_epoch", parameters.Steps)
            .SetTag("keras.training.batch_size", parameters.BatchSize)
            .SetTag("keras.training.samples", parameters.Samples);
        _scope = logger.BeginScope(new RunScope(run, model.Name));
        logger.TrainingBegins(
            model.Name, model.Device.Name, parameters.Samples, parameters.Steps, initialEpoch + 1, parameters.Epochs);
    }

    /// <summary>Gets a value that indicates whether a progress report is due.</summary>
    public bool IsReportDue => _progress is not null && Stopwatch.GetElapsedTime(_reportedAt) >= s_reportInterval;

    /// <summary>
    /// Gets a value that indicates whether the loss must be checked, because no loss has been reported as NaN or
    /// infinite yet.
    /// </summary>
    public bool WatchesLoss => !_saidNotFinite;

    public void EpochBegins(int epoch)
    {
        (_epoch, _epochBegun) = (epoch, Stopwatch.GetTimestamp());
        _inEpoch = Instruments.Source.StartActivity("keras.training.epoch");
        _inEpoch?.SetTag(_name.Key, _name.Value).SetTag("keras.training.epoch", epoch + 1);
        (_measuredAt, _measuredSamples) = (_epochBegun, 0);
    }

    /// <summary>
    /// Returns the current timestamp if anything measures how long steps wait for their batches; otherwise, 0.
    /// </summary>
    public static long BeginWait() => Instruments.QueueWait.Enabled ? Stopwatch.GetTimestamp() : 0;

    public void EndWait(long begun)
    {
        if (begun != 0) Instruments.QueueWait.Record(Stopwatch.GetElapsedTime(begun).TotalSeconds, _name, _device);
    }

    /// <summary>Returns the current timestamp if anything listens to steps; otherwise, 0.</summary>
    public static long BeginStep() => Instruments.AreStepsObserved ? Stopwatch.GetTimestamp() : 0;

    /// <summary>Records the end of a step.</summary>
    /// <param name="begun">The timestamp that <see cref="BeginStep"/> returned.</param>
    /// <param name="samples">The number of samples in the step.</param>
    /// <param name="loss">The loss of the step, or null if the device has not returned it yet.</param>
    public void EndStep(long begun, int samples, double? loss)
    {
        _steps++;
        if (begun == 0) return;
        Instruments.Steps.Add(1, _name, _device);
        Instruments.Samples.Add(samples, _name, _device);
        Instruments.StepDuration.Record(Stopwatch.GetElapsedTime(begun).TotalSeconds, _name, _device);
        if (loss is double value) Instruments.Loss.Record(value, _name, _device);
        _measuredSamples += samples;
        if (Stopwatch.GetElapsedTime(_measuredAt) >= s_throughputInterval) Measure();
    }

    /// <summary>Records that all steps of an epoch are complete and the device has returned their results.</summary>
    /// <param name="mean">
    /// The mean loss of the epoch, if the losses of its steps were not reported; otherwise, null.
    /// </param>
    public void StepsEnd(double? mean)
    {
        Measure();
        if (mean is double loss && Instruments.Loss.Enabled) Instruments.Loss.Record(loss, _name, _device);
    }

    /// <summary>Reports the progress after a step.</summary>
    /// <param name="step">The number of completed steps in the epoch.</param>
    /// <param name="steps">The total number of steps in the epoch.</param>
    /// <param name="metrics">The loss and metrics so far.</param>
    public void Report(int step, int steps, IReadOnlyDictionary<string, double> metrics) =>
        Report(step, steps, metrics, isEpochEnd: false);

    public void EpochEnds(int step, int steps, IReadOnlyDictionary<string, double> logs)
    {
        _epochsDone++;
        if (_inEpoch is not null)
            foreach ((string name, double value) in logs) _inEpoch.SetTag($"keras.{name}", value);
        End(ref _inEpoch);
        if (_logger.IsEnabled(LogLevel.Information))
        {
            string values = string.Join(" - ", logs.Select(l => $"{l.Key}: {HistoryTable.Number(l.Value)}"));
            double seconds = Stopwatch.GetElapsedTime(_epochBegun).TotalSeconds;
            _logger.EpochEnds(_epoch + 1, _parameters.Epochs, values, seconds);
        }
        if (_progress is not null) Report(step, steps, logs, isEpochEnd: true);
    }

    /// <summary>Records the first loss that is NaN or infinite.</summary>
    /// <param name="loss">The loss.</param>
    /// <param name="batch">The zero-based index of the batch.</param>
    /// <param name="isTerminated">true if a callback stops training; otherwise, false.</param>
    /// <returns>The warning to display.</returns>
    public string NotFinite(double loss, long batch, bool isTerminated)
    {
        _saidNotFinite = true;
        string what = double.IsNaN(loss) ? "NaN" : "infinite";
        string message = $"The loss became {what} in epoch {_epoch + 1}, batch {batch + 1}: the weights are of no "
            + "use after that step. Common causes are a learning rate that is too high, inputs that are not scaled, "
            + "and a custom loss that divides by 0 or takes the logarithm of 0."
            + (isTerminated ? "" : " Training continues; to stop it, use the callback TerminateOnNaN.");
        _logger.LossIsNotFinite(message);
        _training?.AddEvent(new ActivityEvent("keras.training.loss_not_finite"));
        return message;
    }

    public void Ended(bool wasStopped)
    {
        if (wasStopped) _logger.TrainingStopped(_model.Name, _epoch + 1, _parameters.Epochs);
        _logger.TrainingEnds(_model.Name, _epochsDone, _steps, Stopwatch.GetElapsedTime(_begun).TotalSeconds);
    }

    public void Cancelled()
    {
        _training?.SetTag("keras.training.cancelled", true);
        _logger.TrainingCancelled(_model.Name, _epoch + 1, _parameters.Epochs);
    }

    public void Failed(Exception e)
    {
        _training?.SetStatus(ActivityStatusCode.Error, e.Message).AddException(e);
        _logger.TrainingFailed(e, _model.Name, _epoch + 1, _parameters.Epochs);
    }

    public void Dispose()
    {
        End(ref _inEpoch);
        _scope?.Dispose();
        _training?.Dispose();
    }

    void Measure()
    {
        double seconds = Stopwatch.GetElapsedTime(_measuredAt).TotalSeconds;
        if (_measuredSamples > 0 && seconds > 0 && Instruments.Throughput.Enabled)
            Instruments.Throughput.Record(_measuredSamples / seconds, _name, _device);
        (_measuredAt, _measuredSamples) = (Stopwatch.GetTimestamp(), 0);
    }

    void Report(int step, int steps, IReadOnlyDictionary<string, double> metrics, bool isEpochEnd)
    {
        _reportedAt = Stopwatch.GetTimestamp();
        _progress!.Report(new(_epoch + 1, _parameters.Epochs, step, steps, metrics["loss"], metrics,
            Stopwatch.GetElapsedTime(_begun), isEpochEnd));
    }

    static void End(ref Activity? activity)
    {
        activity?.Dispose();
        activity = null;
    }
}
