using System.Diagnostics.CodeAnalysis;
using ILGPU;

namespace Microsoft.ML.KerasSequential.Ilgpu.Runtime;

/// <summary>
/// Copies of the arrays from which training or evaluation takes its batches, as far as they fit. Used under the
/// device's gate, which any thread that copies a batch already has: with a separate lock, the start of one training and
/// a step of another could deadlock.
/// </summary>
internal sealed class HeldArrays(IlgpuDevice device)
{
    /// <summary>Data leave at least half of the memory to the model.</summary>
    const int ShareOfMemory = 2;

    readonly Dictionary<NDArray, Entry> _entries = new(ReferenceEqualityComparer.Instance);

    sealed class Entry(DeviceMemory.Range range)
    {
        public DeviceMemory.Range Range { get; } = range;

        public int Holders { get; set; }
    }

    public bool TryGet(NDArray array, out ArrayView<float> view)
    {
        lock (device.Gate)
        {
            bool known = _entries.TryGetValue(array, out Entry? entry);
            view = known ? entry!.Range.View : default;
            return known;
        }
    }

    /// <summary>Holds arrays until the result is disposed.</summary>
    public IDisposable? Hold(IEnumerable<NDArray> arrays)
    {
        var held = new List<NDArray>();
        lock (device.Gate)
        {
            try
            {
                foreach (NDArray array in arrays)
                {
                    if (array.Size == 0) continue;
                    if (!_entries.TryGetValue(array, out Entry? entry))
                    {
                        if (!TryCopy(array, out entry)) continue;
                        _entries[array] = entry;
                    }
                    entry.Holders++;
                    held.Add(array);
                }
            }
            catch
            {
                Release(held);
                throw;
            }
        }
        return held.Count == 0 ? null : new Holding(this, held);
    }

    bool TryCopy(NDArray array, [NotNullWhen(true)] out Entry? entry)
    {
        entry = null;
        long bytes = (long)array.Size * sizeof(float);
        if (device.Memory.Used + bytes > Math.Min(device.MemoryBytes, device.Memory.Limit) / ShareOfMemory)
            return false;
        DeviceMemory.Range range;
        try
        {
            range = device.Memory.Allocate(array.Size);
        }
        catch (DeviceException)
        {
            // Otherwise, batches are copied one by one.
            return false;
        }
        device.Upload(range.View, array.Span);
        entry = new Entry(range);
        return true;
    }

    void Release(List<NDArray> arrays)
    {
        lock (device.Gate)
        {
            foreach (NDArray array in arrays)
            {
                Entry entry = _entries[array];
                if (--entry.Holders > 0) continue;
                _entries.Remove(array);
                entry.Range.Dispose();
            }
        }
    }

    sealed class Holding(HeldArrays owner, List<NDArray> arrays) : IDisposable
    {
        bool _disposed;

        public void Dispose()
        {
            if (_disposed) return;
            _disposed = true;
            owner.Release(arrays);
        }
    }
}
