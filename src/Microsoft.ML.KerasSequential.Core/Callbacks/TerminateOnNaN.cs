namespace Microsoft.ML.KerasSequential.Callbacks;

/// <summary>Stops training when the loss is NaN or infinite (Keras <c>keras.callbacks.TerminateOnNaN</c>).</summary>
public class TerminateOnNaN : Callback
{
    /// <inheritdoc/>
    public override void OnBatchEnd(int batch, IReadOnlyDictionary<string, double> logs)
    {
        ArgumentNullException.ThrowIfNull(logs);
        if (!logs.TryGetValue("loss", out double loss) || double.IsFinite(loss)) return;
        Console.WriteLine($"Batch {batch}: Invalid loss, terminating training");
        Model.StopTraining = true;
    }
}
