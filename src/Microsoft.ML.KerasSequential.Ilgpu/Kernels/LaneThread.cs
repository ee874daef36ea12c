using System.Runtime.CompilerServices;
using Microsoft.ML.KerasSequential.Numerics;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>
/// The value of a GPU thread: the lane that the CPU's expressions run on here. It uses only operations that all of
/// ILGPU's compilers support, so nothing becomes a call or an approximation; multiply-adds stay separate, because the
/// drivers' compilers fuse them.
/// </summary>
internal readonly unsafe struct LaneThread(float v) : ILane<LaneThread>
{
    /// <summary>From here on, float32 numbers are integers.</summary>
    const float WholeFrom = 8388608f;

    readonly float v = v;

    public static int Width => 1;

    [MethodImpl(Inline)] public static LaneThread Splat(float value) => new(value);
    [MethodImpl(Inline)] public static LaneThread Load(float* source) => new(*source);
    [MethodImpl(Inline)] public static void Store(float* target, LaneThread value) => *target = value.v;

    [MethodImpl(Inline)] public static LaneThread operator +(LaneThread a, LaneThread b) => new(a.v + b.v);
    [MethodImpl(Inline)] public static LaneThread operator -(LaneThread a, LaneThread b) => new(a.v - b.v);
    [MethodImpl(Inline)] public static LaneThread operator *(LaneThread a, LaneThread b) => new(a.v * b.v);
    [MethodImpl(Inline)] public static LaneThread operator /(LaneThread a, LaneThread b) => new(a.v / b.v);
    [MethodImpl(Inline)] public static LaneThread operator -(LaneThread a) => new(-a.v);

    [MethodImpl(Inline)] public static LaneThread Fma(LaneThread a, LaneThread b, LaneThread c) => new(a.v * b.v + c.v);

    // The minimum and maximum instructions of GPUs lose NaN.
    [MethodImpl(Inline)]
    public static LaneThread Min(LaneThread a, LaneThread b) =>
        new(float.IsNaN(a.v) ? a.v : a.v < b.v ? a.v : b.v);
    [MethodImpl(Inline)]
    public static LaneThread Max(LaneThread a, LaneThread b) =>
        new(float.IsNaN(a.v) ? a.v : a.v > b.v ? a.v : b.v);
    [MethodImpl(Inline)]
    public static LaneThread AtMost(LaneThread bound, LaneThread value) =>
        new(bound.v < value.v ? bound.v : value.v);
    [MethodImpl(Inline)]
    public static LaneThread AtLeast(LaneThread bound, LaneThread value) =>
        new(bound.v > value.v ? bound.v : value.v);
    [MethodImpl(Inline)] public static LaneThread Abs(LaneThread a) => new(MathF.Abs(a.v));
    [MethodImpl(Inline)] public static LaneThread Sqrt(LaneThread a) => new(MathF.Sqrt(a.v));
    [MethodImpl(Inline)] public static LaneThread Floor(LaneThread a) => new(MathF.Floor(a.v));

    [MethodImpl(Inline)]
    public static LaneThread Round(LaneThread a)
    {
        // Adding the number above which there are no fractions rounds to even.
        float size = MathF.Abs(a.v), rounded = size + WholeFrom - WholeFrom;
        return new(size < WholeFrom ? WithSign(rounded, a.v) : a.v);
    }

    [MethodImpl(Inline)] public static LaneThread Less(LaneThread a, LaneThread b) => Mask(a.v < b.v);
    [MethodImpl(Inline)] public static LaneThread LessOrEqual(LaneThread a, LaneThread b) => Mask(a.v <= b.v);
    [MethodImpl(Inline)] public static LaneThread Equal(LaneThread a, LaneThread b) => Mask(a.v == b.v);
    [MethodImpl(Inline)]
    public static LaneThread Select(LaneThread mask, LaneThread yes, LaneThread no) =>
        new(Bits(mask.v) != 0 ? yes.v : no.v);
    [MethodImpl(Inline)] public static bool Any(LaneThread mask) => Bits(mask.v) != 0;
    [MethodImpl(Inline)] public static LaneThread CopySign(LaneThread a, LaneThread sign) => new(WithSign(a.v, sign.v));

    [MethodImpl(Inline)]
    public static LaneThread ScaleB(LaneThread a, LaneThread n)
    {
        int whole = (int)n.v, half = whole >> 1;
        return new(a.v * Power(half) * Power(whole - half));
    }

    [MethodImpl(Inline)]
    public static LaneThread Exponent(LaneThread a) =>
        new((Bits(a.v) >> FloatBits.MantissaBits) - FloatBits.HalfExponent);

    [MethodImpl(Inline)]
    public static LaneThread Mantissa(LaneThread a) =>
        new(BitConverter.Int32BitsToSingle((Bits(a.v) & FloatBits.MantissaMask) | FloatBits.HalfBits));

    [MethodImpl(Inline)]
    public static (LaneThread Left, LaneThread Quarters) QuarterTurns(LaneThread x)
    {
        float rest = Numerics.QuarterTurns.Of(x.v, out float quarters);
        return (new(rest), new(quarters));
    }

    [MethodImpl(Inline)] public static LaneThread Pow(LaneThread x, LaneThread y) => new(PowerFunction.Of(x.v, y.v));
    [MethodImpl(Inline)] public static float Sum(LaneThread a) => a.v;
    [MethodImpl(Inline)] public static float MaxAcross(LaneThread a) => a.v;

    [MethodImpl(Inline)] static LaneThread Mask(bool value) => new(BitConverter.Int32BitsToSingle(value ? -1 : 0));
    [MethodImpl(Inline)] static int Bits(float value) => BitConverter.SingleToInt32Bits(value);
    [MethodImpl(Inline)]
    static float WithSign(float value, float sign) =>
        BitConverter.Int32BitsToSingle((Bits(value) & int.MaxValue) | (Bits(sign) & int.MinValue));
    [MethodImpl(Inline)]
    static float Power(int n) =>
        BitConverter.Int32BitsToSingle((n + FloatBits.Bias) << FloatBits.MantissaBits);

    const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
}
