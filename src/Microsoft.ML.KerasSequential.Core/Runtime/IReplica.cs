namespace Microsoft.ML.KerasSequential.Runtime;

/// <summary>A device's memory that holds the newest value of a variable.</summary>
internal interface IReplica
{
    /// <summary>Waits for what still writes it, and copies the value.</summary>
    /// <exception cref="DeviceException">The device does not answer.</exception>
    void CopyTo(Storage host);
}
