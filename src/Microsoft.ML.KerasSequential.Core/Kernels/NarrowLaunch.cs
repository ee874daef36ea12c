using System.Runtime.Intrinsics;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>
/// The rows of a float32 matrix as integers from −128 to 127, in groups padded with zeros, and the sums of each row.
/// </summary>
internal sealed unsafe class NarrowLaunch : Launch
{
    const int ValuesPerChunk = 16 * 1024;

    readonly float* _source;
    readonly byte* _target;
    readonly IntegerRows _rows;
    readonly int _rowsPerChunk;

    public NarrowLaunch(nint source, nint target, IntegerRows rows)
    {
        _source = (float*)source;
        _target = (byte*)target;
        _rows = rows;
        _rowsPerChunk = Math.Max(1, ValuesPerChunk / Math.Max(1, rows.Size.Inner));
        Chunks = (rows.Size.Rows + _rowsPerChunk - 1) / _rowsPerChunk;
    }

    public override void Run(int chunk, float* scratch)
    {
        int start = chunk * _rowsPerChunk, end = Math.Min(start + _rowsPerChunk, _rows.Size.Rows);
        int* sums = (int*)(_target + _rows.SumsAt);
        int inner = _rows.Size.Inner, block = IntegerSize.MaxGroups * IntegerSize.Group;
        for (int row = start; row < end; row++)
        {
            byte* target = _target + (nint)row * _rows.Width;
            new Span<byte>(target, _rows.Width).Clear();
            float* source = _source + (nint)row * inner;
            for (int i = 0; i < _rows.Size.Blocks; i++)
            {
                int from = i * block, count = Math.Min(block, inner - from);
                sums[row * _rows.Size.Blocks + i] = _rows.Path == IntegerPath.Bytes
                    ? ToBytes(source + from, (sbyte*)target + from, count)
                    : ToShorts(source + from, (short*)target + from, count);
            }
        }
    }

    static int ToBytes(float* source, sbyte* target, int count)
    {
        int i = 0;
        Vector128<int> sums = default;
        for (; i + 16 <= count; i += 16)
        {
            Vector128<int> a = Whole(source + i), b = Whole(source + i + 4), c = Whole(source + i + 8),
                d = Whole(source + i + 12);
            sums += a + b + (c + d);
            Vector128.Narrow(Vector128.Narrow(a, b), Vector128.Narrow(c, d)).Store(target + i);
        }
        int sum = Vector128.Sum(sums);
        for (; i < count; i++) sum += target[i] = ValueFormats.ToInteger(source[i]);
        return sum;
    }

    static Vector128<int> Whole(float* source)
    {
        Vector128<float> x = Vector128.Load(source);
        x &= Vector128.Equals(x, x).AsSingle();
        x = Vector128.Min(Vector128.Max(x, Vector128.Create(-128f)), Vector128.Create(127f));
        return Vector128.ConvertToInt32(Vector128.Round(x));
    }

    static int ToShorts(float* source, short* target, int count)
    {
        int sum = 0;
        for (int i = 0; i < count; i++) sum += target[i] = ValueFormats.ToInteger(source[i]);
        return sum;
    }
}
