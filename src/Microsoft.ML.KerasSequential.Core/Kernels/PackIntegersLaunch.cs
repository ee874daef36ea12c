using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>
/// Copies B into panels, in which the groups of all columns of a panel are contiguous, padded with zeros; for a weight,
/// only when it has changed.
/// </summary>
internal sealed unsafe class PackIntegersLaunch : Launch
{
    readonly float* _b;
    readonly ValueFormat _format;
    readonly bool _transposed;
    readonly IntegerSize _size;
    readonly byte* _panels;
    readonly Variable? _weight;
    readonly byte _offset;
    long _version = -1;

    public PackIntegersLaunch(nint b, ValueFormat format, bool transposed, IntegerSize size, nint panels,
        Variable? weight, IntegerPath path)
    {
        (_format, _transposed, _size, _weight) = (format, transposed, size, weight);
        _b = (float*)b;
        _panels = (byte*)panels;
        _offset = (byte)IntegerPaths.Offset(path);
        Chunks = size.Panels;
    }

    public override bool Begins()
    {
        if (_weight is null) return true;
        bool changed = _weight.Version != _version;
        _version = _weight.Version;
        return changed;
    }

    public override void Run(int chunk, float* scratch)
    {
        const int Panel = IntegerSize.Panel, Group = IntegerSize.Group;
        int first = chunk * Panel, width = Math.Min(Panel, _size.Columns - first);
        byte* panel = _panels + (nint)chunk * _size.PanelBytes;
        new Span<byte>(panel, _size.PanelBytes).Fill(_offset);
        for (int k = 0; k < _size.Inner; k++)
        {
            byte* target = panel + (nint)(k / Group) * Panel * Group + k % Group;
            for (int j = 0; j < width; j++)
            {
                nint at = _transposed ? (nint)(first + j) * _size.Inner + k : (nint)k * _size.Columns + first + j;
                sbyte value = _format == ValueFormat.Int8 ? ((sbyte*)_b)[at] : ValueFormats.ToInteger(_b[at]);
                target[j * Group] = (byte)(value + _offset);
            }
        }
    }
}
