namespace Microsoft.ML.KerasSequential.AutoML;

/// <summary>
/// The exception for a failed trial, such as one with a learning rate at which the loss became NaN. The experiment
/// reports the trial as failed and continues. It derives from <see cref="OperationCanceledException"/>, because
/// ML.NET's experiments continue after that exception even if the first trial throws it.
/// </summary>
public sealed class TrialFailedException : OperationCanceledException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What went wrong.</param>
    /// <param name="innerException">The cause, or null.</param>
    public TrialFailedException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
