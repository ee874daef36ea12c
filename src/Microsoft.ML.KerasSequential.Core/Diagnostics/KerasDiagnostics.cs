namespace Microsoft.ML.KerasSequential;

/// <summary>
/// The names under which models tell how they train and predict, for OpenTelemetry and other listeners:
/// <c>AddMeter(KerasDiagnostics.MeterName)</c>, <c>AddSource(KerasDiagnostics.ActivitySourceName)</c>. Nothing is
/// measured
/// while nobody listens.
/// </summary>
/// <remarks>
/// <para>Instruments of training, with the tags <c>keras.model.name</c> and <c>keras.device</c>:
/// <c>keras.training.steps</c> and <c>keras.training.samples</c> (counters), <c>keras.training.step.duration</c>
/// (histogram, s),
/// <c>keras.training.throughput</c> (gauge, samples a second over a second at least, or to the end of an epoch),
/// <c>keras.training.loss</c> (gauge: the loss of the last step; on a GPU, which works on its own, the mean of the
/// epoch),
/// <c>keras.training.queue.wait</c> (histogram, s: how long a step waited for its batch).</para>
/// <para>Of prediction, with the same tags: <c>keras.prediction.duration</c> (histogram, s: a whole call) and
/// <c>keras.prediction.batch.size</c> (histogram, samples that ran at once).</para>
/// <para>Of the process: <c>keras.memory.usage</c> (bytes of weights and values outside the managed heap).</para>
/// <para>Activities: <c>keras.training</c> with a <c>keras.training.epoch</c> in it for each epoch,
/// <c>keras.evaluation</c>,
/// <c>keras.prediction</c>.</para>
/// </remarks>
public static class KerasDiagnostics
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "Microsoft.ML.KerasSequential";

    /// <summary>The name of the activity source.</summary>
    public const string ActivitySourceName = "Microsoft.ML.KerasSequential";
}
