namespace Microsoft.ML.KerasSequential;

/// <summary>
/// The exception for a device failure: the device is out of memory, was lost, or a kernel could not be compiled for it.
/// The model's weights are consistent: they are those of the last step or, if the device was lost, those last read from
/// it. The model can continue on another <see cref="Device"/>.
/// </summary>
public sealed class DeviceException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">The failure and the device.</param>
    /// <param name="innerException">The driver's exception.</param>
    public DeviceException(string message, Exception? innerException = null) : base(message, innerException)
    {
    }
}
