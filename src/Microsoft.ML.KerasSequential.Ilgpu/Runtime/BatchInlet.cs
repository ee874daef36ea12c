using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;

namespace Microsoft.ML.KerasSequential.Ilgpu.Runtime;

/// <summary>
/// The way of batches into the device while it works on the last ones: a ring of page-locked buffers and places on the device, filled on a stream of its own. A place is free again when the plan's
/// stream has copied from it, which is waited for once a round.
/// </summary>
internal sealed class BatchInlet(IlgpuDevice device) : IDisposable
{
    const int MaxPlaces = 32, MinPlaces = 2;

    const long RingFloats = 16 * 1024 * 1024;

    float[][] _buffers = [];
    PageLockScope<float>[] _locks = [];
    DeviceMemory.Range[] _places = [];
    int _size, _next;

    /// <summary>Room for values in page-locked memory, to be filled and then sent.</summary>
    public Span<float> Open(int floats)
    {
        if (floats > _size) Grow(floats);
        if (_next == _buffers.Length)
        {
            device.Stream.Synchronize();
            _next = 0;
        }
        return _buffers[_next].AsSpan(0, floats);
    }

    /// <summary>Sends what was filled in; when it is there, kernels of the plan's stream can read it.</summary>
    public ArrayView<float> Send(int floats)
    {
        ArrayView<float> place = _places[_next].View.Slice(0, floats);
        if (floats > 0)
        {
            place.CopyFromCPUUnsafeAsync(device.CopyStream, ref MemoryMarshal.GetArrayDataReference(_buffers[_next]), floats);
            device.CopyStream.Synchronize();
        }
        _next++;
        return place;
    }

    public void Dispose()
    {
        foreach (PageLockScope<float> page in _locks)
        {
            try
            {
                page.Dispose();
            }
            catch (Exception e) when (DeviceErrors.IsOfDevice(e))
            {
                // A lost device has unlocked its pages.
            }
        }
        foreach (DeviceMemory.Range place in _places) place.Dispose();
        (_buffers, _locks, _places, _size, _next) = ([], [], [], 0, 0);
    }

    void Grow(int floats)
    {
        device.Stream.Synchronize();
        Dispose();
        int count = (int)Math.Clamp(RingFloats / Math.Max(1, floats), MinPlaces, MaxPlaces);
        _places = [.. Enumerable.Range(0, count).Select(_ => device.Memory.Allocate(floats))];
        _buffers = [.. Enumerable.Range(0, count).Select(_ => GC.AllocateArray<float>(floats, pinned: true))];
        // Only CUDA knows page-locked memory.
        if (device.Accelerator.AcceleratorType == AcceleratorType.Cuda) _locks = [.. _buffers.Select(device.Accelerator.CreatePageLockFromPinned)];
        _size = floats;
    }
}
