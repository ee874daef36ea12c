namespace Microsoft.ML.KerasSequential;

/// <summary>
/// Contains the names under which models report training and prediction to OpenTelemetry and other listeners:
/// <c>AddMeter(KerasDiagnostics.MeterName)</c>, <c>AddSource(KerasDiagnostics.ActivitySourceName)</c>. Nothing is
/// measured unless something listens.
/// </summary>
/// <remarks>
/// <para>Training instruments, with the tags <c>keras.model.name</c> and <c>keras.device</c>:
/// <c>keras.training.steps</c> and <c>keras.training.samples</c> (counters), <c>keras.training.step.duration</c>
/// (histogram, s), <c>keras.training.throughput</c> (gauge, samples/s: measured over at least one second, or until the
/// end of the epoch), <c>keras.training.loss</c> (gauge: the loss of the last step; on a GPU, which runs
/// asynchronously, the mean of the epoch), and <c>keras.training.queue.wait</c> (histogram, s: how long a step waited
/// for its batch).</para>
/// <para>Prediction instruments, with the same tags: <c>keras.prediction.duration</c> (histogram, s: the duration of a
/// call) and <c>keras.prediction.batch.size</c> (histogram: the number of samples that were predicted together).</para>
/// <para>Process instrument: <c>keras.memory.usage</c> (bytes of weights and values outside the managed heap).</para>
/// <para>Activities: <c>keras.training</c> with a child <c>keras.training.epoch</c> for each epoch,
/// <c>keras.evaluation</c>, and <c>keras.prediction</c>.</para>
/// </remarks>
public static class KerasDiagnostics
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "Microsoft.ML.KerasSequential";

    /// <summary>The name of the activity source.</summary>
    public const string ActivitySourceName = "Microsoft.ML.KerasSequential";
}
