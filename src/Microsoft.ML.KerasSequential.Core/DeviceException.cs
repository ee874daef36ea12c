namespace Microsoft.ML.KerasSequential;

/// <summary>
/// A device could not do its work: its memory is used up, it was lost, or a kernel could not be compiled for it. The model's weights are in order: they are those of the last step
/// or, if the device was lost, those that were last read from it. The model can go on on another <see cref="Device"/>.
/// </summary>
public sealed class DeviceException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What happened on which device.</param>
    /// <param name="innerException">What the driver said.</param>
    public DeviceException(string message, Exception? innerException = null) : base(message, innerException)
    {
    }
}
