using ILGPU;

namespace Microsoft.ML.KerasSequential.Ilgpu.Runtime;

/// <summary>
/// What a plan needs other than its values: memory that steps share for temporary values, and tables.
/// </summary>
internal sealed class Workspace(IlgpuDevice device) : IDisposable
{
    const int Line = 64;

    readonly List<DeviceMemory.Range> _blocks = [];
    readonly List<(int[] Values, DeviceMemory.Range Range)> _tables = [];
    long _used;

    /// <summary>The values of all blocks and tables.</summary>
    public long Length => _blocks.Sum(b => b.View.Length) + _tables.Sum(t => t.Range.View.Length);

    /// <summary>Makes the memory available to the next step.</summary>
    public void NextStep() => _used = 0;

    /// <summary>The amount in use; restoring an earlier value frees what was taken since.</summary>
    public (int Block, long Used) Mark
    {
        get => (_blocks.Count, _used);
        set => _used = value.Block == _blocks.Count ? value.Used : 0;
    }

    public ArrayView<float> Take(long floats)
    {
        long length = (floats + Line - 1) / Line * Line;
        if (_blocks.Count == 0 || _used + length > _blocks[^1].View.Length)
        {
            // Bound launches keep the smaller blocks that they were given.
            _blocks.Add(
                device.Memory.Allocate(Math.Max(length, 2 * (_blocks.Count == 0 ? 0 : _blocks[^1].View.Length))));
            _used = 0;
        }
        ArrayView<float> result = _blocks[^1].View.Slice(_used, floats);
        _used += length;
        return result;
    }

    public ArrayView<int> Table(int[] values)
    {
        foreach ((int[] known, DeviceMemory.Range at) in _tables)
            if (known.AsSpan().SequenceEqual(values)) return at.Integers;
        DeviceMemory.Range range = device.Memory.Allocate(Math.Max(1, values.Length));
        device.Upload<int>(range.Integers, values);
        _tables.Add((values, range));
        return range.Integers;
    }

    public void Dispose()
    {
        foreach (DeviceMemory.Range block in _blocks) block.Dispose();
        foreach ((_, DeviceMemory.Range table) in _tables) table.Dispose();
        _blocks.Clear();
        _tables.Clear();
        _used = 0;
    }
}
