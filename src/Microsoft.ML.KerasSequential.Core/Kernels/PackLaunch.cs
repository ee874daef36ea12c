using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.KerasSequential.Numerics;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>
/// Copies B into panels of contiguous rows, the last one padded with zeros; for a weight, only when it has changed.
/// </summary>
internal sealed unsafe class PackLaunch : Launch
{
    readonly Matrix _b;
    readonly float* _packed;
    readonly int _first, _panel, _panelsPerChunk, _panels;

    readonly Variable? _weight;
    long _version = -1;

    /// <summary>
    /// Packs a matrix from a panel on; only once if it is part of a weight that the plan does not change.
    /// </summary>
    public static (nint Packed, PackLaunch Launch) Of(Matrix b, int first, Tensor? source, CpuBinding binding)
    {
        int panel = MatMulKernel.LaneWidth * 2, panels = (b.Columns + panel - 1) / panel,
            size = (panels - first) * panel * Math.Max(1, b.Rows);
        Variable? weight = source is null ? null : binding.Unchanged(source);
        nint packed = weight is null ? (nint)binding.Temporary(size) : binding.Kept((b, first), size);
        return (packed, new(b, packed, first, panels, panel, weight));
    }

    PackLaunch(Matrix b, nint packed, int first, int panels, int panel, Variable? weight)
    {
        _weight = weight;
        _b = b;
        _packed = (float*)packed;
        _first = first;
        _panels = panels;
        _panel = panel;
        // Several panels at a time, so that long pieces of each row are read together.
        _panelsPerChunk =
            Math.Max(Math.Clamp((panels - first) / 4, 1, PanelsTogether), 16 * 1024 / Math.Max(1, b.Rows * panel));
        Chunks = (panels - first + _panelsPerChunk - 1) / _panelsPerChunk;
    }

    const int PanelsTogether = 8;

    public override bool Begins()
    {
        if (_weight is null) return true;
        bool changed = _weight.Version != _version;
        _version = _weight.Version;
        return changed;
    }

    public override void Run(int chunk, float* scratch)
    {
        int start = _first + chunk * _panelsPerChunk, end = Math.Min(start + _panelsPerChunk, _panels);
        nint panelSize = (nint)_panel * _b.Rows;
        float* target = _packed + (start - _first) * panelSize;
        if (_b.ColumnStride == 1)
        {
            if (Vector512.IsHardwareAccelerated) CopyRows<Lane512>(target, panelSize, start, end);
            else if (Vector256.IsHardwareAccelerated) CopyRows<Lane256>(target, panelSize, start, end);
            else if (Vector128.IsHardwareAccelerated) CopyRows<Lane128>(target, panelSize, start, end);
            else CopyRows<LaneScalar>(target, panelSize, start, end);
            return;
        }
        for (int p = start; p < end; p++, target += panelSize)
        {
            int column = p * _panel;
            TransposeColumns(target, column, Math.Min(_panel, _b.Columns - column));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void CopyRows<T>(float* target, nint panelSize, int start, int end) where T : struct, ILane<T>
    {
        int wholeEnd = Math.Min(end, _b.Columns / _panel);
        for (int k = 0; k < _b.Rows; k++)
        {
            float* source = _b.Pointer + (nint)k * _b.RowStride + (nint)start * _panel;
            float* to = target + (nint)k * _panel;
            for (int p = start; p < wholeEnd; p++, source += _panel, to += panelSize)
            {
                T.Store(to, T.Load(source));
                T.Store(to + T.Width, T.Load(source + T.Width));
            }
            if (wholeEnd == end) continue;
            int width = _b.Columns - wholeEnd * _panel;
            new ReadOnlySpan<float>(source, width).CopyTo(new Span<float>(to, width));
            new Span<float>(to + width, _panel - width).Clear();
        }
    }

    void TransposeColumns(float* target, int column, int width)
    {
        if (width < _panel) new Span<float>(target, _panel * _b.Rows).Clear();
        float* source = _b.Pointer + (nint)column * _b.ColumnStride;
        TransposeTiles.Run(source, _b.ColumnStride, target, _panel, width, _b.Rows);
    }
}
