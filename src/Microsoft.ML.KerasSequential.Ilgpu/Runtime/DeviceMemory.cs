using ILGPU;
using ILGPU.Runtime;

namespace Microsoft.ML.KerasSequential.Ilgpu.Runtime;

/// <summary>
/// The memory of a device: large blocks, from which ranges for weights, values, tables and copies of data are
/// allocated. A range is returned when it is disposed or no longer referenced; an empty block is returned to the
/// driver.
/// </summary>
internal sealed class DeviceMemory(Accelerator accelerator, string name) : IDisposable
{
    /// <summary>Ranges are aligned to this many values, enough for all vector loads.</summary>
    const int Line = 64;

    const long BlockSize = 4 * 1024 * 1024;

    readonly Lock _lock = new();
    readonly List<Block> _blocks = [];
    readonly Queue<(Block Block, long Start, long Length)> _returned = [];

    sealed class Block(MemoryBuffer1D<float, Stride1D.Dense> buffer)
    {
        public MemoryBuffer1D<float, Stride1D.Dense> Buffer { get; } = buffer;

        public ArrayView<float> View { get; } = buffer.View.BaseView;

        /// <summary>Free ranges by their start.</summary>
        public SortedList<long, long> Free { get; } = new() { [0] = buffer.Length };
    }

    /// <summary>Memory of a certain size until it is disposed.</summary>
    public sealed class Range : IDisposable
    {
        readonly DeviceMemory _memory;
        readonly object _block;
        readonly long _start;
        readonly long _length;
        bool _disposed;

        internal Range(DeviceMemory memory, object block, long start, long length, ArrayView<float> view) =>
            (_memory, _block, _start, _length, View) = (memory, block, start, length, view);

        ~Range() => Return();

        public ArrayView<float> View { get; }

        public ArrayView<int> Integers => View.Cast<int>();

        public void Dispose()
        {
            Return();
            GC.SuppressFinalize(this);
        }

        void Return()
        {
            if (_disposed) return;
            _disposed = true;
            lock (_memory._returned) _memory._returned.Enqueue(((Block)_block, _start, _length));
        }
    }

    /// <summary>A limit in bytes, for tests of behavior beyond it.</summary>
    public long Limit { get; set; } = long.MaxValue;

    /// <summary>The number of bytes allocated from the driver.</summary>
    public long Reserved
    {
        get
        {
            lock (_lock) return _blocks.Sum(b => b.Buffer.Length) * sizeof(float);
        }
    }

    /// <summary>The number of bytes in use.</summary>
    public long Used
    {
        get
        {
            lock (_lock)
            {
                TakeBack();
                return _blocks.Sum(b => b.Buffer.Length - b.Free.Values.Sum()) * sizeof(float);
            }
        }
    }

    /// <summary>Memory for values, not cleared.</summary>
    /// <exception cref="DeviceException">There is not enough memory.</exception>
    public Range Allocate(long floats)
    {
        long length = Math.Max(1, (floats + Line - 1) / Line) * Line;
        lock (_lock)
        {
            TakeBack();
            if (Find(length) is { } found) return Take(found.Block, found.Start, length, floats);
            if (TryReserve(length) is { } block) return Take(block, 0, length, floats);
        }
        // Unreferenced memory is still in use until the garbage collector has run.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        lock (_lock)
        {
            TakeBack();
            if (Find(length) is { } found) return Take(found.Block, found.Start, length, floats);
            if (TryReserve(length) is { } block) return Take(block, 0, length, floats);
            throw new DeviceException($"{name} has no memory left for {length * sizeof(float):N0} bytes: " +
                $"{Reserved:N0} of {Math.Min(Limit, accelerator.MemorySize):N0} bytes are in use by this process. " +
                "Use a smaller batch or Device.Cpu.");
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (Block block in _blocks) block.Buffer.Dispose();
            _blocks.Clear();
        }
    }

    void TakeBack()
    {
        lock (_returned)
        {
            while (_returned.TryDequeue(out (Block Block, long Start, long Length) range))
                Free(range.Block, range.Start, range.Length);
        }
    }

    (Block Block, long Start)? Find(long length)
    {
        foreach (Block block in _blocks)
        {
            foreach ((long start, long free) in block.Free)
                if (free >= length) return (block, start);
        }
        return null;
    }

    Block? TryReserve(long length)
    {
        // Another full block if there is memory for it, else what is needed.
        foreach (long size in new[] { Math.Max(length, BlockSize), length }.Distinct())
        {
            if (_blocks.Sum(b => b.Buffer.Length) * sizeof(float) + size * sizeof(float) > Limit) continue;
            try
            {
                accelerator.Bind();
                var block = new Block(accelerator.Allocate1D<float>(size));
                _blocks.Add(block);
                return block;
            }
            catch (Exception e) when (e is AcceleratorException or OutOfMemoryException && !DeviceErrors.IsLoss(e))
            {
            }
        }
        return null;
    }

    Range Take(Block block, long start, long length, long floats)
    {
        long free = block.Free[start];
        block.Free.Remove(start);
        if (free > length) block.Free[start + length] = free - length;
        return new Range(this, block, start, length, block.View.Slice(start, floats));
    }

    void Free(Block block, long start, long length)
    {
        if (!_blocks.Contains(block)) return;
        int next = ~block.Free.Keys.ToList().BinarySearch(start);
        if (next < block.Free.Count && block.Free.Keys[next] == start + length)
        {
            length += block.Free.Values[next];
            block.Free.RemoveAt(next);
        }
        if (next > 0 && block.Free.Keys[next - 1] + block.Free.Values[next - 1] == start)
        {
            (start, length) = (block.Free.Keys[next - 1], block.Free.Values[next - 1] + length);
            block.Free.RemoveAt(next - 1);
        }
        block.Free[start] = length;
        if (length < block.Buffer.Length || (_blocks.Count == 1 && length <= BlockSize)) return;
        block.Buffer.Dispose();
        _blocks.Remove(block);
    }
}
