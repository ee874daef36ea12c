using System.Runtime.Intrinsics;

namespace Microsoft.ML.KerasSequential.Graphs;

/// <summary>How the values of a tensor are stored. What a run computes is float32; weights can be packed.</summary>
internal enum ValueFormat
{
    /// <summary>4 bytes each.</summary>
    Float32,

    /// <summary>Integers from −128 to 127 in 1 byte each.</summary>
    Int8,
}

/// <summary>Packs values into float32 words, which all memory consists of, and unpacks them.</summary>
internal static unsafe class ValueFormats
{
    /// <summary>The bytes of one value.</summary>
    public static int Bytes(this ValueFormat format) => format switch
    {
        ValueFormat.Int8 => sizeof(sbyte),
        _ => sizeof(float),
    };

    /// <summary>The number of float32 words that hold a number of values.</summary>
    public static int Words(this ValueFormat format, int values)
    {
        int perWord = sizeof(float) / format.Bytes();
        return values / perWord + (values % perWord > 0 ? 1 : 0);
    }

    /// <summary>Whether a format can hold a value exactly.</summary>
    public static bool Holds(this ValueFormat format, float value) => format switch
    {
        ValueFormat.Int8 => value is >= sbyte.MinValue and <= sbyte.MaxValue && value == MathF.Floor(value),
        _ => true,
    };

    /// <summary>Packs values; what a format cannot hold becomes the nearest value that it can.</summary>
    public static void Pack(this ValueFormat format, ReadOnlySpan<float> values, float* target)
    {
        switch (format)
        {
            case ValueFormat.Int8:
                ToIntegers(values, new((sbyte*)target, values.Length));
                break;
            default:
                values.CopyTo(new(target, values.Length));
                break;
        }
    }

    /// <summary>Unpacks values from a position on.</summary>
    public static void Unpack(this ValueFormat format, float* source, nint start, Span<float> values)
    {
        switch (format)
        {
            case ValueFormat.Int8:
                FromIntegers((sbyte*)source + start, values);
                break;
            default:
                new ReadOnlySpan<float>(source + start, values.Length).CopyTo(values);
                break;
        }
    }

    static void FromIntegers(sbyte* source, Span<float> values)
    {
        int i = 0, step = Vector128<sbyte>.Count;
        fixed (float* target = values)
        {
            for (; i + step <= values.Length; i += step)
            {
                (Vector128<short> low, Vector128<short> high) = Vector128.Widen(Vector128.Load(source + i));
                (Vector128<int> a, Vector128<int> b) = Vector128.Widen(low);
                (Vector128<int> c, Vector128<int> d) = Vector128.Widen(high);
                Vector128.ConvertToSingle(a).Store(target + i);
                Vector128.ConvertToSingle(b).Store(target + i + 4);
                Vector128.ConvertToSingle(c).Store(target + i + 8);
                Vector128.ConvertToSingle(d).Store(target + i + 12);
            }
        }
        for (; i < values.Length; i++) values[i] = source[i];
    }

    /// <summary>Rounds to the nearest integers from −128 to 127; NaN becomes 0.</summary>
    static void ToIntegers(ReadOnlySpan<float> values, Span<sbyte> integers)
    {
        for (int i = 0; i < values.Length; i++) integers[i] = ToInteger(values[i]);
    }

    /// <summary>Rounds to the nearest integer from −128 to 127; NaN becomes 0.</summary>
    public static sbyte ToInteger(float value) => (sbyte)Math.Clamp(float.IsNaN(value) ? 0f : MathF.Round(value),
        sbyte.MinValue, sbyte.MaxValue);
}
