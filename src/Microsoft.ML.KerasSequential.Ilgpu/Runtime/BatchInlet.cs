using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;

namespace Microsoft.ML.KerasSequential.Ilgpu.Runtime;

/// <summary>
/// Transfers batches to a device while it processes earlier ones: a ring of page-locked buffers and slots on the
/// device, filled on a separate stream. A slot is free again when the plans' stream has copied from it, which is waited
/// for once per round. Used under the device's gate.
/// </summary>
internal sealed unsafe class BatchInlet(IlgpuDevice device)
{
    const int MaxPlaces = 32, MinPlaces = 2, Page = 4096;

    const long RingFloats = 16 * 1024 * 1024;

    DeviceMemory.Range[] _places = [];
    PageLockScope<float>? _lock;
    float* _buffers;
    int _size, _next;

    /// <summary>Page-locked memory for values, to be filled and then sent.</summary>
    public Span<float> Open(int floats)
    {
        if (floats > _size) Grow(floats);
        if (_next == _places.Length)
        {
            device.Stream.Synchronize();
            _next = 0;
        }
        return new(_buffers + (nint)_next * _size, floats);
    }

    /// <summary>Sends the values; once they have arrived, kernels of the plans' stream can read them.</summary>
    public ArrayView<float> Send(int floats)
    {
        ArrayView<float> place = _places[_next].View.Slice(0, floats);
        if (floats > 0)
        {
            place.CopyFromCPUUnsafeAsync(device.CopyStream, ref Unsafe.AsRef<float>(_buffers + (nint)_next * _size),
                floats);
            device.CopyStream.Synchronize();
        }
        _next++;
        return place;
    }

    void Grow(int floats)
    {
        device.Stream.Synchronize();
        int count = (int)Math.Clamp(RingFloats / Math.Max(1, floats), MinPlaces, MaxPlaces);
        DeviceMemory.Range[] places = [.. Enumerable.Range(0, count).Select(_ => device.Memory.Allocate(floats))];
        _lock?.Dispose();
        NativeMemory.AlignedFree(_buffers);
        foreach (DeviceMemory.Range place in _places) place.Dispose();
        // Full pages, because a page can be locked only once.
        nuint bytes = ((nuint)count * (nuint)floats * sizeof(float) + Page - 1) / Page * Page;
        (_places, _size, _next) = (places, floats, 0);
        _buffers = (float*)NativeMemory.AlignedAlloc(bytes, Page);
        // Only CUDA supports page-locked memory.
        _lock = device.Accelerator.AcceleratorType == AcceleratorType.Cuda
            ? device.Accelerator.CreatePageLockFromPinned<float>((nint)_buffers, (long)(bytes / sizeof(float)))
            : null;
    }
}
