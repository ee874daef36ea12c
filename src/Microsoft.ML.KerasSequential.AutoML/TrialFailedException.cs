namespace Microsoft.ML.KerasSequential.AutoML;

/// <summary>
/// A training of an experiment has failed for a reason of its own, such as a learning rate at which the loss became
/// NaN. An experiment reports the trial as failed and goes on. It is an
/// <see cref="OperationCanceledException"/>, since that is the exception with which ML.NET's experiments go on also
/// when the first trial throws it.
/// </summary>
public sealed class TrialFailedException : OperationCanceledException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What went wrong.</param>
    /// <param name="innerException">The cause, or null.</param>
    public TrialFailedException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
