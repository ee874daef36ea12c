using ILGPU;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Ilgpu.Runtime;

/// <summary>The copy of a variable in a device's memory, shared by all plans that use it.</summary>
internal sealed class Replica(IlgpuDevice device, Variable variable, DeviceMemory.Range range) : IReplica
{
    long _version = -1;
    int _users;

    public ArrayView<float> View => range.View;

    /// <summary>Brings the copy up to date.</summary>
    public void Update()
    {
        if (_version == variable.Version) return;
        variable.Fetch();
        // A number (a learning rate, a metric's state) goes along as an argument, without waiting.
        if (variable.Size == 1) device.Set(View, variable.Storage.Span[0]);
        else if (variable.Size > 0) device.Upload(View, variable.Storage.Span);
        GC.KeepAlive(variable);
        _version = variable.Version;
    }

    /// <summary>A plan wrote the copy.</summary>
    public void Changed()
    {
        variable.ChangedIn(this);
        _version = variable.Version;
    }

    /// <summary>Another device wrote the same value.</summary>
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

    /// <summary>One plan less uses it; after the last one the value goes back to the processor's memory.</summary>
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
            // Whoever used the device was told so; here the plan goes, and the model with the older value goes on.
            Device.Log?.Invoke($"KerasSequential: {variable.Name} is as it was last read from the device. {e.Message}");
        }
        finally
        {
            range.Dispose();
        }
        return true;
    }
}
