using ILGPU;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Ilgpu.Runtime;

/// <summary>The copy of a variable in a device's memory, shared by all plans that use it.</summary>
internal sealed class Replica(IlgpuDevice device, Variable variable, DeviceMemory.Range range) : IReplica
{
    long _version = -1;
    int _users;

    public ArrayView<float> View => range.View;

    /// <summary>Updates the copy.</summary>
    public void Update()
    {
        if (_version == variable.Version) return;
        variable.Fetch();
        // A scalar (a learning rate, a metric's state) is passed as an argument, without waiting.
        if (variable.Storage.Length == 1) device.Set(View, variable.Storage.Span[0]);
        else if (variable.Storage.Length > 0) device.Upload(View, variable.Storage.Span);
        GC.KeepAlive(variable);
        _version = variable.Version;
    }

    /// <summary>Called when a plan has written the copy.</summary>
    public void Changed()
    {
        variable.ChangedIn(this);
        _version = variable.Version;
    }

    /// <summary>Called when another device has written the same value.</summary>
    public void Follow() => _version = variable.Version;

    public void CopyTo(Storage host)
    {
        if (host.Length > 0) device.Download(View, host.Span);
        GC.KeepAlive(host);
    }

    public Replica Use()
    {
        _users++;
        return this;
    }

    /// <summary>
    /// Called when a plan no longer uses the copy; after the last one, the value is copied back to CPU memory.
    /// </summary>
    /// <returns>Whether it was the last one.</returns>
    public bool Leave()
    {
        if (--_users > 0) return false;
        try
        {
            variable.Fetch();
        }
        catch (DeviceException e)
        {
            // The user of the device has been notified; here the plan is released, and the model continues with the
            // older value.
            Device.Log?.Invoke($"KerasSequential: {variable.Name} has the value last read from the device. " +
                $"{e.Message}");
        }
        finally
        {
            range.Dispose();
        }
        return true;
    }
}
