namespace Microsoft.ML.KerasSequential.Callbacks;

/// <summary>Stops training when the loss is NaN or infinite (Keras <c>keras.callbacks.TerminateOnNaN</c>).</summary>
public class TerminateOnNaN : Callback
{
    /// <summary>Creates the callback.</summary>
    /// <param name="raiseError">
    /// Whether to throw a <see cref="NotFiniteNumberException"/> at once, so that no callback learns that training
    /// ended; by default, training stops after the batch.
    /// </param>
    public TerminateOnNaN(bool raiseError = false) => RaiseError = raiseError;

    /// <summary>Gets a value that indicates whether an exception is thrown.</summary>
    public bool RaiseError { get; }

    /// <inheritdoc/>
    public override void OnBatchEnd(int batch, IReadOnlyDictionary<string, double> logs)
    {
        ArgumentNullException.ThrowIfNull(logs);
        if (!logs.TryGetValue("loss", out double loss) || double.IsFinite(loss)) return;
        if (RaiseError)
            throw new NotFiniteNumberException($"The loss of batch {batch} of the model {Model.Name} is {loss}; "
                + "training was ended by TerminateOnNaN.", loss);
        Console.WriteLine($"Batch {batch}: Invalid loss, terminating training");
        Model.StopTraining = true;
    }
}
