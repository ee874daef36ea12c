using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Diagnostics;

/// <summary>
/// Contains the instruments of <see cref="KerasDiagnostics"/>. Without listeners, each one only checks a flag.
/// </summary>
internal static class Instruments
{
    static readonly string? s_version = typeof(Instruments).Assembly.GetName().Version?.ToString();
    static readonly Meter s_meter = new(KerasDiagnostics.MeterName, s_version);

    public static readonly ActivitySource Source = new(KerasDiagnostics.ActivitySourceName, s_version);

    public static readonly Counter<long> Steps =
        s_meter.CreateCounter<long>("keras.training.steps", "{step}", "Weight updates.");

    public static readonly Counter<long> Samples =
        s_meter.CreateCounter<long>("keras.training.samples", "{sample}", "Samples used for training.");

    public static readonly Histogram<double> StepDuration =
        s_meter.CreateHistogram<double>("keras.training.step.duration", "s", "The duration of a weight update.");

    public static readonly Gauge<double> Throughput =
        s_meter.CreateGauge<double>("keras.training.throughput", "{sample}/s", "Samples used for training per second.");

    public static readonly Gauge<double> Loss =
        s_meter.CreateGauge<double>("keras.training.loss", "1", "The training loss.");

    public static readonly Histogram<double> QueueWait =
        s_meter.CreateHistogram<double>("keras.training.queue.wait", "s", "How long a step waited for its batch.");

    public static readonly Histogram<double> PredictionDuration =
        s_meter.CreateHistogram<double>("keras.prediction.duration", "s", "The duration of a call to Predict.");

    public static readonly Histogram<long> PredictionBatch =
        s_meter.CreateHistogram<long>("keras.prediction.batch.size", "{sample}", "Samples predicted together.");

    public static readonly ObservableUpDownCounter<long> Memory = s_meter.CreateObservableUpDownCounter(
        "keras.memory.usage", () => Storage.AllBytes, "By", "Weights and values of models outside the managed heap.");

    /// <summary>Gets a value that indicates whether anything listens to individual steps.</summary>
    public static bool AreStepsObserved =>
        Steps.Enabled || Samples.Enabled || StepDuration.Enabled || Throughput.Enabled || Loss.Enabled;

    public static KeyValuePair<string, object?> NameTag(Sequential model) => new("keras.model.name", model.Name);

    public static KeyValuePair<string, object?> DeviceTag(Sequential model) => new("keras.device", model.Device.Name);
}
