namespace Microsoft.ML.KerasSequential.Runtime;

/// <summary>A device's memory that holds the newest value of a variable.</summary>
internal interface IReplica
{
    /// <summary>Waits for pending writes, and copies the value.</summary>
    /// <exception cref="DeviceException">The device does not respond.</exception>
    void CopyTo(Storage host);
}
