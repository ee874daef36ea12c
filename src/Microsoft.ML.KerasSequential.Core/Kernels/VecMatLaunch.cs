using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.KerasSequential.Numerics;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>
/// A row vector times a matrix, one sample through a layer: each weight is read once, so memory bandwidth is the limit.
/// Wide blocks of columns are summed in registers, so that rows are read in long pieces, and threads share the columns.
/// </summary>
internal sealed unsafe class VecMatLaunch : Launch
{
    /// <summary>Lanes of one block.</summary>
    const int Lanes = 8;

    /// <summary>The number of matrix values that justify starting a thread.</summary>
    const int ValuesPerChunk = 32 * 1024;

    readonly Matrix _a, _b;
    readonly float* _c;
    readonly ElementwiseLoop? _epilogue;
    readonly int _columnsPerChunk;

    public VecMatLaunch(Matrix a, Matrix b, nint c, ElementwiseLoop? epilogue)
    {
        (_a, _b, _epilogue) = (a, b, epilogue);
        _c = (float*)c;
        int block = Lanes * MatMulKernel.LaneWidth, wanted = ValuesPerChunk / Math.Max(1, b.Rows);
        _columnsPerChunk = Math.Max(1, (wanted + block - 1) / block) * block;
        Chunks = (b.Columns + _columnsPerChunk - 1) / _columnsPerChunk;
    }

    public override void Run(int chunk, float* scratch)
    {
        int column = chunk * _columnsPerChunk, end = Math.Min(column + _columnsPerChunk, _b.Columns);
        if (Vector512.IsHardwareAccelerated) Columns<Lane512>(column, end);
        else if (Vector256.IsHardwareAccelerated) Columns<Lane256>(column, end);
        else if (Vector128.IsHardwareAccelerated) Columns<Lane128>(column, end);
        else Columns<LaneScalar>(column, end);
        _epilogue?.Run(0, 1, column, end);
    }

    void Columns<T>(int column, int end) where T : struct, ILane<T>
    {
        for (; column + Lanes * T.Width <= end; column += Lanes * T.Width) Block<T>(column);
        for (; column + T.Width <= end; column += T.Width) Lane<T>(column);
        for (; column < end; column++) Lane<LaneScalar>(column);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Block<T>(int column) where T : struct, ILane<T>
    {
        T s0 = T.Splat(0f), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
        float* b = _b.Pointer + column;
        float* a = _a.Pointer;
        for (int k = _b.Rows; k > 0; k--, a += _a.ColumnStride, b += _b.RowStride)
        {
            T x = T.Splat(*a);
            s0 = T.Fma(T.Load(b), x, s0);
            s1 = T.Fma(T.Load(b + T.Width), x, s1);
            s2 = T.Fma(T.Load(b + 2 * T.Width), x, s2);
            s3 = T.Fma(T.Load(b + 3 * T.Width), x, s3);
            s4 = T.Fma(T.Load(b + 4 * T.Width), x, s4);
            s5 = T.Fma(T.Load(b + 5 * T.Width), x, s5);
            s6 = T.Fma(T.Load(b + 6 * T.Width), x, s6);
            s7 = T.Fma(T.Load(b + 7 * T.Width), x, s7);
        }
        float* c = _c + column;
        T.Store(c, s0);
        T.Store(c + T.Width, s1);
        T.Store(c + 2 * T.Width, s2);
        T.Store(c + 3 * T.Width, s3);
        T.Store(c + 4 * T.Width, s4);
        T.Store(c + 5 * T.Width, s5);
        T.Store(c + 6 * T.Width, s6);
        T.Store(c + 7 * T.Width, s7);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Lane<T>(int column) where T : struct, ILane<T>
    {
        T even = T.Splat(0f), odd = even;
        float* b = _b.Pointer + column;
        float* a = _a.Pointer;
        int k = 0;
        for (; k + 2 <= _b.Rows; k += 2, a += 2 * _a.ColumnStride, b += 2 * (nint)_b.RowStride)
        {
            even = T.Fma(T.Load(b), T.Splat(*a), even);
            odd = T.Fma(T.Load(b + _b.RowStride), T.Splat(a[_a.ColumnStride]), odd);
        }
        if (k < _b.Rows) even = T.Fma(T.Load(b), T.Splat(*a), even);
        T.Store(_c + column, even + odd);
    }
}
