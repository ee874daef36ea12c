using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.KerasSequential.Numerics;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>A matrix–vector product: dot products where A's rows are contiguous, else sums of scaled columns.</summary>
internal sealed unsafe class MatVecLaunch : Launch
{
    readonly Matrix _a;
    readonly float* _b;
    readonly nint _bStride;
    readonly float* _c;
    readonly ElementwiseLoop? _epilogue;
    readonly int _rowsPerChunk;

    public MatVecLaunch(Matrix a, Matrix b, nint c, ElementwiseLoop? epilogue)
    {
        _a = a;
        _b = b.Pointer;
        _bStride = b.RowStride;
        _c = (float*)c;
        _epilogue = epilogue;
        _rowsPerChunk = Math.Max(64, 64 * 1024 / Math.Max(1, a.Columns));
        Chunks = Math.Max(1, (a.Rows + _rowsPerChunk - 1) / _rowsPerChunk);
    }

    public override void Run(int chunk, float* scratch)
    {
        int row = chunk * _rowsPerChunk, rowEnd = Math.Min(row + _rowsPerChunk, _a.Rows);
        if (Vector512.IsHardwareAccelerated) Rows<Lane512>(row, rowEnd);
        else if (Vector256.IsHardwareAccelerated) Rows<Lane256>(row, rowEnd);
        else if (Vector128.IsHardwareAccelerated) Rows<Lane128>(row, rowEnd);
        else Rows<LaneScalar>(row, rowEnd);
        _epilogue?.Run(row, rowEnd, 0, 1);
    }

    void Rows<T>(int row, int rowEnd) where T : struct, ILane<T>
    {
        if (_a.ColumnStride == 1 && _bStride == 1)
        {
            for (int i = row; i < rowEnd; i++) _c[i] = Dot<T>(_a.Pointer + (nint)i * _a.RowStride, _b, _a.Columns);
            return;
        }
        int r = row;
        if (_a.RowStride == 1)
            for (; r + T.Width <= rowEnd; r += T.Width) Column<T>(r);
        for (; r < rowEnd; r++) Column<LaneScalar>(r);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static float Dot<T>(float* x, float* y, int count) where T : struct, ILane<T>
    {
        T s0 = T.Splat(0f), s1 = s0;
        nint i = 0;
        for (; i + 2 * T.Width <= count; i += 2 * T.Width)
        {
            s0 = T.Fma(T.Load(x + i), T.Load(y + i), s0);
            s1 = T.Fma(T.Load(x + i + T.Width), T.Load(y + i + T.Width), s1);
        }
        for (; i + T.Width <= count; i += T.Width) s0 = T.Fma(T.Load(x + i), T.Load(y + i), s0);
        float sum = T.Sum(s0 + s1);
        for (; i < count; i++) sum = float.MultiplyAddEstimate(x[i], y[i], sum);
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Column<T>(int row) where T : struct, ILane<T>
    {
        T even = T.Splat(0f), odd = even;
        float* a = _a.Pointer + (nint)row * _a.RowStride;
        int k = 0;
        for (; k + 2 <= _a.Columns; k += 2)
        {
            even = T.Fma(T.Load(a + (nint)k * _a.ColumnStride), T.Splat(_b[k * _bStride]), even);
            odd = T.Fma(T.Load(a + (nint)(k + 1) * _a.ColumnStride), T.Splat(_b[(k + 1) * _bStride]), odd);
        }
        if (k < _a.Columns) even = T.Fma(T.Load(a + (nint)k * _a.ColumnStride), T.Splat(_b[k * _bStride]), even);
        T.Store(_c + row, even + odd);
    }
}
